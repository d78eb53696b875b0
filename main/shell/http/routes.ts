/** The contract's routes over HTTP: one call as a request, or all routes over a WebSocket. `http.ts` has checked the caller before. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { contract } from '../../../preload/contract/contract.ts';
import { callOnce, isFrame, serve, type CallContext, type Port } from '../../../preload/wire/rpc.ts';
import type { App } from '../../app/app.ts';
import { SOCKET_PROTOCOL } from './admission.ts';

export interface Routes {
  /** Runs one call of a route. @throws AppError `not_found`, `invalid_input`, and what the handler throws. */
  call(route: string, input: unknown, signal: AbortSignal): Promise<unknown>;
  /** Upgrades a request to a WebSocket and serves the routes over it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Asks every WebSocket to close. */
  sayGoodbye(): void;
  /** Terminates the WebSockets that are still open. */
  terminate(): void;
}

const PING_MS = 20_000;
/** What a WebSocket may leave unread before it is cut: streams have credits, but answers to calls have none. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

export function createRoutes(app: Pick<App, 'handlers' | 'onFailure'>, maxMessageBytes: number): Routes {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (names) => (names.has(SOCKET_PROTOCOL) ? SOCKET_PROTOCOL : false),
  });

  function serveSocket(webSocket: WebSocket): void {
    let alive = true;
    const ping = setInterval(() => {
      if (!alive) return webSocket.terminate();
      alive = false;
      webSocket.ping();
    }, PING_MS);
    webSocket.on('pong', () => (alive = true));
    webSocket.on('close', () => clearInterval(ping));
    webSocket.on('error', () => webSocket.terminate());
    serve(
      contract,
      app.handlers,
      webSocketPort(webSocket),
      (signal): CallContext => ({ signal }),
      (route, error) => app.onFailure(route, error),
    );
  }

  return {
    call: (route, input, signal) => callOnce(contract, app.handlers, route, input, { signal }),
    accept: (request, socket, head) => sockets.handleUpgrade(request, socket, head, serveSocket),
    sayGoodbye() {
      for (const webSocket of sockets.clients) webSocket.close(1001, 'Hearth is closing');
    },
    terminate() {
      for (const webSocket of sockets.clients) webSocket.terminate();
    },
  };
}

function webSocketPort(webSocket: WebSocket): Port {
  return {
    post(frame) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      if (webSocket.bufferedAmount > MAX_UNREAD_BYTES) return webSocket.terminate();
      webSocket.send(JSON.stringify(frame));
    },
    onFrame(listener) {
      webSocket.on('message', (data: Buffer) => {
        let frame: unknown;
        try {
          frame = JSON.parse(data.toString('utf8'));
        } catch {
          return webSocket.close(1007, 'not JSON');
        }
        if (isFrame(frame)) listener(frame);
        else webSocket.close(1008, 'not a frame');
      });
    },
    onClose: (listener) => void webSocket.once('close', listener),
  };
}
