/** The whole app over HTTP, as a browser reaches it. */
import { join } from 'node:path';
import { readEnvironment } from '../../main/app/environment.ts';
import { serveApp, type Served } from '../../main/serve.ts';

export interface ServedApp extends Pick<Served, 'startApi'> {
  readonly origin: string;
  readonly token: string;
  /** Calls a route; throws the error of its answer. */
  call<T>(route: string, input?: object): Promise<T>;
  close(): Promise<void>;
}

/**
 * Serves the app over `data`, `cache` and `home` in `folder`. It is offline unless `variables`, its environment, say
 * otherwise.
 */
export async function serveFolder(
  folder: string,
  variables: Readonly<Record<string, string>> = { HEARTH_OFFLINE: '1' },
): Promise<ServedApp> {
  const environment = readEnvironment(
    { HEARTH_DATA_DIR: join(folder, 'data'), HEARTH_CACHE_DIR: join(folder, 'cache'), ...variables },
    join(folder, 'home'),
  );
  const served = await serveApp(environment, 0);
  const { origin, hash } = new URL(served.url);
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
  return {
    origin,
    token,
    startApi: served.startApi,
    async call<T>(route: string, input: object = {}) {
      const answer = await fetch(`${origin}/rpc/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(input),
      });
      const body = (await answer.json()) as T & { error?: { code: string; message: string } };
      if (!answer.ok && body?.error) throw Object.assign(new Error(body.error.message), body.error);
      return body;
    },
    close: () => served.close(),
  };
}
