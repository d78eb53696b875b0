/** The headless entry: the app behind the http shell, for a browser on this machine. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { createLastResort } from './base/last-resort.ts';
import { createLog } from './base/log.ts';
import { createApp, type App } from './app/app.ts';
import { createConvertChildren } from './app/convert-children.ts';
import type { Environment } from './app/environment.ts';
import { buildStale } from './app/bundles.ts';
import { checkoutLayout, checkoutRoot } from './app/layout.ts';
import { startHttpShell } from './shell/http/http.ts';
import { createSpawnChild } from './process/spawn-child.ts';

/** A failing app may also fail to close. */
const CLOSE_LIMIT_MS = 5000;
/** The port is fixed, so that an open tab finds the app again after a restart, and says that it needs the new address. */
const PORT = 4735;

export interface Served extends Pick<App, 'startApi'> {
  readonly url: string;
  /** Something failed that nothing handled. */
  onUnexpected(error: unknown): void;
  close(): Promise<void>;
}

/**
 * Starts the app and its shell. Without `port` the default one is used, or any free one when that is in use. The token is another one at
 * each start, so that one that was seen is soon of no use.
 */
export async function serveApp(
  environment: Environment,
  port: number | null = null,
  token = randomBytes(24).toString('base64url'),
): Promise<Served> {
  const layout = checkoutLayout();
  // An error of the start is also thrown, and the caller prints it.
  let isStarted = false;
  const app = createApp({
    shell: 'http',
    version: manifest.version,
    environment,
    migrationsFolder: layout.migrationsFolder,
    builtInModelPath: layout.builtInModelPath,
    measuredTextPath: layout.measuredTextPath,
    spawnChild: createSpawnChild(
      layout.nodePath,
      layout.engineChildPath,
      path.join(environment.dataFolder, 'states'),
      environment.inspectChildPort,
    ),
    convertChildren: createConvertChildren(layout),
    seal: null,
    pickFolder: null,
    log: createLog({
      folder: path.join(environment.dataFolder, 'logs'),
      level: environment.logLevel,
      echo: (level, text) => {
        if (level === 'warn' || (level === 'error' && isStarted)) console.error(text);
      },
    }),
  });
  isStarted = true;
  const listen = (on: number) => startHttpShell({ app, pageFolder: layout.pageFolder, port: on, token });
  try {
    const shell = await listen(port ?? PORT).catch((error: NodeJS.ErrnoException) => {
      if (port === null && error.code === 'EADDRINUSE') return listen(0);
      throw error;
    });
    return {
      url: shell.url,
      startApi: app.startApi,
      onUnexpected: app.onUnexpected,
      async close() {
        await shell.close();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The same for a checkout and a process of its own: builds a stale page or engine child first, and outlives what nothing handles. */
export async function serveCheckout(environment: Environment, port: number | null): Promise<Served> {
  await buildStale(checkoutRoot, ['page', 'engine']);
  const served = await serveApp(environment, port);
  outliveErrors(served);
  return served;
}

/** From now on this process goes on after an error that nothing handled, and ends in order where they do not stop. */
export function outliveErrors(served: Pick<Served, 'onUnexpected' | 'close'>): void {
  process.on(
    'uncaughtException',
    createLastResort({
      tell: served.onUnexpected,
      end() {
        console.error('Hearth ends, because it failed again and again. The log has the reasons.');
        setTimeout(() => process.exit(1), CLOSE_LIMIT_MS);
        void served.close().finally(() => process.exit(1));
      },
    }),
  );
}
