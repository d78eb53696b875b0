/** The app with its API server on, as programs reach it. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { serveFolder, type ServedApp } from './app-setup.ts';

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly app: ServedApp;
  /** The folder with the app's data and cache. */
  readonly folder: string;
  /** Sends JSON, or asks with GET where there is no body. */
  ask(
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: any; headers: Headers }>; // eslint-disable-line @typescript-eslint/no-explicit-any -- answers of every dialect
  /** Ends the app and starts it again on the same folders, without starting its server. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface ApiServerOptions {
  /** Fills the empty folder before the app starts. */
  readonly prepare?: (folder: string) => Promise<void> | void;
  /** The environment; offline without one. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly key?: string;
}

/** Starts the server on a free port over empty folders, with the model that ships with Hearth. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-api-'));
  await options.prepare?.(folder);
  let app = await serveFolder(folder, options.variables);
  const { address } = await app.startApi({ port: 0, ...(options.key !== undefined && { key: options.key }) });
  if (address === null) throw new Error('The API server has no address.');
  return {
    ...{ address, folder },
    get app() {
      return app;
    },
    async restart() {
      await app.close();
      app = await serveFolder(folder, options.variables);
    },
    async ask(route, body, headers = {}) {
      const answer = await fetch(`${address}${route}`, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      });
      const text = await answer.text();
      let read: unknown = text;
      try {
        read = JSON.parse(text);
      } catch {
        // A stream, or plain text.
      }
      return { status: answer.status, body: read, headers: answer.headers };
    },
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
