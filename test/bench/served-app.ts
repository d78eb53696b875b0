/** The app as a user starts it, with a client on the same WebSocket that the page uses. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { HearthClient } from '../../preload/contract/contract.ts';
import { connectTo } from '../support/app-client.ts';

export interface BenchApp {
  readonly client: HearthClient;
  /** What a browser opens, with the token. */
  readonly address: string;
  /** From the start of the process to its ready line. */
  readonly startToReadyMs: number;
  /** Ends the process and starts it again on the same folders. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface StartedApp extends Pick<BenchApp, 'client' | 'address' | 'startToReadyMs'> {
  readonly app: ChildProcess;
}

async function start(folder: string): Promise<StartedApp> {
  const started = performance.now();
  const app = spawn(
    process.execPath,
    [path.join(import.meta.dirname, '../../main/start.mjs'), '--serve', '--port', '0'],
    {
      env: { ...process.env, HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_CACHE_DIR: path.join(folder, 'cache') },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const url = await new Promise<URL>((resolve, reject) => {
    let said = '';
    app.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const match = /ready: (\S+)/.exec(said)?.[1];
      if (match) resolve(new URL(match));
    });
    app.once('exit', () => reject(new Error(`The app ended: ${said}`)));
  });
  const startToReadyMs = performance.now() - started;
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
  const { client } = await connectTo({ origin: url.origin, token });
  return { app, client, address: url.href, startToReadyMs };
}

async function end(app: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => app.once('exit', resolve));
  app.kill('SIGTERM');
  await gone;
}

/** Starts on `folder`/data and `folder`/cache. */
export async function serveForBench(folder: string): Promise<BenchApp> {
  let running = await start(folder);
  return {
    get client() {
      return running.client;
    },
    get address() {
      return running.address;
    },
    get startToReadyMs() {
      return running.startToReadyMs;
    },
    async restart() {
      await end(running.app);
      running = await start(folder);
    },
    close: () => end(running.app),
  };
}
