/** The headless entry: the app behind the http shell, for a browser on this machine. */
import path from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { encodeError } from '../preload/wire/errors.ts';
import { createLastResort } from './base/last-resort.ts';
import { createLog } from './base/log.ts';
import { createApp, type App } from './app/app.ts';
import { removeControl, writeControl } from './app/control.ts';
import { createConvertChildren } from './app/convert-children.ts';
import type { Environment } from './app/environment.ts';
import { buildStale } from './app/bundles.ts';
import { checkoutLayout, checkoutRoot } from './app/layout.ts';
import { newToken, openDoor } from './shell/http/door.ts';
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

interface Opening {
  /** For a command, which has its own words, and loads models when they are used. */
  readonly isQuiet: boolean;
  /** As `AppOptions.startsApi`. */
  readonly startsApi: boolean;
}

/** The app of a checkout, without a shell. */
function openCheckoutApp(environment: Environment, { isQuiet, startsApi }: Opening): App {
  const layout = checkoutLayout();
  // An error of the start is also thrown, and the caller prints it.
  let isStarted = false;
  const app = createApp({
    shell: 'http',
    preloads: !isQuiet,
    startsApi,
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
        if (!isQuiet && (level === 'warn' || (level === 'error' && isStarted))) console.error(text);
      },
    }),
  });
  isStarted = true;
  return app;
}

/**
 * Starts the app and its shell. Without `port` the default one is used, or any free one when that is in use. With `startsApi` false the
 * API server waits for `startApi`.
 */
export async function serveApp(
  environment: Environment,
  port: number | null = null,
  token = newToken(),
  startsApi = true,
): Promise<Served> {
  const { dataFolder } = environment;
  const { pageFolder } = checkoutLayout();
  const app = openCheckoutApp(environment, { isQuiet: false, startsApi });
  const listen = (on: number) => startHttpShell({ app, pageFolder, port: on, token });
  try {
    const shell = await listen(port ?? PORT).catch((error: NodeJS.ErrnoException) => {
      if (port === null && error.code === 'EADDRINUSE') return listen(0);
      throw error;
    });
    try {
      const { origin } = shell;
      writeControl(dataFolder, { origin, token, pid: process.pid, version: manifest.version, owner: 'browser' });
    } catch (error) {
      console.error(`Commands cannot reach this app: ${encodeError(error).message}`);
    }
    return {
      url: shell.url,
      startApi: app.startApi,
      onUnexpected: app.onUnexpected,
      async close() {
        removeControl(dataFolder, token);
        await shell.close();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/**
 * The app for a command that needs the database while no app runs: other commands find it by its door. Its models are loaded when they are
 * used. @throws AppError `store.*`, `disk.*`.
 */
export async function openForCommand(environment: Environment): Promise<{ close(): Promise<void> }> {
  await buildStale(checkoutRoot, ['engine']);
  const app = openCheckoutApp(environment, { isQuiet: true, startsApi: true });
  try {
    const { dataFolder } = environment;
    const door = await openDoor({ app, dataFolder, version: manifest.version, owner: 'command' });
    return {
      async close() {
        await door.close();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The app with its shell for a checkout and a process of its own: builds a stale page or engine child first, and outlives what nothing handles. */
export async function serveCheckout(environment: Environment, port: number | null, startsApi = true): Promise<Served> {
  await buildStale(checkoutRoot, ['page', 'engine']);
  const served = await serveApp(environment, port, newToken(), startsApi);
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
