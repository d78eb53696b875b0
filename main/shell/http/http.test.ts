/** The http shell over handlers of the test: where it listens, and what it does when a caller goes. */
import { once } from 'node:events';
import { request, ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { startHttpShell, type HttpShell } from './http.ts';
import { MAX_BODY_BYTES } from './request-body.ts';
import type { ShellApp } from './requests.ts';
import { MAX_WAITING } from '../../http/turns.ts';

const token = 'a-token';

interface StartOptions extends Partial<Omit<ShellApp, 'handlers'>> {
  readonly handlers?: object;
  readonly pageFolder?: string;
  readonly headersLimitMs?: number;
}

async function start({
  pageFolder = import.meta.dirname,
  headersLimitMs = 20_000,
  ...app
}: StartOptions = {}): Promise<{
  shell: HttpShell;
  port: number;
  failures: string[];
}> {
  const failures: string[] = [];
  const shell = await startHttpShell({
    app: {
      onFailure: (route) => failures.push(route),
      ...app,
      handlers: (app.handlers ?? {}) as HearthHandlers,
    },
    pageFolder,
    port: 0,
    token,
    headersLimitMs,
  });
  onTestFinished(() => shell.close());
  return { shell, port: Number(new URL(shell.origin).port), failures };
}

it('leaves a port that is in use to the caller, and tells of no failure', async () => {
  const { port } = await start();
  const failures: string[] = [];
  const app = { handlers: {} as HearthHandlers, onFailure: (route: string) => failures.push(route) };
  const second = startHttpShell({ app, pageFolder: null, port, token });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(failures).toEqual([]);
});

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

/** Sends `requests` in one piece over a connection of its own, and answers what came until it was closed or `enough` says so. */
async function pipelined(
  port: number,
  requests: string,
  enough: (text: string) => boolean = () => false,
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
    if (enough(text)) socket.destroy();
  });
  socket.write(requests);
  await once(socket, 'close');
  return text;
}

it('answers requests that were sent ahead in their order, one at a time, and cuts a connection with too many', async () => {
  const running = { now: 0, most: 0, all: 0 };
  const { port } = await start({
    handlers: {
      async 'system.info'() {
        running.most = Math.max(running.most, ++running.now);
        const version = String(++running.all);
        await new Promise(setImmediate);
        running.now--;
        return { version };
      },
    },
  });
  const one = ['POST /rpc/system.info HTTP/1.1', `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${token}`];
  const call = [...one, 'Content-Type: application/json', 'Content-Length: 2', '', '{}'].join('\r\n');
  const versions = (text: string): string[] => [...text.matchAll(/"version":"(\d+)"/g)].flatMap(([, n]) => n ?? []);
  const answers = await pipelined(port, call.repeat(MAX_WAITING), (text) => versions(text).length === MAX_WAITING);
  expect(versions(answers)).toEqual(Array.from({ length: MAX_WAITING }, (_, at) => String(at + 1)));
  expect(running.most).toBe(1);
  expect(versions(await pipelined(port, call.repeat(MAX_WAITING + 1))).length).toBeLessThanOrEqual(1);
});

it('holds no more than a piece of each file of the page that nobody reads', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const fileBytes = 16 * 1024 * 1024;
  writeFileSync(path.join(folder, 'large.json'), '');
  truncateSync(path.join(folder, 'large.json'), fileBytes);
  const { port } = await start({ pageFolder: folder });
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').pause());
  onTestFinished(() => readers.forEach((socket) => socket.destroy()));
  for (const socket of readers) socket.write(`GET /large.json HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  // Each has the beginning of its answer, so each file was opened.
  await Promise.all(readers.map((socket) => once(socket, 'readable').then(() => socket.pause())));
  // Whole files would be 320 MB. The tests before leave some memory that nobody has collected yet.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * fileBytes);
  const { headers } = await fetch(`http://127.0.0.1:${port}/large.json`, { method: 'HEAD' });
  expect(headers.get('cache-control')).toBe('no-store');
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

it.each([
  ['without the token', 401, { authorization: 'Bearer wrong' }, 0],
  ['too large', 400, {}, MAX_BODY_BYTES + 1],
])('cuts the connection of a refused call that goes on sending, %s, and fails at nothing then', async (...given) => {
  const [, status, headers, bytes] = given;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port } = await start({ handlers: {} });
  const sent = post(port, '/rpc/system.info', { 'transfer-encoding': 'chunked', ...headers });
  const closed = new Promise((resolve) => sent.on('close', resolve));
  const answer = answerOf(sent);
  sent.write(Buffer.alloc(bytes + 1, ' '));
  expect(await answer).toMatchObject({ status });
  // An error in a timer of the shell is thrown here.
  await vi.advanceTimersByTimeAsync(300_000);
  // Before the five seconds after which Node closes a connection that nobody uses.
  const begunMs = performance.now();
  await closed;
  expect(performance.now() - begunMs).toBeLessThan(4000);
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

it('closes a connection that sends nothing soon after the limit for headers', async () => {
  const limitMs = 1000;
  const { port } = await start({ headersLimitMs: limitMs });
  const connectedAtMs = performance.now();
  const silent = connect(port, '127.0.0.1');
  onTestFinished(() => void silent.destroy());
  await once(silent.resume(), 'close');
  const closedAfterMs = performance.now() - connectedAtMs;
  expect(closedAfterMs).toBeGreaterThanOrEqual(limitMs);
  // Node's own time between two looks is 30 seconds.
  expect(closedAfterMs).toBeLessThan(20_000);
});

it('answers beside more half-open connections than it has room for, and keeps its WebSockets', async () => {
  const { port } = await start({ handlers: { 'system.info': () => ({ here: true }) } });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, ['hearth', token]);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const half: Socket[] = [];
  onTestFinished(() => half.forEach((one) => one.destroy()));
  for (let count = 0; count < 600; count++) {
    const one = connect(port, '127.0.0.1');
    half.push(one.on('error', () => {}).resume());
    await once(one, 'connect');
    one.write('POST /rpc/system.info HTTP/1.1\r\n');
  }
  const sent = post(port, '/rpc/system.info');
  sent.end('{}');
  expect((await answerOf(sent)).status).toBe(200);
  socket.send(JSON.stringify({ t: 'call', id: 1, route: 'system.info', input: {} }));
  expect(String((await once(socket, 'message'))[0])).toContain('"here":true');
});

it('cuts a WebSocket that asks and reads no answer, before its answers fill the memory', async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const large = 'x'.repeat(16 * 1024 * 1024);
  let answered = 0;
  const { port } = await start({
    handlers: {
      'system.info'(_: unknown, { signal }: { signal: AbortSignal }) {
        begun.resolve(signal);
        return new Promise(() => {});
      },
      'system.log': () => (answered++, { text: large }),
    },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, ['hearth', token]);
  onTestFinished(() => socket.terminate());
  socket.on('error', () => {});
  await once(socket, 'open');
  socket.pause();
  const call = (id: number, route: string): void => socket.send(JSON.stringify({ t: 'call', id, route, input: {} }));
  call(1, 'system.info');
  const signal = await begun.promise;
  for (let id = 2; id < 18; id++) call(id, 'system.log');
  await vi.waitUntil(() => signal.aborted || answered === 16, { timeout: 50_000 });
  expect(signal.aborted).toBe(true);
});

it('gives a file that stops coming minutes, and cuts its connection then', async () => {
  const limits: { readonly ms: number; readonly pass: (() => void) | undefined }[] = [];
  const spy = vi.spyOn(ServerResponse.prototype, 'setTimeout').mockImplementation(function (
    this: ServerResponse,
    ms,
    pass,
  ) {
    limits.push({ ms, pass: pass as (() => void) | undefined });
    return this;
  });
  onTestFinished(() => spy.mockRestore());
  const begun = Promise.withResolvers<void>();
  const { port } = await start({
    async importFile(_name, body) {
      for await (const _chunk of body) begun.resolve();
      return {} as never;
    },
  });
  const sent = post(port, '/import/x.gguf', { 'content-length': 1000 });
  const closed = new Promise((resolve) => sent.on('close', resolve));
  sent.write('GGUF');
  await begun.promise;
  const limit = limits.at(-1);
  // A disk that spins up, or a share of another machine that wakes, takes up to a minute.
  expect(limit?.ms).toBeGreaterThan(60_000);
  expect(limit?.ms).toBeLessThanOrEqual(600_000);
  limit?.pass?.();
  await closed;
});

it('holds 512 connections, closes the next one at once, and takes another where one has gone', async () => {
  const { port } = await start();
  /** The first line of the answer over a connection that stays open; empty where it was closed without one. */
  const open = (): Promise<{ socket: Socket; line: string }> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`HEAD /none HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      });
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => {});
      socket.on('data', (data) => resolve({ socket, line: data.toString().split('\r\n')[0] ?? '' }));
      socket.on('close', () => resolve({ socket, line: '' }));
    });
  const held: { socket: Socket; line: string }[] = [];
  // Fewer at once than a system lets wait for their acceptance.
  for (let left = 512; left > 0; left -= 64) held.push(...(await Promise.all(Array.from({ length: 64 }, open))));
  expect(new Set(held.map(({ line }) => line))).toEqual(new Set(['HTTP/1.1 404 Not Found']));
  expect((await open()).line).toBe('');
  expect((await open()).line).toBe('');
  held[0]?.socket.destroy();
  await expect.poll(async () => (await open()).line).toBe('HTTP/1.1 404 Not Found');
  // None of those that were there has been closed for it.
  expect(held.slice(1).every(({ socket }) => !socket.destroyed)).toBe(true);
});
