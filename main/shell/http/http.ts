/**
 * The http shell: it serves the page and the routes to a browser on this machine. Every request for a route passes three checks:
 * the Host header (DNS rebinding), the Origin (other sites' pages), and the token.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, encodeError, type ErrorCode } from '../../../preload/wire/errors.ts';
import type { App } from '../../app/app.ts';
import { readPageFile, securityHeaders } from '../page-files.ts';
import type { Routes } from './routes.ts';

export interface HttpShellOptions {
  readonly app: Pick<App, 'handlers' | 'onDefect'> & Partial<Pick<App, 'importFile'>>;
  /** Folder of the built renderer. */
  readonly pageFolder: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly token: string;
}

export interface HttpShell {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The address to open. It contains the token, which the server then replaces by a cookie. */
  readonly url: string;
  close(): Promise<void>;
}

/** Room for a message of two million characters with its JSON escapes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Starts the server on 127.0.0.1 only. @throws the system's error when the port is taken. */
export async function startHttpShell(options: HttpShellOptions): Promise<HttpShell> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answerError(response, error));
  });
  // The import of a file of a hundred gigabytes takes longer than Node's limit of five minutes per request.
  server.requestTimeout = 0;
  /** Loaded with the first request for a route, because the schemas of all routes and the WebSocket code take long to load. */
  let routes: Promise<Routes> | undefined;
  const loadRoutes = (): Promise<Routes> =>
    (routes ??= import('./routes.ts').then(
      ({ createRoutes }) => createRoutes(options.app, MAX_BODY_BYTES),
      (error: unknown) => {
        routes = undefined; // The next request tries again.
        throw error;
      },
    ));
  let closing = false;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  // Cookies are shared between ports: the name distinguishes several Hearths on one machine.
  const cookieName = `hearth-${port}`;

  function isToken(text: string | undefined): boolean {
    const given = Buffer.from(text ?? '');
    const right = Buffer.from(options.token);
    return given.length === right.length && timingSafeEqual(given, right);
  }
  function isAuthorized(request: IncomingMessage): boolean {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return isToken(bearer);
    const cookies = (request.headers.cookie ?? '').split(/;\s*/);
    return isToken(cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1));
  }
  /** Throws `unauthorized` for a request that comes neither from the app's own page nor from a program with the token. */
  function admit(request: IncomingMessage): void {
    if (!hosts.has(request.headers.host ?? ''))
      throw new AppError('unauthorized', 'This address is not one of Hearth’s.');
    const from = request.headers.origin;
    if (from !== undefined && !hosts.has(from.replace(/^http:\/\//, '')))
      throw new AppError('unauthorized', 'Another site may not use Hearth.');
  }
  function admitWithToken(request: IncomingMessage): void {
    admit(request);
    if (!isAuthorized(request))
      throw new AppError(
        'unauthorized',
        'The token is missing or wrong. Open the address that Hearth printed when it started.',
      );
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    admit(request);
    const url = URL.parse(request.url ?? '/', origin);
    if (url === null) throw new AppError('not_found', 'There is nothing at this address.');
    if (url.pathname.startsWith('/rpc/')) {
      admitWithToken(request);
      return await answerCall(request, response, url.pathname.slice('/rpc/'.length));
    }
    if (url.pathname.startsWith('/import/')) {
      admitWithToken(request);
      return await takeFile(request, response, url.pathname.slice('/import/'.length));
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new AppError('not_found', 'There is nothing here.');
    if (url.pathname === '/' && url.searchParams.has('token')) {
      if (!isToken(url.searchParams.get('token') ?? ''))
        throw new AppError('unauthorized', 'The token is wrong. Use the address that Hearth printed last.');
      response.writeHead(303, {
        location: '/',
        'set-cookie': `${cookieName}=${options.token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000`,
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      response.end();
      return;
    }
    // Only the page itself needs the cookie, because without it the page cannot connect. Its scripts and styles are not secret.
    if (url.pathname === '/') admitWithToken(request);
    const file = await readPageFile(options.pageFolder, url.pathname);
    response.writeHead(200, {
      ...securityHeaders,
      'content-type': file.contentType,
      'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }

  async function answerCall(request: IncomingMessage, response: ServerResponse, route: string): Promise<void> {
    if (request.method !== 'POST') throw new AppError('not_found', 'Routes are called with POST.');
    // Pages of other sites can send forms and plain text without a preflight request, but not JSON.
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      throw new AppError('invalid_input', 'The body must be JSON, with content-type application/json.');
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    const input = parseJson(await readBody(request));
    try {
      const output = await (await loadRoutes()).call(route, input, abort.signal);
      answerJson(response, 200, output);
    } catch (error) {
      if (encodeError(error).code === 'internal') options.app.onDefect(route, error);
      throw error;
    }
  }

  /** Receives a file that was dropped on the page: its name is in the address, its bytes are the body. */
  async function takeFile(request: IncomingMessage, response: ServerResponse, escapedName: string): Promise<void> {
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    try {
      const { importFile } = options.app;
      if (request.method !== 'POST' || !importFile) throw new AppError('not_found', 'Files are sent with POST.');
      const sizeBytes = Number(request.headers['content-length'] ?? NaN);
      answerJson(response, 200, await importFile(unescapeName(escapedName), request, sizeBytes, abort.signal));
    } catch (error) {
      if (encodeError(error).code === 'internal') options.app.onDefect('import', error);
      answerError(response, error);
      // The rest of the body is accepted for a moment, so that the page reads the response and not a connection reset.
      request.resume();
      setTimeout(() => request.destroy(), 1000).unref();
    }
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      if (URL.parse(request.url ?? '/', origin)?.pathname !== '/rpc')
        throw new AppError('not_found', 'There is nothing here.');
      admitWithToken(request);
      socket.on('error', () => socket.destroy());
      loadRoutes().then(
        (loaded) => (closing ? socket.destroy() : loaded.accept(request, socket, head)),
        () => socket.destroy(),
      );
    } catch (error) {
      const status = statusOf(encodeError(error).code);
      socket.end(
        `HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : 'Unauthorized'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    }
  });

  return {
    origin,
    url: `${origin}/?token=${options.token}`,
    async close() {
      closing = true;
      const loaded = await routes?.catch(() => undefined);
      loaded?.sayGoodbye();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      loaded?.terminate();
    },
  };
}

function unescapeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError('invalid_input', 'The name of the file cannot be read.');
  }
}

function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw new AppError('invalid_input', 'The body is not JSON.');
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new AppError('invalid_input', 'The body is too large.', { maxBytes: MAX_BODY_BYTES });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function statusOf(code: ErrorCode): number {
  switch (code) {
    case 'invalid_input':
      return 400;
    case 'unauthorized':
      return 401;
    case 'not_found':
    case 'hub.not_found':
    case 'model.missing':
      return 404;
    case 'busy':
    case 'cache.locked':
    case 'engine.not_loaded':
      return 409;
    case 'unsupported':
    case 'model.unsupported':
      return 422;
    case 'disk.full':
      return 507;
    default:
      return 500;
  }
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? null);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function answerError(response: ServerResponse, error: unknown): void {
  const body = encodeError(error);
  if (response.headersSent) return void response.destroy();
  answerJson(response, statusOf(body.code), { error: body });
}
