import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readEnvironment } from '../../../main/app/environment.ts';
import { serveApp, type Served } from '../../../main/serve.ts';

let folder: string;
let served: Served;
let origin: string;
let token: string;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-http-'));
  mkdirSync(path.join(folder, 'data'));
  writeFileSync(path.join(folder, 'data/private.txt'), 'secret');
  const environment = readEnvironment({
    HEARTH_DATA_DIR: path.join(folder, 'data'),
    HEARTH_CACHE_DIR: path.join(folder, 'cache'),
    HEARTH_OFFLINE: '1',
    HEARTH_COLOUR: 'red',
  });
  served = await serveApp(environment, 0);
  const url = new URL(served.url);
  origin = url.origin;
  port = Number(url.port);
  token = new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

const json = { 'content-type': 'application/json' };
function ask(route: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${origin}/rpc/${route}`, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
async function errorCode(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}
/** With a Host header and a path exactly as given: fetch would normalize them. */
function raw(requestPath: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: requestPath, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the http shell', () => {
  it('serves the page to anyone, without a cookie and without the token', async () => {
    const page = await fetch(origin);
    expect(page.headers.get('set-cookie')).toBeNull();
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("connect-src 'self'");
    const html = await page.text();
    expect(html).not.toContain(token);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  });

  it('lets the frame of previews run scripts and load nothing, and frames nothing else', async () => {
    const frame = await fetch(`${origin}/preview.html`);
    const policy = (frame.headers.get('content-security-policy') ?? '').split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", 'sandbox allow-scripts', "frame-ancestors 'self'"]),
    );
    expect(policy.filter((rule) => /https?:|'self'|\*/.test(rule))).toEqual(["frame-ancestors 'self'"]);
    expect(frame.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    for (const file of ['/', '/flame.svg']) {
      const { headers } = await fetch(`${origin}${file}`);
      expect([file, headers.get('x-frame-options')]).toEqual([file, 'DENY']);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('answers calls with the token only', async () => {
    const info = (await (await ask('system.info', {})).json()) as {
      shell: string;
      offline: boolean;
      warnings: { variable: string }[];
    };
    expect(info).toMatchObject({ shell: 'http', offline: true });
    expect(info.warnings.map(({ variable }) => variable)).toContain('HEARTH_COLOUR');
    for (const authorization of ['', 'Bearer ', `Bearer ${token.slice(0, -1)}`, `Bearer ${token}x`, `Basic ${token}`]) {
      const answer = await ask('system.info', {}, { authorization });
      expect(answer.status).toBe(401);
      expect(await errorCode(answer)).toBe('unauthorized');
    }
  });

  it('refuses foreign hosts and foreign pages, with the token as well', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.1.evil.example:${port}`,
    ])
      expect(await raw('/', { host, authorization: `Bearer ${token}` })).toBe(401);
    expect(await raw('/', { host: `localhost:${port}`, authorization: `Bearer ${token}` })).toBe(200);
    for (const from of [
      'https://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
    ])
      expect((await ask('system.info', {}, { origin: from })).status).toBe(401);
    expect((await ask('system.info', {}, { origin })).status).toBe(200);
  });

  it('answers bad input with typed errors and stays up', async () => {
    const cases: [string, unknown, number, string][] = [
      ['no.such', {}, 404, 'not_found'],
      ['__proto__', {}, 404, 'not_found'],
      ['chat.watch', { chatId: 'x' }, 404, 'not_found'],
      ['chat.send', { chat: { id: 'x' } }, 400, 'invalid_input'],
      ['chat.send', { chat: { id: '../../etc' }, parts: [{ type: 'text', text: 'x' }] }, 400, 'invalid_input'],
      ['chat.send', { chat: { id: 'gone' }, parts: [{ type: 'text', text: 'x' }] }, 404, 'not_found'],
      ['engine.load', { modelId: '/etc/passwd' }, 400, 'invalid_input'],
      ['engine.load', { modelId: 'a/b/../../../etc/passwd' }, 400, 'invalid_input'],
      ['engine.load', { modelId: 'C:\\models\\x.gguf' }, 400, 'invalid_input'],
      ['engine.load', { modelId: 'owner/name/none.gguf' }, 404, 'model.missing'],
      ['library.download', { repoId: 'a/b', path: '../x' }, 400, 'invalid_input'],
      ['settings.setCacheFolder', { choiceId: '/tmp' }, 400, 'invalid_input'],
      ['settings.update', { theme: 'pink' }, 400, 'invalid_input'],
      ['settings.pickCacheFolder', {}, 422, 'unsupported'],
      ['system.info', '{', 400, 'invalid_input'],
      ['system.info', '[]', 400, 'invalid_input'],
      ['hub.search', { query: 'x' }, 503, 'hub.offline'],
    ];
    for (const [route, body, status, code] of cases) {
      const answer = await ask(route, body);
      expect([route, body, answer.status, await errorCode(answer)]).toEqual([route, body, status, code]);
    }
    expect((await ask('system.info', {}, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await fetch(`${origin}/rpc/system.info`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      404,
    );
    expect((await ask('system.info', {})).status).toBe(200);
  });

  it('serves no file but the page’s own', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/assets/../../main/app/app.ts',
      '/.git/config',
      '//etc/passwd',
      '/assets/',
      '/\\..\\x.js',
      '/index.html%00.js',
      '/data/private.txt',
    ];
    for (const one of paths)
      expect([one, await raw(one, { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}` })]).toEqual([
        one,
        404,
      ]);
  });

  it('opens the WebSocket with the token as protocol or bearer, from its own page, and closes it on nonsense', async () => {
    const open = (headers: Record<string, string>, protocols: string[] = []): Promise<WebSocket | number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, protocols, { headers });
        socket.once('open', () => resolve(socket));
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.once('error', () => resolve(0));
      });
    expect(await open({})).toBe(401);
    expect(await open({ cookie: `hearth-${port}=${token}`, origin })).toBe(401);
    expect(await open({ origin }, ['hearth', `${token}x`])).toBe(401);
    expect(await open({ origin }, ['other', token])).toBe(401);
    expect(await open({ origin: 'https://evil.example' }, ['hearth', token])).toBe(401);
    const bearer = await open({ authorization: `Bearer ${token}` });
    if (typeof bearer === 'number') throw new Error(`refused with ${bearer}`);
    bearer.close();
    const socket = await open({ origin }, ['hearth', token]);
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    // The token is not said back.
    expect(socket.protocol).toBe('hearth');
    const answer = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
    socket.send(JSON.stringify({ t: 'call', id: 1, route: 'system.info', input: {} }));
    expect(JSON.parse(await answer)).toMatchObject({ t: 'ok', id: 1, output: { shell: 'http' } });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send('not json');
    expect(await closed).toBe(1007);
    expect((await ask('system.info', {})).status).toBe(200);
  });

  it('survives a silent connection and a broken one', async () => {
    const idle = connectSocket(port, '127.0.0.1');
    idle.on('error', () => {});
    await new Promise((resolve) => idle.write('POST /rpc/system.info HTTP/1.1\r\nhost: 127', resolve));
    idle.destroy();
    expect((await ask('system.info', {})).status).toBe(200);
  });
});
