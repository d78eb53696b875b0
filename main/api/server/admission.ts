/**
 * Who may call the API server. Three checks, in this order: the Host header (a foreign name that was bound to this address, DNS
 * rebinding), the Origin (pages of other sites), and the key.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { ServerSettings } from '../../../preload/contract/server.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { Caller, Keys } from '../keys/keys.ts';

export interface Admission {
  /** @throws AppError `unauthorized` with the reason `host` or `origin`. */
  admitPlace(headers: IncomingHttpHeaders): void;
  /** The key of a request; null where none is needed. @throws AppError `unauthorized` with the reason `no_key` or `wrong_key`. */
  callerOf(headers: IncomingHttpHeaders): Caller | null;
  /** The headers that let the page of an origin read the answer; empty for callers without an origin. */
  corsHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>>;
}

/** The name of a Host header, without its port and in lower case; null for one that cannot be read. */
function nameOf(host: string | undefined): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/@]+))(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

/** The checks of a server with these settings, which are read anew for each request. */
export function createAdmission(
  settings: () => Pick<ServerSettings, 'hostNames' | 'origins'>,
  keys: Pick<Keys, 'areNeeded' | 'find'>,
): Admission {
  /** An address is what it is: only names can be bound to other addresses. Ports differ where a tunnel leads here. */
  function isOwnHost(host: string | undefined): boolean {
    const name = nameOf(host);
    if (name === null) return false;
    if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
    return settings().hostNames.some((one) => one.toLowerCase() === name);
  }
  function isListed({ origin, host }: IncomingHttpHeaders): boolean {
    if (origin === undefined) return false;
    // The page of this server itself, which tries calls.
    if (host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`) return true;
    return settings().origins.some((one) => one.toLowerCase() === origin.toLowerCase());
  }

  return {
    admitPlace(headers) {
      if (!isOwnHost(headers.host))
        throw new AppError(
          'unauthorized',
          'This server does not answer to the name in the Host header. Add it to its host names, or use its address.',
          { reason: 'host' },
        );
      // A browser says with `cross-site` that another site asks, also where it sends no Origin, as for a picture.
      const isForeign = headers.origin !== undefined || headers['sec-fetch-site'] === 'cross-site';
      if (isForeign && !isListed(headers))
        throw new AppError('unauthorized', 'Pages of this origin may not use the server. Add it to its web origins.', {
          reason: 'origin',
        });
    },
    callerOf(headers) {
      const secrets = secretsOf(headers);
      if (!keys.areNeeded()) return null;
      if (secrets.length === 0)
        throw new AppError(
          'unauthorized',
          'This server needs a key: Authorization: Bearer KEY, x-api-key: KEY, or api-key: KEY.',
          { reason: 'no_key' },
        );
      const callers = secrets.map(keys.find);
      const [caller] = callers;
      // Several headers with different keys are a mistake of the program, and none of them decides.
      if (!caller || callers.some((one) => one?.id !== caller.id))
        throw new AppError('unauthorized', 'The key is wrong, or was revoked.', { reason: 'wrong_key' });
      return caller;
    },
    corsHeaders: (headers) =>
      isListed(headers) && headers.origin !== undefined
        ? {
            'access-control-allow-origin': headers.origin,
            'access-control-expose-headers': 'x-request-id, request-id, retry-after',
            vary: 'origin',
          }
        : {},
  };
}

/** The secrets that a request shows, in the three headers that programs use. */
function secretsOf(headers: IncomingHttpHeaders): string[] {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  const plain = ['x-api-key', 'api-key'].flatMap((name) => headers[name] ?? []);
  // Another scheme, as of a proxy, is a wrong key and not none.
  const authorization = headers.authorization === undefined ? [] : [bearer ?? ''];
  return [...authorization, ...plain.map((text) => text.trim())];
}
