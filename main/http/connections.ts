/** Listening, and the limits of the connections of a server. */
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ConnectionLimits {
  /** Connections at once. */
  readonly most: number;
  /** How long a connection may take to send the headers of its next request. */
  readonly headersLimitMs: number;
}

export function limitConnections(server: Server, { most, headersLimitMs }: ConnectionLimits): void {
  server.maxConnections = most;
  server.headersTimeout = headersLimitMs;
  // Node has one limit for all requests, and the import of a hundred gigabytes takes hours: bodies have limits of their own.
  server.requestTimeout = 0;
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
