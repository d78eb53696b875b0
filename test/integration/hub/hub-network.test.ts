/** The network: several connections, a speed limit, proxies, certificates, another endpoint, and no network at all. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createNetworkFetch,
  type Clock,
  type Hub,
  type RemoteFile,
  type TransferProgress,
} from '../../../main/hub/hub.ts';
import type { Hub as TestHub } from '../../hub-server/hub-server.ts';
import { content, hastyClock, never, path, repoId, setUp, temporaryFolder } from '../../support/hub-setup.ts';

const none = { proxy: null, httpProxy: null, noProxy: null, certificates: null };
const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/tls', name);

async function resolveOne(hub: Hub): Promise<RemoteFile> {
  const [file] = await hub.resolve(repoId, path, 'main', never);
  if (!file) throw new Error('nothing to fetch');
  return file;
}
const cdn = (server: TestHub): TestHub['requests'] => server.requests.filter(({ level }) => level === 'cdn');

interface Line {
  readonly bytesPerSecond: number;
  readonly clock: Clock;
  readonly follow: (progress: Pick<TransferProgress, 'segments' | 'doneBytes'>) => void;
}

/**
 * A line that limits each connection, and its clock. Time goes on with the bytes that arrive: however fast or slow the machine is, a
 * number of connections has the speed that the line gives it.
 */
function createLine(bytesPerSecond: number): Line {
  let elapsedMs = 0;
  let seenBytes = 0;
  return {
    bytesPerSecond,
    clock: { ...hastyClock(), elapsedMs: () => elapsedMs },
    follow({ segments, doneBytes }) {
      if (segments.length === 0) return;
      elapsedMs += ((doneBytes - seenBytes) * 1000) / (segments.length * bytesPerSecond);
      seenBytes = doneBytes;
    },
  };
}

describe('several connections', () => {
  const large = randomBytes(24_000_000);
  const repos = [{ id: repoId, files: { [path]: large } }];

  it('are opened when each is limited, and receive every byte once, in order of need', async () => {
    const line = createLine(2_000_000);
    const { hub, folder, server } = await setUp(
      { segmentBytes: 1 << 20, stallMs: 100_000, clock: line.clock },
      { repos, bytesPerSecond: line.bytesPerSecond },
    );
    const file = await resolveOne(hub);
    let most = 0;
    const seen: number[] = [];
    const place = await hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress(progress) {
        line.follow(progress);
        most = Math.max(most, progress.segments.length);
        seen.push(progress.doneBytes);
      },
    });
    expect((await readFile(place)).equals(large)).toBe(true);
    expect(most).toBe(8);
    // One alone would take 12 seconds.
    expect(line.clock.elapsedMs()).toBeLessThan(8_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(cdn(server).reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBe(large.byteLength);
    // The Hub is asked once: further segments are requested from the redirect target.
    expect(server.requests.filter(({ level, method }) => level === 'resolve' && method === 'GET')).toHaveLength(1);
  });

  it('take over what one of them dropped', async () => {
    const { hub, folder, server } = await setUp(
      { segmentBytes: 1 << 20, stallMs: 700 },
      { repos, bytesPerSecond: 3_000_000 },
    );
    const file = await resolveOne(hub);
    for (const skip of [6, 9]) server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 300_000, skip, count: 1 });
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 200_000, skip: 12, count: 1 });
    server.setFault({ at: 'cdn', kind: 'status', status: 503, skip: 14, count: 2 });
    const lines: string[] = [];
    const place = await hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress: () => {},
      log: (text) => void lines.push(text),
    });
    expect((await readFile(place)).equals(large)).toBe(true);
    expect(lines.filter((line) => line.includes('Next attempt')).length).toBeGreaterThanOrEqual(4);
    expect(lines.join('\n')).not.toMatch(/Signature|Expires=/);
  });

  it('become one when the server does not support ranges', async () => {
    const { hub, folder, server } = await setUp({ segmentBytes: 1 << 20 }, { repos, bytesPerSecond: 4_000_000 });
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'ignoreRange', skip: 8 });
    const place = await hub.fetchFile(file, { folder, ref: 'main', signal: never, onProgress: () => {} });
    expect((await readFile(place)).equals(large)).toBe(true);
    expect(cdn(server).reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBeLessThan(2.5 * large.byteLength);
  });

  it('share a speed limit', async () => {
    let limit = 4_000_000 as number | null;
    const { hub, folder } = await setUp(
      { segmentBytes: 1 << 20, bytesPerSecond: () => limit, stallMs: 400 },
      { repos },
    );
    const file = await resolveOne(hub);
    const limitBytesPerSecond = 4_000_000;
    const began = performance.now();
    const steps: { readonly seconds: number; readonly doneBytes: number }[] = [];
    await hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress({ doneBytes }) {
        if (limit === null) return;
        steps.push({ seconds: (performance.now() - began) / 1000, doneBytes });
        if (doneBytes >= 8_000_000) limit = null;
      },
    });
    const freed = steps.at(-1)!;
    for (const { seconds, doneBytes } of steps.slice(0, -1))
      expect(doneBytes).toBeLessThan(seconds * limitBytesPerSecond + 3_000_000);
    // In periods without a stall it uses the whole limit: the fastest megabyte shows it.
    const speeds = steps.flatMap((from, index) => {
      const to = steps.slice(index).find(({ doneBytes }) => doneBytes >= from.doneBytes + 1_000_000);
      return to ? [(to.doneBytes - from.doneBytes) / (to.seconds - from.seconds)] : [];
    });
    expect(Math.max(...speeds)).toBeGreaterThan(limitBytesPerSecond / 2);
    const restSeconds = (performance.now() - began) / 1000 - freed.seconds;
    expect(restSeconds).toBeLessThan((large.byteLength - freed.doneBytes) / limitBytesPerSecond);
  });
});

/** A proxy that records its requests and resolves every host name to this computer. */
async function startProxy(): Promise<{ url: string; asked: string[]; credentials: (string | undefined)[] }> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((request, response) => {
    const target = new URL(request.url ?? '');
    asked.push(`${request.method ?? ''} ${target.host}`);
    credentials.push(request.headers['proxy-authorization']);
    const onward = httpRequest({
      host: '127.0.0.1',
      port: target.port,
      path: `${target.pathname}${target.search}`,
      method: request.method ?? 'GET',
      headers: request.headers,
    });
    onward.on('response', (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    credentials.push(request.headers['proxy-authorization']);
    const onward = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => {});
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://ada:p%40ss@127.0.0.1:${String((proxy.address() as AddressInfo).port)}`, asked, credentials };
}

/** A TLS server that forwards all requests to `url`. */
async function startSecure(url: string): Promise<{ port: number; close: () => void }> {
  const secure = createSecureServer(
    { cert: await readFile(fixture('server.pem')), key: await readFile(fixture('server-key.pem')) },
    (request, response) => {
      const { hostname, port } = new URL(url);
      const options = { hostname, port, path: request.url, method: request.method, headers: request.headers };
      const onward = httpRequest(options, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.end();
    },
  );
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const close = (): void => {
    secure.closeAllConnections();
    secure.close();
  };
  onTestFinished(close);
  return { port: (secure.address() as AddressInfo).port, close };
}

describe('a proxy', () => {
  it('is used for other hosts with its password, and not for this computer', async () => {
    const proxy = await startProxy();
    const authority = await readFile(fixture('authority.pem'), 'utf8');
    const { server } = await setUp();
    const secure = await startSecure(server.url);
    const network = {
      proxy: proxy.url,
      httpProxy: proxy.url as string | null,
      noProxy: null as string | null,
      certificates: authority as string | null,
    };
    const fetch = createNetworkFetch(() => network);
    const address = `https://hub.test:${String(secure.port)}/api/models/${repoId}`;
    const answer = await fetch(address);
    expect(await answer.json()).toMatchObject({ id: repoId });
    expect(proxy.asked).toEqual([`CONNECT hub.test:${String(secure.port)}`]);
    const expected = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`;
    expect(proxy.credentials).toEqual([expected]);

    const plain = server.url.replace('127.0.0.1', 'hub.test');
    expect((await fetch(`${plain}/api/models/${repoId}`)).status).toBe(200);
    expect(proxy.asked[1]).toBe(`GET ${new URL(plain).host}`);

    expect((await fetch(`${server.url}/api/models/${repoId}`)).status).toBe(200);
    expect(proxy.asked).toHaveLength(2);

    // Each scheme has its own proxy, as for curl.
    network.httpProxy = null;
    await expect(fetch(`${plain}/api/models/${repoId}`)).rejects.toMatchObject({
      code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as unknown,
    });
    expect(proxy.asked).toHaveLength(2);

    network.noProxy = '.test,other';
    await expect(fetch(address)).rejects.toMatchObject({
      code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as unknown,
    });
    expect(proxy.asked).toHaveLength(2);
  });

  it('that is unreachable is reported as such', async () => {
    const fetch = createNetworkFetch(() => ({ ...none, proxy: 'http://127.0.0.1:1' }));
    const { hub } = await setUp({ endpoint: 'https://hub.test', fetch });
    await expect(resolveOne(hub)).rejects.toMatchObject({
      code: 'network.proxy',
      data: { proxy: '127.0.0.1:1', reason: 'unreachable', cause: 'ECONNREFUSED' },
    });
  });
});

describe('certificates', () => {
  it('of a private authority are trusted when they are set, and no others', async () => {
    const { server, hub } = await setUp();
    const secure = await startSecure(server.url);
    const network = { ...none, certificates: null as string | null };
    const fetch = createNetworkFetch(() => network);
    const address = `https://127.0.0.1:${String(secure.port)}`;
    await expect(fetch(`${address}/api/models/${repoId}`)).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    const around = await setUp({ endpoint: address, fetch });
    await expect(resolveOne(around.hub)).rejects.toMatchObject({
      code: 'hub.offline',
      message: expect.stringContaining('cannot be checked') as unknown,
    });
    network.certificates = await readFile(fixture('authority.pem'), 'utf8');
    // The redirect targets are not secure here, so only the API is called.
    expect((await around.hub.model(repoId, 'main', never)).repoId).toBe(repoId);
    expect((await hub.model(repoId, 'main', never)).repoId).toBe(repoId);
  });

  it('of NODE_EXTRA_CA_CERTS are trusted too', async () => {
    const { server } = await setUp();
    const secure = await startSecure(server.url);
    const script = `
      import { createNetworkFetch } from ${JSON.stringify(new URL('../../../main/hub/api/network.ts', import.meta.url).href)};
      const fetch = createNetworkFetch(() => ({ proxy: null, httpProxy: null, noProxy: null, certificates: null }));
      const answer = await fetch('https://127.0.0.1:${String(secure.port)}/api/models/${repoId}');
      console.log(answer.status);
      process.exit(0);`;
    const run = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: fixture('authority.pem') },
    });
    expect(run.stdout.trim()).toBe('200');
  });
});

describe('connections', () => {
  it('that the server closed while they were idle are no failure', async () => {
    const perSocket = new Map<Socket, number>();
    const server = createServer((request, response) => {
      const count = (perSocket.get(request.socket) ?? 0) + 1;
      perSocket.set(request.socket, count);
      if (count > 1) request.socket.destroy();
      else response.setHeader('connection', 'keep-alive').end('here');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const fetch = createNetworkFetch(() => none);
    for (let request = 0; request < 3; request++) {
      const answer = await fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
      expect(await answer.text()).toBe('here');
    }
    expect(perSocket.size).toBe(3);
    expect([...perSocket.values()]).toEqual([2, 2, 1]);
  });

  it('that are idle are closed when the network’s settings change', async () => {
    const server = createServer((_request, response) => response.end('x'));
    // The server itself closes none.
    server.keepAliveTimeout = 0;
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    let noProxy: string | null = null;
    const networkFetch = createNetworkFetch(() => ({ ...none, noProxy }));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await (await networkFetch(url)).text();
    noProxy = 'other.example';
    await (await networkFetch(url)).text();
    await expect.poll(() => sockets.map(({ destroyed }) => destroyed)).toEqual([true, false]);
  });

  it('decompress gzip responses', async () => {
    const text = JSON.stringify({ words: 'over and over '.repeat(10_000) });
    const server = createServer((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const answer = await createNetworkFetch(() => none)(
      `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    );
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(await answer.text()).toBe(text);
  });
});

it('another endpoint takes effect with the next request', async () => {
  const first = await setUp();
  const second = await setUp();
  let endpoint = first.server.url;
  const { hub } = await setUp({ endpoint: () => endpoint });
  await resolveOne(hub);
  expect(first.server.requests.length).toBeGreaterThan(0);
  endpoint = `${second.server.url}/`;
  first.server.requests.length = 0;
  await resolveOne(hub);
  expect(first.server.requests).toEqual([]);
  expect(second.server.requests.length).toBeGreaterThan(0);
});

describe('offline', () => {
  it('no method of the Hub opens a socket', async () => {
    const { hub, folder } = await setUp({ offlineBy: 'HEARTH_OFFLINE' });
    let sockets = 0;
    const count = (): void => void sockets++;
    subscribe('net.client.socket', count);
    onTestFinished(() => void unsubscribe('net.client.socket', count));
    const file = {
      repoId,
      commit: 'a'.repeat(40),
      path,
      sizeBytes: content.byteLength,
      sha256: 'b'.repeat(64),
      gitOid: '',
    };
    const offline = { code: 'hub.offline' };
    await expect(hub.resolve(repoId, path, 'main', never)).rejects.toMatchObject(offline);
    await expect(hub.model(repoId, 'main', never)).rejects.toMatchObject(offline);
    await expect(hub.fetchFile(file, { folder, ref: null, signal: never, onProgress: () => {} })).rejects.toMatchObject(
      offline,
    );
    expect(sockets).toBe(0);
    // Checks that the observation itself works.
    const probe = connect(1, '127.0.0.1');
    probe.on('error', () => {});
    expect(sockets).toBe(1);
  });

  it('the command line opens none, in a process of its own', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'data'));
    const watcher = join(folder, 'watch.mjs');
    await writeFile(
      watcher,
      `import { subscribe } from 'node:diagnostics_channel';
       import dns from 'node:dns';
       subscribe('net.client.socket', () => process.stdout.write('SOCKET'));
       const lookup = dns.lookup;
       dns.lookup = (...all) => (process.stdout.write('LOOKUP'), lookup(...all));`,
    );
    const start = new URL('../../../main/hearth.mjs', import.meta.url).pathname;
    const pull = ['pull', `${repoId}:Q4_K_M`];
    const run = async (variables: Record<string, string>, args: readonly string[] = pull): Promise<string> => {
      const child = spawn(process.execPath, ['--import', watcher, start, ...args], {
        env: {
          ...process.env,
          ...variables,
          HEARTH_DATA_DIR: join(folder, 'data'),
          HEARTH_CACHE_DIR: join(folder, 'cache'),
          HF_ENDPOINT: 'http://127.0.0.1:1',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
      await once(child, 'close');
      return said;
    };
    for (const variable of ['HEARTH_OFFLINE', 'HF_HUB_OFFLINE']) {
      const said = await run({ [variable]: variable === 'HF_HUB_OFFLINE' ? 'ON' : '1' });
      expect(said).toContain(`work offline (${variable})`);
      expect(said).not.toMatch(/SOCKET|LOOKUP/);
    }
    const listed = await run({ HF_HUB_OFFLINE: 'yes' }, ['list', '--json']);
    expect(listed).not.toMatch(/SOCKET|LOOKUP|offline/);
    expect(await run({ HEARTH_OFFLINE: '0', HF_HUB_OFFLINE: '1' })).toContain('SOCKET');
  });
});
