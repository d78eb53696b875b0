/**
 * A `fetch` over node:http and node:https, because the built-in one takes neither a proxy nor further certificate authorities.
 * It does only what this folder needs: it follows no redirects, sends text, and returns streams.
 */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import zlib from 'node:zlib';
import { releaseBuffer } from '../../base/release-buffer.ts';
import { isProxysOwn, proxyAnswered, proxyFailure, usedProxy } from './intermediaries.ts';

/** Proxies and further certificate authorities. */
export interface ProxyOptions {
  /** For https: `http://[user:password@]host:port`; null for none. */
  readonly proxy: string | null;
  /** The same for plain http. */
  readonly httpProxy: string | null;
  /** Hosts that are reached without a proxy, in the form of NO_PROXY. */
  readonly noProxy: string | null;
  /** PEM text of certificate authorities that are trusted in addition to Node's own. */
  readonly certificates: string | null;
  /** The environment variables that set the two proxies, for errors. */
  readonly proxyVariable?: string | null;
  readonly httpProxyVariable?: string | null;
}

interface Agents {
  readonly key: string;
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** This computer is never reached through a proxy. */
const ALWAYS_DIRECT = 'localhost,127.0.0.1,::1';
/** Idle connections to a host that stay open for the next segment. */
const MAX_FREE_SOCKETS = 16;

/**
 * A `fetch` with the proxies and certificates that `network` returns at each request. Rejects with the error of the system or of TLS,
 * which has a `code`, with network.proxy where a proxy answered or cannot be reached, or with the signal's reason. A body that breaks off
 * fails in the same way.
 */
export function createNetworkFetch(network: () => ProxyOptions): typeof globalThis.fetch {
  let agents: Agents | null = null;
  const current = (): Agents => {
    const options = network();
    const key = JSON.stringify(options);
    if (agents?.key !== key) {
      const old = agents;
      agents = agentsFor(key, options);
      // Requests under way keep their connection; idle connections with the old options are closed.
      for (const agent of old === null ? [] : [old.http, old.https])
        for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    }
    return agents;
  };
  const proxyOf = (url: URL) => {
    const { proxy, httpProxy, proxyVariable, httpProxyVariable } = network();
    return url.protocol === 'https:'
      ? usedProxy(proxy, proxyVariable ?? null)
      : usedProxy(httpProxy, httpProxyVariable ?? null);
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = Object.fromEntries(new Headers(init.headers));
    headers['accept-encoding'] ??= 'gzip';
    for (let attempt = 1; ; attempt++) {
      init.signal?.throwIfAborted();
      const agent = url.protocol === 'https:' ? current().https : current().http;
      const asked = ask(url, init, { method: init.method ?? 'GET', headers, agent });
      try {
        const response = await asked.response;
        const { status } = response;
        if (status !== 407 && !(asked.isProxied() && isProxysOwn(status, response.headers))) return response;
        await response.body?.cancel();
        throw proxyAnswered(status, url.host, asked.isProxied() ? proxyOf(url) : null);
      } catch (error) {
        // The server closed an idle connection at the moment of its reuse: it has not seen the request.
        const isStale = asked.isReused() && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (!isStale || attempt > MAX_FREE_SOCKETS) throw proxyFailure(error, url.host, proxyOf(url)) ?? error;
      }
    }
  };
}

/** One request over one connection. */
function ask(
  url: URL,
  init: RequestInit,
  options: https.RequestOptions,
): { response: Promise<Response>; isReused: () => boolean; isProxied: () => boolean } {
  const { signal } = init;
  const request = (url.protocol === 'https:' ? https : http).request(url, options);
  const response = new Promise<Response>((resolve, reject) => {
    const abort = (): void => void request.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    request.once('close', () => signal?.removeEventListener('abort', abort));
    request.once('socket', (socket) => {
      // Added again for each request, so that it always runs after the parser's listener, which copies what it needs.
      socket.off('data', releaseBuffer).on('data', releaseBuffer);
    });
    request.on('error', (error) => reject(signal?.aborted === true ? (signal.reason as Error) : error));
    // A server that changes the protocol unasked. Without a listener nothing would tell of it, and the abort would not either.
    request.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(Object.assign(new Error('The server changed the protocol.'), { code: 'ERR_UNEXPECTED_UPGRADE' }));
    });
    request.once('response', (incoming) => {
      try {
        resolve(responseOf(incoming, init.method === 'HEAD', signal));
      } catch (error) {
        request.destroy();
        reject(error as Error);
      }
    });
    request.end(typeof init.body === 'string' ? init.body : undefined);
  });
  return {
    response,
    isReused: () => request.reusedSocket,
    // Plain http goes to a proxy with the whole address as its path.
    isProxied: () => url.protocol === 'http:' && request.path.startsWith('http:'),
  };
}

/** Throws for a status or a header that no response may have. */
function responseOf(incoming: http.IncomingMessage, isHead: boolean, signal: AbortSignal | null | undefined): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const isEmpty = isHead || [204, 205, 304].includes(status);
  const isCompressed = !isEmpty && /^(?:x-)?gzip$/i.test(headers.get('content-encoding') ?? '');
  if (isCompressed) for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  if (!isEmpty) return new Response(streamOf(incoming, isCompressed, signal), { status, headers });
  incoming.resume();
  return new Response(null, { status, headers });
}

function agentsFor(key: string, { proxy, httpProxy, noProxy, certificates }: ProxyOptions): Agents {
  const proxyEnv =
    proxy === null && httpProxy === null
      ? {}
      : {
          proxyEnv: {
            ...(httpProxy === null ? {} : { HTTP_PROXY: httpProxy }),
            ...(proxy === null ? {} : { HTTPS_PROXY: proxy }),
            NO_PROXY: [ALWAYS_DIRECT, ...(noProxy === null ? [] : [noProxy])].join(','),
          },
        };
  const common = { keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS, ...proxyEnv };
  const ca = certificates === null ? {} : { ca: [...tls.getCACertificates('default'), certificates] };
  return { key, http: new http.Agent(common), https: new https.Agent({ ...common, ...ca }) };
}

/** The body as a stream, paused while nobody reads. */
function streamOf(
  incoming: http.IncomingMessage,
  isCompressed: boolean,
  signal: AbortSignal | null | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = isCompressed ? incoming.pipe(zlib.createGunzip()) : incoming;
  let isOver = false;
  const close = (): void => {
    isOver = true;
    incoming.destroy();
    source.destroy();
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const fail = (error: unknown): void => {
          if (isOver) return;
          close();
          controller.error(signal?.aborted === true ? signal.reason : error);
        };
        // A small body that unpacks to a large one is here whole long before it is read: nothing else would tell of the abort.
        const abort = (): void => fail(signal?.reason);
        signal?.addEventListener('abort', abort, { once: true });
        source.once('close', () => signal?.removeEventListener('abort', abort));
        incoming.on('error', fail);
        source.on('error', fail);
        source.on('data', (chunk: Buffer<ArrayBuffer>) => {
          if (isOver) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) source.pause();
        });
        source.on('end', () => {
          if (isOver) return;
          isOver = true;
          controller.close();
        });
        source.pause();
      },
      pull: () => void source.resume(),
      cancel: close,
    },
    { highWaterMark: 2 },
  );
}
