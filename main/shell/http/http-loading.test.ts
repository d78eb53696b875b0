/** The http shell while its routes load, which they do with the first request for one. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { startHttpShell, type HttpShell } from './http.ts';
import type * as routesModule from './routes.ts';

/** Calls `begin` before the routes load, which they do once they have not failed. */
function beforeLoading(begin: () => Promise<void>): void {
  vi.resetModules();
  vi.doMock(import('./routes.ts'), async (original): Promise<typeof routesModule> => {
    await begin();
    return await original();
  });
  onTestFinished(() => void vi.doUnmock('./routes.ts'));
}

const token = 'a-token';

async function start(): Promise<HttpShell> {
  const shell = await startHttpShell({
    app: { handlers: { 'library.rescan': () => null } as unknown as HearthHandlers, onFailure: () => {} },
    ...{ pageFolder: import.meta.dirname, port: 0, token },
  });
  onTestFinished(() => shell.close());
  return shell;
}

const call = async (shell: HttpShell): Promise<number> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${shell.origin}/rpc/library.rescan`, { method: 'POST', headers, body: '{}' });
  return answer.status;
};

it('serves the next call after routes that did not load, as where too many files are open', async () => {
  const shell = await start();
  let tries = 0;
  beforeLoading(() => (tries++ === 0 ? Promise.reject(new Error('EMFILE')) : Promise.resolve()));
  expect([await call(shell), await call(shell), tries]).toEqual([500, 200, 2]);
});

it('takes no WebSocket that came before its end, and whose routes load after it', async () => {
  const loaded = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  beforeLoading(() => {
    asked.resolve();
    return loaded.promise;
  });
  const shell = await start();
  const socket = new WebSocket(shell.origin.replace('http', 'ws') + '/rpc', ['hearth', token]);
  const said: string[] = [];
  const gone = new Promise<void>((resolve) => {
    socket.on('open', () => said.push('open'));
    socket.on('error', () => said.push('refused'));
    socket.on('close', () => resolve());
  });
  await asked.promise;
  const closed = shell.close();
  loaded.resolve();
  await gone;
  await closed;
  expect(said).toEqual(['refused']);
});
