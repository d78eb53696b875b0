/** What the http shell refuses and cuts, whatever the app behind it does. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { startHttpShell, type HttpShell } from './http.ts';

const token = 'a-token';
const authorization = `Bearer ${token}`;

async function start(): Promise<{ shell: HttpShell; imported: string[] }> {
  const imported: string[] = [];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-guards-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'page.js'), '');
  const shell = await startHttpShell({
    app: {
      handlers: { 'jobs.watch': () => {}, 'library.rescan': () => null } as unknown as HearthHandlers,
      onFailure: () => {},
      async importFile(name) {
        imported.push(name);
        return { modelId: name };
      },
    },
    pageFolder: folder,
    port: 0,
    token,
  });
  onTestFinished(() => shell.close());
  return { shell, imported };
}

it('takes a file only with the token', async () => {
  const { shell, imported } = await start();
  const send = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${shell.origin}/import/a.gguf`, { method: 'POST', headers, body: 'GGUF' });
  for (const headers of [{}, { authorization: 'Bearer other' }]) expect((await send(headers)).status).toBe(401);
  expect(imported).toEqual([]);
  expect((await send({ authorization })).status).toBe(200);
  expect(imported).toEqual(['a.gguf']);
});

it('gives files of the page to GET and HEAD alone', async () => {
  const { shell } = await start();
  const file = `${shell.origin}/page.js`;
  for (const method of ['GET', 'HEAD']) expect((await fetch(file, { method })).status, method).toBe(200);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    expect((await fetch(file, { method })).status, method).toBe(404);
});

it('tells browsers with every answer to take it for nothing else', async () => {
  const { shell } = await start();
  const post = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${shell.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  const answers = [
    await post('/rpc/library.rescan', { authorization }),
    await post('/rpc/library.rescan', {}),
    await post('/rpc/none', { authorization }),
    await fetch(`${shell.origin}/page.js`),
    await fetch(`${shell.origin}/none`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 200, 404]);
  for (const { url, headers } of answers) expect(headers.get('x-content-type-options'), url).toBe('nosniff');
});

it('cuts a WebSocket that answers no ping, and no other', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { shell } = await start();
  const open = async (autoPong: boolean): Promise<WebSocket> => {
    const socket = new WebSocket(shell.origin.replace('http', 'ws') + '/rpc', ['hearth', token], { autoPong });
    await once(socket, 'open');
    return socket;
  };
  const silent = await open(false);
  const alive = await open(true);
  const closed = once(silent, 'close');
  for (let round = 0; round < 3; round++) {
    const pinged = once(alive, 'ping');
    vi.advanceTimersByTime(20_000);
    await pinged;
    // Its answer is there before the next ping is due.
    await fetch(`${shell.origin}/page.js`);
  }
  expect(await closed).toEqual([1006, expect.anything()]);
  expect(alive.readyState).toBe(WebSocket.OPEN);
});
