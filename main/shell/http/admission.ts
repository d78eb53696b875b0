/** Who may use the http shell: the page that it serves, and programs on this machine that know the token. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../preload/wire/errors.ts';

type Headers = Pick<IncomingMessage, 'headers'>;

export interface Admission {
  /** @throws AppError `unauthorized` for a request that was sent to another name than Hearth's, or by the page of another site. */
  admit(request: Headers): void;
  /** The same, and for a request without the token. */
  admitWithToken(request: Headers): void;
  isToken(text: string | undefined): boolean;
  /** The Set-Cookie header that gives the token to the page. Scripts cannot read it. */
  readonly cookie: string;
}

/** The checks of a server that listens on `port` of 127.0.0.1. */
export function createAdmission(port: number, token: string): Admission {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  // Cookies are shared between ports: the name distinguishes several Hearths on one machine.
  const cookieName = `hearth-${port}`;

  function isToken(text: string | undefined): boolean {
    const given = Buffer.from(text ?? '');
    const right = Buffer.from(token);
    return given.length === right.length && timingSafeEqual(given, right);
  }
  function isAuthorized({ headers }: Headers): boolean {
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return isToken(bearer);
    const cookies = (headers.cookie ?? '').split(/;\s*/);
    return isToken(cookies.find((cookie) => cookie.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1));
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
    isToken,
    cookie: `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000`,
  };
}
