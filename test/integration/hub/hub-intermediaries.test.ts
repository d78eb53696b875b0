/** What answers in place of the Hub, and the second tries of requests for metadata: over real servers, proxies and faults. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createNetworkFetch, type Hub, type HubOptions } from '../../../main/hub/hub.ts';
import type { Fault } from '../../hub-server/hub-server.ts';
import { directFetch, never, path, repoId, setUp } from '../../support/hub-setup.ts';

const search = {
  query: '',
  sort: 'trending',
  library: 'any',
  author: null,
  task: null,
  license: null,
  cursor: null,
} as const;

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A proxy that answers every request and every CONNECT with this status and its own page. */
function refusingProxy(status: number): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, {
      'content-type': 'text/html',
      ...(status === 407 && { 'proxy-authenticate': 'Basic' }),
    });
    response.end('<html>the proxy</html>');
  });
  server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => {});
    socket.end(`HTTP/1.1 ${String(status)} No\r\nContent-Length: 0\r\n\r\n`);
  });
  return listen(server);
}

/** A Hub behind the proxy at `address`. */
async function behind(address: string, scheme: 'http' | 'https', variable: string | null, login = ''): Promise<Hub> {
  const proxy = `http://${login}${address}`;
  const fetch = createNetworkFetch(() => ({
    proxy,
    httpProxy: proxy,
    proxyVariable: variable,
    httpProxyVariable: variable,
    noProxy: null,
    certificates: null,
  }));
  return (await setUp({ endpoint: `${scheme}://hub.test`, fetch })).hub;
}

describe.each(['http', 'https'] as const)('a proxy for %s', (scheme) => {
  it.each([
    [407, '', 'password', /needs a name and a password .*NAME:PASSWORD@/],
    [407, 'ada:secret@', 'wrong_password', /does not accept/],
    [403, '', 'refused', /does not let Hearth reach hub\.test/],
    [502, '', 'no_answer', /got no answer from hub\.test/],
    [503, '', 'no_answer', /got no answer/],
    [504, '', 'no_answer', /got no answer/],
  ])('that answers %i with “%s” is named, and what it wants', async (status, login, reason, words) => {
    const address = await refusingProxy(status);
    const hub = await behind(address, scheme, 'ALL_PROXY', login);
    for (const ask of [
      () => hub.search(search, never),
      () => hub.model(repoId, 'main', never),
      () => hub.resolve(repoId, path, 'main', never),
    ]) {
      const error: unknown = await ask().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'network.proxy',
        message: expect.stringMatching(words) as unknown,
        data: { proxy: address, host: 'hub.test', reason, variable: 'ALL_PROXY', status },
      });
      expect((error as Error).message).toContain(`The proxy ${address}`);
      expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    }
  });

  it.each([
    ['http://127.0.0.1:1', 'ECONNREFUSED'],
    ['http://nobody.invalid:3128', 'ENOTFOUND|EAI_AGAIN'],
  ])('at %s, which cannot be reached, is named', async (address, cause) => {
    const hub = await behind(new URL(address).host, scheme, null);
    await expect(hub.search(search, never)).rejects.toMatchObject({
      code: 'network.proxy',
      data: { proxy: new URL(address).host, reason: 'unreachable', cause: expect.stringMatching(cause) as unknown },
    });
  });
});

describe('a proxy', () => {
  it('lets the Hub’s own refusals through as the Hub’s', async () => {
    const { server } = await setUp();
    const through = createServer((request, response) => {
      const target = new URL(request.url ?? '');
      void fetch(`${server.url}${target.pathname}${target.search}`, { redirect: 'manual' }).then(async (answer) => {
        response.writeHead(answer.status, {
          'content-type': answer.headers.get('content-type') ?? '',
          'x-request-id': answer.headers.get('x-request-id') ?? '',
        });
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    const hub = await behind(await listen(through), 'http', null);
    expect((await hub.model(repoId, 'main', never)).repoId).toBe(repoId);
    server.setFault({ at: 'api', kind: 'status', status: 503 });
    await expect(hub.search(search, never)).rejects.toMatchObject({ code: 'hub.bad_response', data: { status: 503 } });
    await expect(hub.model('no/such', 'main', never)).rejects.toMatchObject({ code: 'hub.bad_response' });
  });

  it('that fails in the middle of a download is asked again, and ends it when it wants a password', async () => {
    const failing = { count: 2, status: 502 };
    const { server, hub, folder, clock } = await setUp({
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (!url.pathname.startsWith('/xet-bridge/') || failing.count-- <= 0) return directFetch(input, init);
        return proxied(url, init);
      },
    });
    let proxied: typeof globalThis.fetch = directFetch;
    const useProxy = async (): Promise<void> => {
      const proxy = `http://${await refusingProxy(failing.status)}`;
      const network = createNetworkFetch(() => ({ proxy, httpProxy: proxy, noProxy: null, certificates: null }));
      proxied = (input, init) => network(new URL(input as URL).href.replace('localhost', 'cdn.test'), init);
    };
    await useProxy();
    const [file] = await hub.resolve(repoId, path, 'main', never);
    if (file === undefined) throw new Error('nothing to fetch');
    const options = { folder, ref: null, signal: never, onProgress: () => {} };
    failing.count = 1;
    failing.status = 407;
    await useProxy();
    await expect(hub.fetchFile(file, options)).rejects.toMatchObject({
      code: 'network.proxy',
      data: { reason: 'password' },
    });
    expect(clock.pauses).toEqual([]);
    failing.count = 2;
    failing.status = 502;
    await useProxy();
    await hub.fetchFile(file, options);
    expect((await hub.localBytes(folder, file)).isComplete).toBe(true);
    expect(clock.pauses).toHaveLength(2);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it('that Hearth was not told of, or a mirror that answers like one, is said as well', async () => {
    const address = await refusingProxy(407);
    const { hub } = await setUp({ endpoint: `http://${address}` });
    await expect(hub.search(search, never)).rejects.toMatchObject({
      code: 'network.proxy',
      message: expect.stringContaining('A proxy between this computer and') as unknown,
      data: { proxy: null, variable: null, reason: 'password' },
    });
    const filter = await setUp({ endpoint: `http://${await refusingProxy(403)}`, token: () => 'hf_mine' });
    await expect(filter.hub.search(search, never)).rejects.toMatchObject({
      code: 'network.proxy',
      data: { reason: 'refused' },
    });
  });
});

describe('a network that wants a login', () => {
  const page = '<!DOCTYPE html><html>Please log in to the WiFi</html>';
  const portal = (headers: Record<string, string>, status = 200): Promise<string> =>
    listen(createServer((_request, response) => void response.writeHead(status, headers).end(page)));

  it.each([
    ['a page of HTML', { 'content-type': 'text/html; charset=utf-8' }, 200],
    ['status 511', { 'content-type': 'text/plain' }, 511],
  ])('by %s is said, whatever was asked for', async (_what, headers, status) => {
    const address = await portal(headers, status);
    const { hub, folder } = await setUp({ endpoint: `http://${address}` });
    const login = { code: 'network.portal', data: { host: address, loginHost: address } };
    await expect(hub.search(search, never)).rejects.toMatchObject(login);
    await expect(hub.model(repoId, 'main', never)).rejects.toMatchObject(login);
    await expect(hub.resolve(repoId, path, 'main', never)).rejects.toMatchObject(login);
    await expect(hub.heads([repoId], never)).rejects.toMatchObject(login);
    const fit = { repoId, path, revision: 'main', contextSize: null, kvCacheType: 'F16', gpuLayers: null } as const;
    await expect(hub.fit(fit, never)).rejects.toMatchObject(login);
    const file = { repoId, commit: 'a'.repeat(40), path, sizeBytes: 100, sha256: 'b'.repeat(64), gitOid: '' };
    const options = { folder, ref: null, signal: never, onProgress: () => {} };
    await expect(hub.fetchFile(file, options)).rejects.toMatchObject(login);
  });

  it('by a page that does not say what it is, is told from a broken answer of the API', async () => {
    const { hub } = await setUp({ endpoint: `http://${await portal({})}` });
    await expect(hub.search(search, never)).rejects.toMatchObject({ code: 'network.portal' });
  });

  it('by a redirect to its own host, names that host', async () => {
    const login = await portal({ 'content-type': 'text/html' });
    const redirecting = createServer((_request, response) => {
      response.writeHead(302, { location: `http://${login}/login?back=1` }).end();
    });
    const { hub } = await setUp({ endpoint: `http://${await listen(redirecting)}` });
    for (const asked of [hub.search(search, never), hub.resolve(repoId, path, 'main', never)])
      await expect(asked).rejects.toMatchObject({ code: 'network.portal', data: { loginHost: login } });
  });

  it('from https to plain http, is followed no further', async () => {
    const fetch = () =>
      Promise.resolve(new Response(null, { status: 302, headers: { location: 'http://wifi.hotel/' } }));
    const { hub } = await setUp({ endpoint: 'https://hub.test', fetch });
    await expect(hub.search(search, never)).rejects.toMatchObject({
      code: 'network.portal',
      data: { host: 'hub.test', loginHost: 'wifi.hotel' },
    });
  });
});

describe('a request for metadata', () => {
  type Ask = (hub: Hub) => Promise<unknown>;
  const fit = { repoId, path, revision: 'main', contextSize: null, kvCacheType: 'F16', gpuLayers: null } as const;
  /** Where each request of the Hub's methods can be hit. The random file is no model: its header is read and then refused. */
  const requests: readonly [string, Pick<Fault, 'at' | 'path' | 'method'>, Ask][] = [
    ['search', { at: 'api', path: 'api/models' }, (hub) => hub.search(search, never)],
    ['model', { at: 'api', path: `api/models/${repoId}/revision/*` }, (hub) => hub.model(repoId, 'main', never)],
    ['tree', { at: 'api', path: `api/models/${repoId}/tree/**` }, (hub) => hub.model(repoId, 'main', never)],
    ['card', { at: 'resolve', path: `${repoId}/README.md` }, (hub) => hub.model(repoId, 'main', never)],
    ['HEAD', { at: 'resolve', method: 'HEAD' }, (hub) => hub.resolve(repoId, path, 'main', never)],
    [
      'paths',
      { at: 'api', path: `api/models/${repoId}/paths-info/**` },
      (hub) => hub.resolve(repoId, path, 'main', never),
    ],
    ['heads', { at: 'api', path: `api/models/${repoId}/revision/*` }, (hub) => hub.heads([repoId], never)],
    [
      'header',
      { at: 'cdn' },
      (hub) =>
        hub.fit(fit, never).catch((error: unknown) => {
          if ((error as { code: string }).code !== 'model.corrupt') throw error;
        }),
    ],
  ];
  const faults: readonly [
    string,
    { readonly kind: string; readonly ms?: number; readonly status?: number; readonly retryAfterSeconds?: number },
    number,
  ][] = [
    ['429 with a time', { kind: 'status', status: 429, retryAfterSeconds: 1 }, 1000],
    ['503', { kind: 'status', status: 503 }, 0],
    ['500', { kind: 'status', status: 500 }, 0],
    ['a reset', { kind: 'reset' }, 0],
    ['a late answer', { kind: 'delay', ms: 400 }, 0],
  ];
  const cases = requests.flatMap((one) => faults.map((fault) => [one[0], fault[0], one, fault] as const));

  /**
   * The options for a Hub of which only the first `count` requests at `where` can be late: however slow the machine is, the others have
   * the time that they need.
   */
  function lateOnlyAt(
    { at, path: pattern = '', method }: (typeof requests)[number][1],
    count: number,
  ): Partial<HubOptions> {
    let seen = 0;
    const isMeant = (url: URL, asked: string): boolean => {
      const inside = url.pathname.slice(1);
      if (at === 'cdn') return inside.startsWith('xet-bridge/');
      if (method !== undefined) return asked === method;
      if (pattern.includes('README')) return inside.endsWith('/README.md');
      return pattern.includes('*') ? inside.startsWith(pattern.replace(/\*+$/, '')) : inside === pattern;
    };
    return {
      responseMs: 100,
      fetch: (input, init = {}) => {
        const url = new URL(input instanceof Request ? input.url : input);
        return directFetch(
          url,
          isMeant(url, init.method ?? 'GET') && ++seen <= count ? init : { ...init, signal: never },
        );
      },
    };
  }

  it.each(cases)('%s is repeated after %s, as a body is', async (_name, _what, [, where, ask], [, fault, leastMs]) => {
    const { hub, server, clock } = await setUp('ms' in fault ? lateOnlyAt(where, 2) : {});
    const set = server.setFault({ ...where, ...fault, count: 2 } as Fault);
    await ask(hub);
    expect(set.hits).toBe(2);
    // A reset of an idle connection is repeated at once, on another one.
    if (fault.kind !== 'reset') expect(clock.pauses).toHaveLength(2);
    expect(Math.min(...clock.pauses)).toBeGreaterThanOrEqual(leastMs);
  });

  it.each(cases)('%s has an end where %s lasts', async (_name, _what, [, where, ask], [, fault]) => {
    const { hub, server } = await setUp('ms' in fault ? lateOnlyAt(where, Infinity) : {});
    const set = server.setFault({ ...where, ...fault } as Fault);
    await expect(ask(hub)).rejects.toMatchObject({ code: expect.stringMatching(/^hub\./) as unknown });
    if (fault.kind === 'reset') expect(set.hits).toBeLessThan(8);
    else expect(set.hits).toBe('ms' in fault ? 3 : 4);
  });

  it('is not repeated where that cannot help, or would take too long', async () => {
    const { hub, server, clock } = await setUp();
    for (const [fault, code] of [
      [{ kind: 'status', status: 429, retryAfterSeconds: 60 }, 'hub.rate_limited'],
      // The Hub names the time in RateLimit where Retry-After is missing.
      [{ kind: 'status', status: 429 }, 'hub.rate_limited'],
      [{ kind: 'status', status: 401 }, 'hub.unauthorized'],
      [{ kind: 'status', status: 404 }, 'hub.not_found'],
    ] as const) {
      const set = server.setFault({ at: 'api', ...fault });
      const error: unknown = await hub.search(search, never).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      if (fault.status === 429)
        expect(error).toMatchObject({ data: { retryAfterMs: 'retryAfterSeconds' in fault ? 60_000 : 300_000 } });
      expect(set.hits).toBe(1);
      server.clearFaults();
    }
    await server.close();
    await expect(hub.search(search, never)).rejects.toMatchObject({ data: { cause: 'ECONNREFUSED' } });
    server.close = () => Promise.resolve();
    expect(clock.pauses).toEqual([]);
  });

  it('ends with its caller while it waits for the next try', async () => {
    const stop = new AbortController();
    const { hub, server } = await setUp({
      clock: {
        now: () => Date.now(),
        elapsedMs: () => performance.now(),
        sleep: (_ms, signal) => {
          stop.abort(new Error('left'));
          return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
        },
      },
    });
    const set = server.setFault({ at: 'api', kind: 'status', status: 503 });
    await expect(hub.search(search, stop.signal)).rejects.toThrow('left');
    expect(set.hits).toBe(1);
  });

  it('says of Hearth only its name, with telemetry wanted or not', async () => {
    const { hub, server } = await setUp();
    await hub.model(repoId, 'main', never);
    const agents = server.requests.map(({ headers }: { headers: IncomingMessage['headers'] }) => headers['user-agent']);
    expect(new Set(agents)).toEqual(new Set(['hearth']));
    expect(server.requests.every(({ path: asked }) => !asked.includes('telemetry'))).toBe(true);
  });
});
