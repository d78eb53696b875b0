/** Random and damaged requests to the http shell: an answer that is no defect, or a closed connection, and nothing that ends the process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHttpShell } from '../../../main/shell/http/http.ts';
import { AppError, errorCodes, isAppError } from '../../../preload/wire/errors.ts';
import { cheapHandlers, oddInput, oddValue, routeNames, watchProcess } from '../../support/odd-calls.ts';
import { createRandom, pick, type Random } from '../../support/random.ts';

const SEED = 20_261_129;
const KEPT_ALIVE = 16_000;
const RAW = 4000;
const AT_ONCE = 16;
const GROWN_BYTES_MAX = 60_000_000;
const TOKEN = 'a-token';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const oddPaths = [
  ...['/', '/index.html', '/../index.html', '/%2e%2e/x', '/assets/x.js', '/a//b', '/%', '/%ff', '/\\x', '//[', '*'],
  ...['http://other.example/', 'http://127.0.0.1:1/rpc/system.info', '/rpc', '/rpc/', '/rpc/__proto__', '/rpc/%00'],
  ...['/import/', '/import/x.gguf', '/import/%ff.gguf', '/import/..%2fx.gguf', '/?x=/rpc/', `/${'x'.repeat(7000)}`],
];
const oddHeaders: readonly (readonly [string, readonly string[]])[] = [
  ['host', ['', 'other.example', '127.0.0.1', 'localhost:1', '[::1]']],
  ['origin', ['null', 'http://other.example', '', 'x'.repeat(2000)]],
  ['authorization', ['', 'Bearer', 'Bearer ', 'Bearer x', 'Basic YTpi', `Bearer ${'\u00e9'.repeat(7)}`]],
  ['content-type', ['text/plain', 'application/jsonx', 'application/json; charset=x', '']],
  ['expect', ['100-continue', 'x']],
  ['upgrade', ['websocket', 'h2c']],
  ['range', ['bytes=0-', 'bytes=9-1']],
  ['sec-websocket-protocol', ['hearth', `hearth, ${TOKEN}`, ',', 'x,,y']],
  ['x-long', ['y'.repeat(20_000), 'z'.repeat(3000)]],
];

function oddRequest(random: Random, port: number): Sent {
  const route = pick(random, routeNames);
  const isCall = random(4) !== 0;
  const input = random(3) === 0 ? oddValue(random) : oddInput(route, random);
  const text = JSON.stringify(input) ?? '';
  const headers: Record<string, string> = {
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    authorization: `Bearer ${TOKEN}`,
  };
  for (let left = pick(random, [0, 0, 0, 1, 2]); left > 0; left--) {
    const [name, values] = pick(random, oddHeaders);
    headers[name] = pick(random, values);
  }
  return {
    method: isCall && random(12) !== 0 ? 'POST' : pick(random, ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'POST']),
    path: isCall ? `/rpc/${route}` : pick(random, oddPaths),
    headers,
    body: random(6) === 0 ? text.slice(random(text.length + 1)) : text,
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends over a kept connection. Null when the connection was closed instead of an answer. */
function send(agent: Agent, port: number, { method, path: to, headers, body }: Sent): Promise<Answer | null> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(body);
    const all = { ...headers, 'content-length': String(bytes.length) };
    const sent = request({ host: '127.0.0.1', port, method, path: to, headers: all, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('close', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    sent.on('error', () => resolve(null)).end(bytes);
  });
}

/** The bytes of a request, damaged as no HTTP library would send them. */
function damagedBytes(sent: Sent, random: Random): Buffer {
  const length = pick(random, ['0', '-1', 'x', '99999999999999999999', String(sent.body.length)]);
  const framing = pick(random, [
    `content-length: ${length}`,
    'transfer-encoding: chunked',
    'transfer-encoding: chunked, x',
    `content-length: 3\r\ntransfer-encoding: chunked`,
    'connection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nupgrade: websocket',
  ]);
  const heads = Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}`);
  const version = pick(random, ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2', 'http/1.1', '']);
  let bytes = Buffer.from(
    [`${sent.method} ${sent.path} ${version}`, ...heads, framing, '', sent.body].join('\r\n'),
    'latin1',
  );
  for (let left = random(4); left > 0; left--) {
    const at = random(bytes.length);
    if (random(3) === 0) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(20))]);
    else if (random(3) === 0)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random(300), random(256)), bytes.subarray(at)]);
    else bytes.fill(random(256), at, at + 1);
  }
  return bytes;
}

/** Sends over a connection of its own, which is ended or reset, at once or with the first bytes of an answer. */
function sendRaw(port: number, bytes: Buffer, isReset: boolean, turns: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const leave = (): void => void (isReset ? socket.resetAndDestroy() : socket.end());
    const wait = (left: number): void => void (left > 0 ? setImmediate(wait, left - 1) : leave());
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => wait(turns)));
    socket.setEncoding('latin1').on('data', (more: string) => {
      answer += more;
      leave();
    });
    socket.on('error', () => {}).on('close', () => resolve(answer));
  });
}

/** Each piece of work has random numbers of its own, so that it is the same in every run, whichever ends first. */
async function inParallel(count: number, seed: number, work: (random: Random) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(createRandom(seed + next++));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

it('answers every request without a defect, or closes its connection', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-fuzz-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html>');
  const { handlers, running, ran } = cheapHandlers(createRandom(SEED));
  const watch = watchProcess();
  const defects: unknown[] = [];
  const shell = await startHttpShell({
    app: {
      handlers,
      onFailure: (route, error) => isAppError(error) || defects.push([route, error]),
      async importFile(_name, bytes, sizeBytes) {
        let length = 0;
        for await (const chunk of bytes) length += chunk.byteLength;
        if (length !== sizeBytes) throw new AppError('invalid_input', 'Another length.');
        return { modelId: 'x', notes: [] };
      },
    },
    ...{ pageFolder: folder, port: 0, token: TOKEN },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const close = async (): Promise<void> => {
    agent.destroy();
    await shell.close();
  };
  onTestFinished(() => {
    watch.end();
    rmSync(folder, { recursive: true });
  });
  const port = Number(new URL(shell.origin).port);
  const statuses: Record<string, number> = {};
  const check = (sent: unknown, status: number): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 500 || status < 100) defects.push([status, sent]);
  };
  let done = 0;
  await inParallel(KEPT_ALIVE, SEED, async (random) => {
    const sent = oddRequest(random, port);
    const answer = await send(agent, port, sent);
    if (++done === KEPT_ALIVE / 4) watch.settled();
    if (answer === null) return check(sent, 999);
    check(sent, answer.status);
    // 400, 417, 426 and 431 may be the answers of Node and of the WebSocket library, which have no JSON.
    if (answer.status < 400 || answer.body === '' || !answer.body.startsWith('{')) return;
    const { error } = JSON.parse(answer.body) as { error?: { code?: string } };
    if (!errorCodes.some((code) => code === error?.code && code !== 'internal')) defects.push([sent, answer]);
  });
  const keptAlive = { ...statuses };
  await inParallel(RAW, SEED + KEPT_ALIVE, async (random) => {
    const bytes = damagedBytes(oddRequest(random, port), random);
    const answer = await sendRaw(port, bytes, random(3) === 0, random(4));
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
    if (status !== undefined) check(bytes.toString('latin1'), Number(status));
    else statuses['none'] = (statuses['none'] ?? 0) + 1;
  });
  // One more, in order, shows that the server still serves.
  const last = { method: 'POST', path: '/rpc/system.info', body: '{}' };
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  expect(await send(agent, port, { ...last, headers })).toEqual({ status: 200, body: '{}' });
  console.log(
    `http: seed ${SEED}, ${KEPT_ALIVE} kept alive ${JSON.stringify(keptAlive)}, with ${RAW} raw ${JSON.stringify(statuses)}`,
  );
  await close();
  expect(defects.slice(0, 3)).toEqual([]);
  expect(watch.errors).toEqual([]);
  expect(running()).toBe(0);
  expect(watch.grownBytes()).toBeLessThan(GROWN_BYTES_MAX);
  expect(ran()).toBeGreaterThan(KEPT_ALIVE / 25);
  for (const status of [200, 400, 401, 404]) expect(keptAlive[status], String(status)).toBeGreaterThan(100);
});
