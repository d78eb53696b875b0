/** The http shell over handlers of the test: where it listens, and what it does when a caller goes. */
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { startHttpShell, type HttpShell } from './http.ts';
import { MAX_BODY_BYTES } from './request-body.ts';
import type { ShellApp } from './requests.ts';

const token = 'a-token';

async function start(
  app: { readonly handlers?: object } & Partial<Omit<ShellApp, 'handlers'>> = {},
): Promise<{ shell: HttpShell; port: number; failures: string[] }> {
  const failures: string[] = [];
  const shell = await startHttpShell({
    app: {
      onFailure: (route) => failures.push(route),
      ...app,
      handlers: (app.handlers ?? {}) as HearthHandlers,
    },
    pageFolder: import.meta.dirname,
    port: 0,
    token,
  });
  onTestFinished(() => shell.close());
  return { shell, port: Number(new URL(shell.origin).port), failures };
}

function post(port: number, path: string, headers: Record<string, string | number> = {}): ClientRequest {
  const sent = request({
    ...{ host: '127.0.0.1', port, path, method: 'POST' },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
  sent.on('error', () => {});
  return sent;
}
async function answerOf(sent: ClientRequest): Promise<{ status: number | undefined; body: unknown }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = (await response.setEncoding('utf8').toArray()).join('');
  return { status: response.statusCode, body: JSON.parse(text) as unknown };
}

/** True when a connection to this address is accepted. */
function isReachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on('connect', () => (socket.destroy(), resolve(true))).on('error', () => resolve(false));
  });
}

it('listens on the loopback address alone', async () => {
  const { port } = await start();
  const others = Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
  expect(await isReachable('127.0.0.1', port)).toBe(true);
  // 127.0.0.2 is this machine as well on Linux; a server that listens on every address answers there.
  for (const host of ['127.0.0.2', '::1', ...others])
    expect([host, await isReachable(host, port)]).toEqual([host, false]);
});

it('aborts the handler of a call whose caller hangs up, and of no other', async () => {
  const begun = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<AbortSignal>()];
  let calls = 0;
  const ends = Promise.withResolvers<object>();
  const { port } = await start({
    handlers: {
      'system.info'(_: unknown, { signal }: { signal: AbortSignal }) {
        begun[calls++]?.resolve(signal);
        return ends.promise;
      },
    },
  });
  const [left, stays] = [post(port, '/rpc/system.info'), post(port, '/rpc/system.info')];
  left.end('{}');
  const first = await begun[0]?.promise;
  stays.end('{}');
  const second = await begun[1]?.promise;
  left.destroy();
  if (first?.aborted === false) await once(first, 'abort');
  expect([first?.aborted, second?.aborted]).toEqual([true, false]);
  const answer = answerOf(stays);
  ends.resolve({ version: '1' });
  expect(await answer).toEqual({ status: 200, body: { version: '1' } });
});

it('aborts the import of a file whose sender hangs up, and tells its end as no defect', async () => {
  const told = Promise.withResolvers<unknown>();
  const { port } = await start({
    async importFile(_name, body, _sizeBytes, signal) {
      for await (const _chunk of body);
      await once(signal, 'abort');
      return {} as never;
    },
    onFailure: (_route, error) => told.resolve(error),
  });
  const sent = post(port, '/import/x.gguf', { 'content-length': 1000 });
  sent.write('GGUF', () => sent.destroy());
  expect(await told.promise).toMatchObject({ code: 'cancelled' });
});

it('refuses a body that is too large, said or not, before it is there, and calls no handler', async () => {
  let calls = 0;
  const { port } = await start({ handlers: { 'system.info': () => (calls++, {}) } });
  const chunk = Buffer.alloc(1 << 20, ' ');
  // In chunks without a length, and never ended: the answer must come while the body is still being sent.
  const sent = post(port, '/rpc/system.info', { 'transfer-encoding': 'chunked' });
  const answer = answerOf(sent);
  for (let bytes = 0; bytes <= MAX_BODY_BYTES; bytes += chunk.length) sent.write(chunk);
  expect(await answer).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_input', data: { maxBytes: MAX_BODY_BYTES } } },
  });
  sent.destroy();
  expect(calls).toBe(0);
  // The largest one that is allowed passes.
  const largest = post(port, '/rpc/system.info');
  largest.end(Buffer.concat([Buffer.from('{}'), Buffer.alloc(MAX_BODY_BYTES - 2, ' ')]));
  expect(await answerOf(largest)).toMatchObject({ status: 200 });
  expect(calls).toBe(1);
});

it('closes a WebSocket with a message that is too large, and serves the next one', async () => {
  let calls = 0;
  const { port } = await start({ handlers: { 'system.info': () => (calls++, { version: '1' }) } });
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, ['hearth', token]);
    await once(socket, 'open');
    return socket;
  };
  const call = (padding: string): string =>
    JSON.stringify({ t: 'call', id: 1, route: 'system.info', input: {}, padding });
  const large = await open();
  large.on('error', () => {});
  const closed = once(large, 'close');
  large.send(call('x'.repeat(MAX_BODY_BYTES)));
  expect((await closed)[0]).toBe(1009);
  const socket = await open();
  socket.send(call(''));
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(message.toString())).toMatchObject({ t: 'ok', output: { version: '1' } });
  expect(calls).toBe(1);
  socket.terminate();
});

it('aborts what a WebSocket asked for when the WebSocket goes', async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const { port } = await start({
    handlers: {
      'system.info'(_: unknown, { signal }: { signal: AbortSignal }) {
        begun.resolve(signal);
        return once(signal, 'abort');
      },
    },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, ['hearth', token]);
  await once(socket, 'open');
  socket.send(JSON.stringify({ t: 'call', id: 1, route: 'system.info', input: {} }));
  const signal = await begun.promise;
  expect(signal.aborted).toBe(false);
  socket.terminate();
  if (!signal.aborted) await once(signal, 'abort');
});

it('answers a refusal of a handler with its status and its facts, and tells it once', async () => {
  const { port, failures } = await start({
    handlers: {
      'system.info'() {
        throw new AppError('disk.full', 'No room.', { neededBytes: 7 });
      },
    },
  });
  const sent = post(port, '/rpc/system.info');
  sent.end('');
  expect(await answerOf(sent)).toEqual({
    status: 507,
    body: { error: { code: 'disk.full', message: 'No room.', data: { neededBytes: 7 } } },
  });
  expect(failures).toEqual(['system.info']);
});

it('ends at once with a call, a WebSocket and a silent connection open, and gives its port back', async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const { shell, port } = await start({
    handlers: {
      'system.info'(_: unknown, { signal }: { signal: AbortSignal }) {
        begun.resolve(signal);
        return new Promise(() => {});
      },
    },
  });
  post(port, '/rpc/system.info').end('{}');
  const signal = await begun.promise;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, ['hearth', token]);
  await once(socket, 'open');
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  const closed = once(socket, 'close');
  await shell.close();
  // Closed as a server that goes, not as one that failed.
  expect((await closed)[0]).toBe(1001);
  expect(signal.aborted).toBe(true);
  expect(await isReachable('127.0.0.1', port)).toBe(false);
  silent.destroy();
});
