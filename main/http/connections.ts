/** Listening, and the limits of the connections of a server. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectionLimits {
  /** Connections at once. */
  readonly most: number;
  /** How long a connection may take to send the headers of its next request. */
  readonly headersLimitMs: number;
}

export interface Connections {
  /** A connection that became a WebSocket: it is never closed to make room. */
  keep(socket: Duplex): void;
}

/**
 * Sets the limits of a server, before it listens. Beyond `most` a new connection takes the place of the oldest that has not sent the headers
 * of a whole request: so those that send nothing, or half of them, shut nobody out. Without such a one the new connection is closed.
 */
export function limitConnections(server: Server, { most, headersLimitMs }: ConnectionLimits): Connections {
  server.headersTimeout = headersLimitMs;
  // Node has one limit for all requests, and the import of a hundred gigabytes takes hours: bodies have limits of their own.
  server.requestTimeout = 0;
  const open = new Set<Duplex>();
  /** In the order in which they came. */
  const silent = new Set<Duplex>();
  const forget = (socket: Duplex): void => {
    open.delete(socket);
    silent.delete(socket);
  };
  // Node's own limit, `maxConnections`, closes the new connection and keeps the silent ones.
  server.on('connection', (socket) => {
    open.add(socket);
    silent.add(socket);
    socket.once('close', () => forget(socket));
    if (open.size <= most) return;
    // The last of them is the new one itself.
    const [oldest = socket] = silent;
    forget(oldest);
    oldest.destroy();
  });
  server.prependListener('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  return { keep: (socket) => void silent.delete(socket) };
}

/** Listens and returns the port. @throws the system's error when that is impossible. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Fires when the caller is gone, or has the answer. */
export function signalOf(response: ServerResponse): AbortSignal {
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  return abort.signal;
}
