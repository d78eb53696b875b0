/** What a program on this machine may do to the http shell's connections. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statusOf } from '../../../main/shell/http/answers.ts';
import { errorCodes, type ErrorCode } from '../../../preload/wire/errors.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';

let folder: string;
let served: ServedApp;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-attacks-'));
  served = await serveFolder(folder);
  port = Number(new URL(served.origin).port);
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

const head = (start: string, ...headers: string[]): string =>
  [start, `Host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n');
const json = 'Content-Type: application/json';

/** Sends `text` over a connection of its own and answers everything that comes back until the server closes it. */
function converse(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => void socket.write(text));
    socket.setEncoding('utf8').on('data', (more: string) => (answer += more));
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}

/** Sends `text`, and resets the connection after `turns` turns of the event loop, whatever was answered until then. */
function reset(text: string, turns: number): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => {
      socket.write(text, () => {
        const wait = (left: number): void => {
          if (left > 0) return void setImmediate(wait, left - 1);
          socket.resetAndDestroy();
          resolve();
        };
        wait(turns);
      });
    });
    socket.on('error', () => resolve());
  });
}

it('survives connections that are reset at any moment', async () => {
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade'];
  const socketKey = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  const bearer = `Authorization: Bearer ${served.token}`;
  const texts = [
    head('GET /rpc HTTP/1.1', ...upgrade),
    head('GET /nothing HTTP/1.1', ...upgrade),
    head('GET //[ HTTP/1.1', ...upgrade),
    head('GET /rpc HTTP/1.1', ...upgrade, ...socketKey, bearer),
    head('GET /rpc HTTP/1.1', ...upgrade, ...socketKey, bearer) + '\x81\xfe\x7f\xff',
    head('GET / HTTP/1.1'),
    head('POST /rpc/system.info HTTP/1.1', json, 'Content-Length: 9', bearer) + '{"a',
    head('POST /rpc/system.info HTTP/1.1', json, 'Content-Length: 2', bearer) + '{}',
    head('POST /import/x.gguf HTTP/1.1', 'Content-Length: 90000000', bearer) + 'GGUF',
    head('CONNECT /rpc HTTP/1.1'),
    'GET / HTTP/1.1\r\nHost',
    '\x16\x03\x01\x02\x00\x01',
  ];
  for (let round = 0; round < 40; round++)
    await Promise.all(texts.flatMap((text) => [0, 1, 2, round % 9].map((turns) => reset(text, turns))));
  // One more, in order, proves that the server still runs in this process: an uncaught error would have failed the test run.
  expect(await served.call('system.info')).toMatchObject({ shell: 'http' });
});

it('does not wait for the body of a request that it has refused', async () => {
  const start = performance.now();
  const answer = await converse(head('POST /rpc/system.info HTTP/1.1', json, 'Content-Length: 9000') + '{');
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(performance.now() - start).toBeLessThan(30_000);
});

it.each([
  ['GET //[ HTTP/1.1', 400],
  ['GET / HTTP/9', 400],
  ['GET /none HTTP/1.1', 404],
])('answers %s with %i', async (start, status) => {
  expect(await converse(head(start, 'Connection: close'))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

it.each([
  ['..%2f..%2fx.gguf', 422, 'hub.unsafe_name'],
  ['CON.gguf', 422, 'hub.unsafe_name'],
  ['x.txt', 400, 'invalid_input'],
  ['bad%ff.gguf', 400, 'invalid_input'],
  ['damaged.gguf', 422, 'model.corrupt'],
])('refuses to import %s with %i %s', async (name, status, code) => {
  const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${served.token}` };
    // A version that no program writes.
    const body = Buffer.from(`GGUF${'\u0000'.repeat(3)}\u0063${'\u0000'.repeat(16)}`);
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: `/import/${name}`, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.setHeader('content-length', body.length);
    sent.on('error', reject).end(body);
  });
  expect([answer.status, (JSON.parse(answer.body) as { error: { code: string } }).error.code]).toEqual([status, code]);
});

it('gives every code a status of its kind', () => {
  const byKind: Record<string, readonly ErrorCode[]> = {
    // A defect, and a store that cannot be used: nothing that the request could have done otherwise.
    500: ['internal', 'store.corrupt'],
    502: ['hub.bad_response', 'hub.hash_mismatch', 'engine.crashed', 'engine.start_failed', 'remote.bad_response'],
    503: [
      'network.proxy',
      'network.portal',
      'disconnected',
      'hub.offline',
      'remote.unreachable',
      'engine.out_of_memory',
      'store.newer_schema',
    ],
    507: ['disk.full'],
  };
  for (const code of errorCodes) {
    const kind = Object.keys(byKind).find((status) => byKind[status]?.includes(code));
    if (kind === undefined) expect([code, Math.floor(statusOf(code) / 100)]).toEqual([code, 4]);
    else expect([code, statusOf(code)]).toEqual([code, Number(kind)]);
  }
  expect(statusOf('hub.rate_limited')).toBe(429);
  expect(statusOf('engine.context_full')).toBe(413);
  // 401 is this server's own, and says that its token is missing.
  expect(errorCodes.filter((code) => statusOf(code) === 401)).toEqual(['unauthorized']);
});
