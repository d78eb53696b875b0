/**
 * The http shell: it serves the page and the routes to a browser on this machine. Every request for a route passes three checks:
 * the Host header (DNS rebinding), the Origin (other sites' pages), and the token.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import { limitConnections, listen } from '../../http/connections.ts';
import { answerInTurn } from '../../http/turns.ts';
import { CONTROL_PATH, isChallenge, proofOf } from '../../app/control.ts';
import { createAdmission, type Admission } from './admission.ts';
import { answerError, answerJson, statusOf } from './answers.ts';
import { MAX_BODY_BYTES } from './request-body.ts';
import { answerCall, answerPageFile, takeFile, type ShellApp } from './requests.ts';
import type { Routes } from './routes.ts';

export interface HttpShellOptions {
  readonly app: ShellApp;
  /** Folder of the built renderer; null: no page is served, only the routes. */
  readonly pageFolder: string | null;
  /** 0 takes any free port. */
  readonly port: number;
  readonly token: string;
  /** How long a connection may take to send the headers of its next request. Default 20 seconds. */
  readonly headersLimitMs?: number;
}

export interface HttpShell {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The address to open. The token is in the part that browsers keep to themselves. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the server on 127.0.0.1 only. @throws the system's error when the port is taken. */
export async function startHttpShell(options: HttpShellOptions): Promise<HttpShell> {
  const { app, pageFolder, token, headersLimitMs = HEADERS_LIMIT_MS } = options;
  const answer = answerInTurn((request, response) =>
    handle(request, response).catch((error: unknown) => answerError(request, response, error)),
  );
  // Node looks at its limits every 30 seconds by default, so a silent connection would stay for up to 50.
  const connectionsCheckingInterval = headersLimitMs / 10;
  const server = createServer({ connectionsCheckingInterval }, (request, response) => void answer(request, response));
  const connections = limitConnections(server, { most: MAX_CONNECTIONS, headersLimitMs });
  const routes = createRoutesLoader(app);
  let closing = false;
  const port = await listen(server, options.port, '127.0.0.1');
  // A connection that could not be accepted, as where the process has too many files open. A port in use is the caller's to tell.
  server.on('error', (error) => app.onFailure('the server', error));
  const origin = `http://127.0.0.1:${port}`;
  const admission = createAdmission(port, token);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    admission.admit(request);
    const url = URL.parse(request.url ?? '/', origin);
    if (url === null) throw new AppError('invalid_input', 'This is no address.');
    if (url.pathname.startsWith('/rpc/')) {
      admission.admitWithToken(request);
      return await answerCall(request, response, url.pathname.slice('/rpc/'.length), routes.load, app.onFailure);
    }
    if (url.pathname.startsWith('/import/')) {
      admission.admitWithToken(request);
      return await takeFile(request, response, 'model', url.pathname.slice('/import/'.length), app);
    }
    if (url.pathname.startsWith('/import-chats/')) {
      admission.admitWithToken(request);
      return await takeFile(request, response, 'chats', url.pathname.slice('/import-chats/'.length), app);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new AppError('not_found', 'There is nothing here.');
    if (url.pathname.startsWith(CONTROL_PATH)) {
      const challenge = url.pathname.slice(CONTROL_PATH.length);
      if (!isChallenge(challenge)) throw new AppError('invalid_input', 'This is no challenge.');
      // Without the token: a command must not tell it before it knows who listens here.
      return answerJson(response, 200, { pid: process.pid, proof: proofOf(token, challenge) });
    }
    if (pageFolder === null) throw new AppError('not_found', 'There is nothing here.');
    // The page is no secret. Without the token it says which address to open.
    await answerPageFile(request, response, pageFolder, url.pathname);
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // First of all: a caller may reset the connection at any moment, also while it is refused.
    socket.on('error', () => socket.destroy());
    try {
      assertSocketRequest(request, origin, admission);
      connections.keep(socket);
      routes.load().then(
        (loaded) => (closing ? socket.destroy() : loaded.accept(request, socket, head)),
        () => socket.destroy(),
      );
    } catch (error) {
      refuseUpgrade(socket, error);
    }
  });

  return {
    origin,
    url: `${origin}/#token=${token}`,
    async close() {
      closing = true;
      const loaded = await routes.loaded();
      loaded?.sayGoodbye();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      loaded?.terminate();
    },
  };
}

/** A browser has six connections and a WebSocket for each tab. The rest is room for programs, and less than a process may have files open. */
const MAX_CONNECTIONS = 512;
const HEADERS_LIMIT_MS = 20_000;

interface RoutesLoader {
  readonly load: () => Promise<Routes>;
  /** The routes where any request has asked for them; loads none. */
  readonly loaded: () => Promise<Routes | undefined>;
}

/** Loads the routes with the first request for one, because the schemas of all routes and the WebSocket code take long to load. */
function createRoutesLoader(app: ShellApp): RoutesLoader {
  let routes: Promise<Routes> | undefined;
  return {
    load: () =>
      (routes ??= import('./routes.ts').then(
        ({ createRoutes }) => createRoutes(app, MAX_BODY_BYTES),
        (error: unknown) => {
          routes = undefined; // The next request tries again.
          throw error;
        },
      )),
    loaded: async () => await routes?.catch(() => undefined),
  };
}

/** @throws AppError `not_found`, `unauthorized`. */
function assertSocketRequest(request: IncomingMessage, origin: string, admission: Admission): void {
  const url = URL.parse(request.url ?? '/', origin);
  if (url === null) throw new AppError('invalid_input', 'This is no address.');
  if (url.pathname !== '/rpc') throw new AppError('not_found', 'There is nothing here.');
  admission.admitWithToken(request);
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const status = statusOf(encodeError(error).code);
  const text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  // Closed once the answer is sent, whether the caller closes its side or not.
  socket.end(text, () => socket.destroy());
}
