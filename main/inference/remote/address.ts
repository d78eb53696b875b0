/** The address of a server elsewhere, as people write it. */
import { AppError } from '../../../preload/wire/errors.ts';

export interface Address {
  /** The address to store and to show: without a slash at the end, and without the path of a single method. */
  readonly text: string;
  readonly origin: string;
  readonly host: string;
  /** Where a server's own methods are (`/props`, `/tokenize`), without a slash at the end. */
  readonly root: string;
  /** Where the methods of OpenAI's protocol may be, the likeliest first. */
  readonly apis: readonly string[];
  /** This computer itself: what is sent there does not leave it, and no proxy is asked. */
  readonly isLoopback: boolean;
  /** Plain http to another computer. */
  readonly isUnencrypted: boolean;
}

/** The same hosts that are never reached through a proxy (hub/api/network.ts). */
const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The paths of methods, which people copy from the examples of a server. */
const methodPath = /\/(?:chat\/completions|completions|models|embeddings|responses|messages)$/;
const versionPath = /\/v\d{1,2}[a-z0-9]{0,8}$/;

/** @throws AppError `invalid_input` with the field `address`, for text that is no address of a web server, or one with a password. */
export function parseAddress(text: string): Address {
  const refuse = (reason: string, message: string): AppError =>
    new AppError('invalid_input', message, { field: 'address', reason });
  const trimmed = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  const bareHost = /^(\[[^\]]*\]|[^/:?#]*)/.exec(trimmed)?.[1] ?? '';
  const url = URL.parse(
    hasScheme ? trimmed : `${loopbackHosts.has(bareHost.toLowerCase()) ? 'http' : 'https'}://${trimmed}`,
  );
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw refuse('address', 'This is not the address of a server. It begins with http:// or https://.');
  if (url.username !== '' || url.password !== '')
    throw refuse(
      'address_password',
      'Leave the name and the password out of the address. Enter a key or a header instead.',
    );
  if (url.search !== '' || url.hash !== '')
    throw refuse('address_query', 'Leave out what follows ? or # in the address.');
  const path = url.pathname.replace(/\/+$/, '').replace(methodPath, '').replace(/\/+$/, '');
  const whole = `${url.origin}${path}`;
  const isVersioned = versionPath.test(path);
  const isLoopback = loopbackHosts.has(url.hostname);
  return {
    text: whole,
    origin: url.origin,
    host: url.host,
    root: isVersioned ? whole.replace(versionPath, '') : whole,
    apis: isVersioned ? [whole] : [`${whole}/v1`, whole],
    isLoopback,
    isUnencrypted: url.protocol === 'http:' && !isLoopback,
  };
}
