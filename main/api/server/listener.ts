/** The server's socket: listening, its limits, and its end. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import os from 'node:os';
import { AppError } from '../../../preload/wire/errors.ts';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { limitConnections, listen } from '../../http/connections.ts';
import { answerInTurn } from '../../http/turns.ts';

export interface Listener {
  /** `http://127.0.0.1:11535` */
  readonly address: string;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 1024;
const HEADERS_LIMIT_MS = 20_000;
/** Idle connections stay open for so long: longer than programs keep theirs, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000;

export const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);

/**
 * Listens on an address. `answer` never rejects.
 * @throws AppError `unsupported` with the reason `port_in_use`, `port_denied` or `no_such_interface`.
 */
export async function startListening(
  { port, host }: { readonly port: number; readonly host: string },
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  onError: (error: unknown) => void,
): Promise<Listener> {
  const inTurn = answerInTurn(answer);
  const server = createServer(
    { connectionsCheckingInterval: HEADERS_LIMIT_MS / 10, keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true },
    (request, response) => void inTurn(request, response),
  );
  limitConnections(server, { most: MAX_CONNECTIONS, headersLimitMs: HEADERS_LIMIT_MS });
  const taken = await listen(server, port, host).catch((error: unknown) => {
    throw listenError(error, port, host);
  });
  // A connection that could not be accepted, as where the process has too many files open.
  server.on('error', onError);
  // Programs that ask with `Expect: 100-continue` are answered by Node; other expectations are refused by it.
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // Running requests were told to end; what has not by then is cut.
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

const CLOSE_MS = 1500;

function listenError(error: unknown, port: number, host: string): unknown {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new AppError('unsupported', `Port ${port} is used by another program.`, { reason: 'port_in_use', port });
    case 'EACCES':
      return new AppError('unsupported', `This user may not listen on port ${port}. Choose one above 1023.`, {
        ...{ reason: 'port_denied', port },
      });
    case 'EADDRNOTAVAIL':
      return new AppError('unsupported', `This computer has no address ${host}.`, {
        reason: 'no_such_interface',
        host,
      });
    default:
      return error;
  }
}

/** The address by which programs on this computer reach the server, also while it is off. One that listens everywhere is here as well. */
export function originHere(
  address: string | null,
  { interface: host, port }: { readonly interface: string; readonly port: number },
): string {
  const named = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return (address ?? named).replace(/\/\/(0\.0\.0\.0|\[::\])(?=:)/, '//127.0.0.1');
}

/** The addresses of this computer that others reach it by. */
export function interfacesHere(): readonly { readonly name: string; readonly address: string }[] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address, internal }) => (internal || address.startsWith('fe80') ? [] : { name, address })),
  );
}
