/**
 * Who may use the http shell: programs on this machine that know the token, and the page, which has it from the part of the address after
 * `#`. No browser sends that part anywhere. A cookie would go to every server on 127.0.0.1, because cookies know no ports.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../preload/wire/errors.ts';

/** The protocol that the page's WebSocket speaks. The token follows it in the list of protocols, and is not chosen. */
export const SOCKET_PROTOCOL = 'hearth';

type Headers = Pick<IncomingMessage, 'headers'>;

export interface Admission {
  /** @throws AppError `unauthorized` for a request that was sent to another name than Hearth's, or by the page of another site. */
  admit(request: Headers): void;
  /** The same, and for a request without the token. */
  admitWithToken(request: Headers): void;
}

/** The checks of a server that listens on `port` of 127.0.0.1. */
export function createAdmission(port: number, token: string): Admission {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);

  function isToken(text: string | undefined): boolean {
    const given = Buffer.from(text ?? '');
    const right = Buffer.from(token);
    return given.length === right.length && timingSafeEqual(given, right);
  }
  function isAuthorized({ headers }: Headers): boolean {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return isToken(bearer);
    // A page cannot give headers to a WebSocket, but it can name protocols.
    const [protocol, given] = (headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
    return protocol === SOCKET_PROTOCOL && isToken(given);
  }
  function admit({ headers }: Headers): void {
    if (!hosts.has(headers.host ?? '')) throw new AppError('unauthorized', 'This address is not one of Hearth’s.');
    const from = headers.origin;
    if (from !== undefined && !hosts.has(from.replace(/^http:\/\//, '')))
      throw new AppError('unauthorized', 'Another site may not use Hearth.');
  }

  return {
    admit,
    admitWithToken(request) {
      admit(request);
      if (!isAuthorized(request))
        throw new AppError(
          'unauthorized',
          'The token is missing or wrong. Open the address that Hearth printed when it started.',
        );
    },
  };
}
