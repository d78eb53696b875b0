/** Proxies and certificates: the secret in them, and their form for the page. */
import { X509Certificate } from 'node:crypto';
import type { ProxyOptions } from '../hub/hub.ts';
import type { ShownCertificates } from '../../preload/contract/settings.ts';
import { AppError } from '../../preload/wire/errors.ts';

/** The placeholder for a proxy's password on the page. When the page sends it back, the stored password stays. */
const HIDDEN_PASSWORD = '********';

/** The network as requests use it. The proxies' addresses contain their passwords. */
export interface Network extends ProxyOptions {
  readonly hubEndpoint: string;
}

/**
 * A proxy's address without its password, and the password. `kept` is the address so far, whose password replaces the placeholder in the
 * new address. @throws AppError `invalid_input` for a placeholder without such a password.
 */
export function splitProxy(
  address: string,
  kept: { readonly address: string | null; readonly password: string | null },
): { address: string; password: string | null } {
  const url = new URL(address);
  const password = url.password === '' ? null : decoded(url.password);
  url.password = '';
  const bare = url.href;
  if (password !== HIDDEN_PASSWORD) return { address: bare, password };
  if (bare !== kept.address || kept.password === null)
    throw new AppError(
      'invalid_input',
      'Type the proxy’s password again. The stored one is only for the old address.',
      {
        reason: 'proxy_password',
      },
    );
  return { address: bare, password: kept.password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % of the password itself
  }
}

/** The address with its password, for requests. */
export function joinProxy(address: string, password: string | null): string {
  if (password === null) return address;
  const url = new URL(address);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** The address for the page, without its password. An unreadable address is not shown at all. */
export function shownProxy(address: string): string {
  if (!URL.canParse(address)) return HIDDEN_PASSWORD;
  const url = new URL(address);
  if (url.password !== '') url.password = HIDDEN_PASSWORD;
  return url.href;
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** Limit for the names on the page; a system's bundle has hundreds. */
const MOST_NAMED = 3;

/** The certificates of a PEM text without the text between them. @throws AppError `invalid_input`. */
export function cleanCertificates(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw new AppError('invalid_input', 'This contains a private key. Paste only the certificates.', {
      reason: 'private_key',
    });
  const blocks = text.match(block) ?? [];
  if (blocks.length === 0)
    throw new AppError(
      'invalid_input',
      'There is no certificate in this. It begins with -----BEGIN CERTIFICATE-----.',
      { reason: 'no_certificate' },
    );
  for (const [index, pem] of blocks.entries())
    if (readCertificate(pem) === null)
      throw new AppError('invalid_input', `Certificate ${index + 1} of ${blocks.length} cannot be read.`, {
        reason: 'bad_certificate',
        place: index + 1,
        count: blocks.length,
      });
  return `${blocks.join('\n')}\n`;
}

/** The certificates for the page: their number, and the names of the first few. */
export function shownCertificates(text: string): ShownCertificates {
  const blocks = text.match(block) ?? [];
  const named = blocks.length > MOST_NAMED ? [] : blocks;
  const names = named.flatMap((pem) => /^CN=(.+)$/m.exec(readCertificate(pem)?.subject ?? '')?.[1] ?? []);
  return { count: blocks.length, names };
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
