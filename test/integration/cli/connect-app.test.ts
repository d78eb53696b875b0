/** A command and what `control.json` says of an app, on real servers. The door is the app's own, with handlers of the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { readControl, writeControl, type Control } from '../../../main/app/control.ts';
import { openDoor } from '../../../main/shell/http/door.ts';
import { connectApp, connectAppOfCache } from '../../../main/cli/running-app.ts';

const version = '1.2.3';

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'hearth-running-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function door(dataFolder: string, handlers: Partial<HearthHandlers> = {}): ReturnType<typeof openDoor> {
  const opened = await openDoor({
    app: { handlers: handlers as HearthHandlers, onFailure: () => {} },
    ...{ dataFolder, version, owner: 'desktop' },
  });
  onTestFinished(() => opened.close());
  return opened;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A data folder whose file names another program's port. */
async function foreign(answer: RequestListener): Promise<{ dataFolder: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(JSON.stringify([request.url, request.headers]));
    answer(request, response);
  });
  server.on('upgrade', (request, socket) => {
    asked.push(JSON.stringify([request.url, request.headers]));
    socket.destroy();
  });
  const dataFolder = folder();
  write(dataFolder, await listen(server));
  return { dataFolder, asked };
}
const secret = 'the-token-of-a-killed-app';
function write(dataFolder: string, origin: string, pid = process.pid): void {
  const left: Control = { origin, token: secret, pid, version, owner: 'browser' };
  writeControl(dataFolder, left);
}

it('finds the app, calls its routes, and hears when it ends', async () => {
  const dataFolder = folder();
  expect(await connectApp({ dataFolder }, version)).toBeNull();
  const opened = await door(dataFolder, { 'library.modelPath': async ({ modelId }) => ({ path: `/${modelId}` }) });
  const app = await connectApp({ dataFolder }, version);
  expect([app?.owner, app?.pid]).toEqual(['desktop', process.pid]);
  expect(await app?.client.call('library.modelPath', { modelId: 'a/b/c' })).toEqual({ path: '/a/b/c' });
  await expect(app?.client.call('library.modelPath', { modelId: '../b' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  const waiting = app?.client.call('library.rescan', {});
  await opened.close();
  await expect(waiting).rejects.toThrow();
  expect(readControl(dataFolder)).toBeNull();
  expect(await connectApp({ dataFolder }, version)).toBeNull();
});

it('says both versions where the app is another one', async () => {
  const dataFolder = folder();
  await door(dataFolder);
  await expect(connectApp({ dataFolder }, '9.9.9')).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/1\.2\.3 .* 9\.9\.9/),
  });
});

it('serves no page, and nothing without the token', async () => {
  const dataFolder = folder();
  await door(dataFolder);
  const { origin, token = '' } = readControl(dataFolder) ?? { origin: '' };
  expect((await fetch(`${origin}/`)).status).toBe(404);
  const call = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${origin}/rpc/library.rescan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  expect((await call({})).status).toBe(401);
  expect((await call({ authorization: 'Bearer other' })).status).toBe(401);
  for (const challenge of ['', 'x', 'ab'.repeat(100)])
    expect((await fetch(`${origin}/control/${challenge}`)).status).toBe(400);
  const answer = await (await fetch(`${origin}/control/${'ab'.repeat(32)}`)).text();
  expect(answer).not.toContain(token);
});

it('knows what a killed app has left: nobody listens, or nobody lives', async () => {
  const dataFolder = folder();
  const server = createSocketServer();
  const origin = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  write(dataFolder, origin);
  expect(await connectApp({ dataFolder }, version)).toBeNull();
  // The largest pid of Linux is 4,194,304.
  write(dataFolder, origin, 2 ** 31 - 1);
  expect(await connectApp({ dataFolder }, version)).toBeNull();
});

it.each<[string, RequestListener]>([
  ['no app', (_, response) => void response.writeHead(404).end('<html>')],
  [
    'an app that has another token',
    (_, response) => void response.end(JSON.stringify({ pid: 1, proof: 'ab'.repeat(32) })),
  ],
  [
    'an endless answer',
    (request, response) => {
      const more = setInterval(() => response.write('x'.repeat(1000)), 1);
      request.once('close', () => clearInterval(more));
    },
  ],
  ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://example.org/' }).end()],
  ['a list', (_, response) => void response.end('[1]')],
  ['a connection that is cut', (request) => void request.socket.destroy()],
])('tells no token to another program on its port: %s', async (_, answer) => {
  const { dataFolder, asked } = await foreign(answer);
  expect(await connectApp({ dataFolder }, version)).toBeNull();
  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toContain(secret);
});

it('waits for a silent program until it is interrupted', async () => {
  const abort = new AbortController();
  const { dataFolder } = await foreign(() => abort.abort());
  expect(await connectApp({ dataFolder }, version, abort.signal)).toBeNull();
});

it('is not asked for the models of another cache', async () => {
  const dataFolder = folder();
  await door(dataFolder, {
    async *'settings.watch'() {
      yield { cacheFolder: { current: { path: '/cache/of/the/app' } } } as never;
    },
  });
  const connect = async (cache: string | null): Promise<boolean> => {
    const cacheFolder = cache === null ? null : { path: cache, variable: 'HF_HOME' };
    const app = await connectAppOfCache({ dataFolder, cacheFolder }, version);
    app?.close();
    return app !== null;
  };
  expect(await connect(null)).toBe(true);
  expect(await connect('/cache/of/the/app/')).toBe(true);
  expect(await connect('/another')).toBe(false);
});
