/** Proxy and certificates: what is kept apart as a secret, and what the page is shown in its place. */
import { X509Certificate } from 'node:crypto';
import type { ProxyOptions } from '../hub/hub.ts';
import type { ShownCertificates } from '../../preload/contract/settings.ts';
import { AppError } from '../../preload/wire/errors.ts';

/** Stands for a proxy's password wherever the page can see it. Sent back unchanged it means "the password that is kept". */
export const HIDDEN_PASSWORD = '********';

/** The network as requests use it. The proxies' addresses contain their passwords. */
export interface Network extends ProxyOptions {
  readonly hubEndpoint: string;
}

/**
 * A proxy's address without its password, and the password. `kept` is the address in use so far: its password counts where
 * the new address has the placeholder. @throws AppError `invalid_input` for a placeholder with nothing kept behind it.
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
    throw new AppError('invalid_input', 'Type the proxy’s password again: it is kept for the old address alone.', {
      reason: 'proxy_password',
    });
  return { address: bare, password: kept.password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % of the password itself
  }
}

/** The address as a request needs it. */
export function joinProxy(address: string, password: string | null): string {
  if (password === null) return address;
  const url = new URL(address);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** The address as the page may see it. An address that cannot be read shows nothing of itself. */
export function shownProxy(address: string): string {
  if (!URL.canParse(address)) return HIDDEN_PASSWORD;
  const url = new URL(address);
  if (url.password !== '') url.password = HIDDEN_PASSWORD;
  return url.href;
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** As many as are named to the page; a system's own bundle has hundreds. */
const MOST_NAMED = 3;

/** The certificates of a PEM text, one after the other, without what stands between them. @throws AppError `invalid_input`. */
export function cleanCertificates(text: string): string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    throw new AppError('invalid_input', 'This holds a private key. Paste the certificates alone.', {
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

/** What the page sees in place of the certificates: how many there are, and whose the first few are. */
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
