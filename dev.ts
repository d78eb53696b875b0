/**
 * `npm run dev`: the app in a browser while it is written. Vite serves the page and replaces what was changed in it; main runs from its
 * source behind it, and starts again after a change below `main` or `preload`. `--port` is the page's, 5173 unless it is taken.
 *
 * Main's checks hold as ever. Requests for main go through Vite, which gives them main's name in place of its own in Host and Origin:
 * what comes under any other name reaches main as it is, and main refuses it. The page has the token from the printed address, and main
 * keeps it when it is started again.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ProxyOptions } from 'vite';
import { readEnvironment } from './main/app/environment.ts';
import { createInterrupt } from './main/base/interrupt.ts';
import { isAppError } from './preload/wire/errors.ts';

const root = import.meta.dirname;
/** Editors write a file in several steps, and several files at once. */
const SETTLE_MS = 150;

/** In the child: main, until it is told to end. */
async function runMain(port: number): Promise<void> {
  // Ctrl+C reaches every process of the terminal. The parent closes this one, which has replies to store first.
  process.on('SIGINT', () => {});
  // Not in the arguments, which every user of the machine can read.
  const [token] = (await once(process, 'message')) as [string];
  const { outliveErrors, serveApp } = await import('./main/serve.ts');
  const served = await serveApp(readEnvironment(), port, token).catch((error: unknown) => {
    console.error(isAppError(error) ? error.message : error);
    process.exit(1);
  });
  outliveErrors(served);
  const end = (): void => void served.close().finally(() => process.exit(0));
  process.on('SIGTERM', end).on('disconnect', end);
  if (!process.connected) end(); // the parent went while main started
  process.send?.(served.url);
}

interface Main {
  /** With the token; the port stays the same. */
  readonly url: string;
  /** Ends main and starts it from its new source. Main that does not start is started at the next call. */
  restart(): Promise<void>;
  close(): Promise<void>;
  /** Ends main at once. What it was writing is marked as interrupted at its next start. */
  kill(): void;
}

/** Null when main does not start. */
async function startMain(): Promise<Main | null> {
  let child: ChildProcess | undefined;
  const token = randomBytes(24).toString('base64url');
  const start = (port: string): Promise<string | null> =>
    new Promise((resolve) => {
      const started = fork(import.meta.filename, ['--main', port], { cwd: root });
      child = started;
      started.send(token);
      started.once('message', (url: string) => resolve(url));
      // What is wrong with it stands above, on standard error.
      started.once('exit', () => resolve(null));
    });
  const end = async (): Promise<void> => {
    const ended = child;
    if (!ended || ended.exitCode !== null || ended.signalCode !== null) return;
    const gone = new Promise((resolve) => ended.once('exit', resolve));
    ended.kill('SIGTERM');
    await gone;
  };
  const url = await start('0');
  if (url === null) return null;
  let work: Promise<void> = Promise.resolve();
  return {
    url,
    restart() {
      work = work.then(async () => {
        await end();
        console.log((await start(new URL(url).port)) === null ? 'Main did not start.' : 'Main has started again.');
      });
      return work;
    },
    async close() {
      await work;
      await end();
    },
    kill: () => void child?.kill('SIGKILL'),
  };
}

/** Calls `onChange` some moments after TypeScript or SQL below the folders was changed; tests do not count. */
function watchSources(folders: readonly string[], onChange: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  for (const folder of folders)
    watch(path.join(root, folder), { recursive: true }, (_event, name) => {
      if (name === null || !/\.(ts|sql)$/.test(name) || /\.test\.ts$/.test(name)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, SETTLE_MS);
    });
}

/** Passes on to main, in whose eyes this server's own names are main's. */
function toMain(mainUrl: string, ownPort: () => number): ProxyOptions {
  const { origin, host } = new URL(mainUrl);
  const translate = (request: ClientRequest, { headers }: IncomingMessage): void => {
    const own = ['127.0.0.1', 'localhost'].map((name) => `${name}:${ownPort()}`);
    if (own.includes(headers.host ?? '')) request.setHeader('host', host);
    if (own.some((name) => headers.origin === `http://${name}`)) request.setHeader('origin', origin);
  };
  return {
    target: origin,
    ws: true,
    configure: (proxy) => void proxy.on('proxyReq', translate).on('proxyReqWs', translate),
  };
}

async function runDev(port: number): Promise<void> {
  const main = await startMain();
  if (main === null) {
    process.exitCode = 1;
    return;
  }
  const { createServer } = await import('vite');
  let ownPort = 0;
  const proxy = toMain(main.url, () => ownPort);
  const page = await createServer({
    configFile: path.join(root, 'vite.config.ts'),
    root: path.join(root, 'renderer'),
    cacheDir: path.join(root, 'dist/vite'),
    server: {
      host: '127.0.0.1',
      port,
      strictPort: port !== 5173,
      cors: false,
      proxy: {
        '/rpc': proxy,
        '/import/': proxy,
      },
    },
  });
  await page.listen();
  const address = page.httpServer?.address();
  ownPort = typeof address === 'object' && address !== null ? address.port : port;
  watchSources(['main', 'preload'], () => void main.restart());
  console.log(`Hearth is ready: http://127.0.0.1:${ownPort}/${new URL(main.url).hash}`);
  const interrupt = createInterrupt(
    () => {
      // Main first: what it does at its end may still be shown.
      void main
        .close()
        .then(() => page.close())
        .finally(() => process.exit(0));
    },
    () => {
      main.kill(); // a second Ctrl+C: do not wait
      process.exit(130);
    },
  );
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
}

const { values } = parseArgs({ options: { main: { type: 'string' }, port: { type: 'string', default: '5173' } } });
if (values.main !== undefined) await runMain(Number(values.main));
else await runDev(Number(values.port));
