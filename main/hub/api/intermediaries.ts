/** What answers in place of a server: a proxy, a filter, or a network that wants a login first (a captive portal). */
import { AppError } from '../../../preload/wire/errors.ts';

/** The proxy of a request. */
export interface UsedProxy {
  /** Its host and port, without its name and password. */
  readonly address: string;
  readonly hasPassword: boolean;
  /** The environment variable that sets it; null where a setting does. */
  readonly variable: string | null;
}

/** The proxy at `address`; null for none and for an unreadable address. */
export function usedProxy(address: string | null, variable: string | null): UsedProxy | null {
  const url = address === null ? null : URL.parse(address);
  return url === null ? null : { address: url.host, hasPassword: url.username !== '', variable };
}

/** network.proxy for a status that came from a proxy. `proxy` is null for one that Hearth was not told of. */
export function proxyAnswered(status: number, host: string, proxy: UsedProxy | null): AppError {
  const name = proxy === null ? `A proxy between this computer and ${host}` : `The proxy ${proxy.address}`;
  const facts = { host, proxy: proxy?.address ?? null, variable: proxy?.variable ?? null, status };
  if (status === 407) {
    const isWrong = proxy?.hasPassword === true;
    const wish = isWrong ? 'does not accept the name and the password in its address' : 'needs a name and a password';
    const where = proxy?.variable ?? 'Settings > Network, or in HTTPS_PROXY';
    const sentence = `${name} ${wish} (status 407). They belong into its address, http://NAME:PASSWORD@${proxy?.address ?? 'HOST:PORT'}, in ${where}.`;
    return new AppError('network.proxy', sentence, { ...facts, reason: isWrong ? 'wrong_password' : 'password' });
  }
  if (status >= 500)
    return new AppError('network.proxy', `${name} got no answer from ${host} (status ${String(status)}).`, {
      ...facts,
      reason: 'no_answer',
    });
  const refusal = `${name} does not let Hearth reach ${host} (status ${String(status)}).`;
  return new AppError('network.proxy', refusal, { ...facts, reason: 'refused' });
}

/** network.proxy for a failed connection to the proxy, or one through it; null for any other error. */
export function proxyFailure(error: unknown, host: string, proxy: UsedProxy | null): AppError | null {
  if (proxy === null || !(error instanceof Error) || !('code' in error)) return null;
  const { code, statusCode, syscall, port, hostname } = error as NodeJS.ErrnoException & {
    readonly statusCode?: number;
    readonly port?: number;
    readonly hostname?: string;
  };
  if (code === 'ERR_PROXY_TUNNEL' && Number.isInteger(statusCode)) return proxyAnswered(statusCode ?? 0, host, proxy);
  const url = new URL(`http://${proxy.address}`);
  // Nothing but the proxy is connected to, or looked up, for a request that goes through it.
  const isConnect = syscall === 'connect' && port === Number(url.port === '' ? 80 : url.port);
  const isLookup = syscall === 'getaddrinfo' && hostname === url.hostname;
  if (code !== 'ERR_PROXY_TUNNEL' && !isConnect && !isLookup) return null;
  return new AppError('network.proxy', `The proxy ${proxy.address} cannot be reached (${String(code)}).`, {
    host,
    proxy: proxy.address,
    variable: proxy.variable,
    cause: String(code),
    reason: 'unreachable',
  });
}

/** Whether an error status that came through a proxy is the proxy's own: the Hub gives each of its answers an id. */
export function isProxysOwn(status: number, headers: Headers): boolean {
  if (status < 400 || headers.has('x-request-id')) return false;
  if (['proxy-authenticate', 'x-squid-error', 'proxy-status'].some((name) => headers.has(name))) return true;
  return [403, 502, 503, 504].includes(status) && isPage(headers);
}

/**
 * The error for an answer in place of the Hub's or its storage's: a login page, or the page of a filter. Null for any other answer.
 * Neither of the two ever sends a page of HTML with success, and a refusal of theirs has the id of the request.
 */
export function answeredInstead(status: number, headers: Headers, host: string, loginHost: string): AppError | null {
  if (status === 511 || (status >= 200 && status < 300 && isPage(headers))) return loginPage(host, loginHost);
  const isTheirs = ['x-request-id', 'x-amz-cf-id', 'cf-ray'].some((name) => headers.has(name));
  return (status === 403 || status === 451) && isPage(headers) && !isTheirs ? proxyAnswered(status, host, null) : null;
}

/** network.portal. `loginHost` is the host that showed the page. */
export function loginPage(host: string, loginHost: string): AppError {
  const sentence = `${loginHost} answered with a web page in place of ${host}: this network probably needs a login. Open a browser, log in there, and try again.`;
  return new AppError('network.portal', sentence, { host, loginHost });
}

/** Whether the text of an answer is a web page, for answers that do not say what they are. */
export function looksLikePage(text: string): boolean {
  return /^\s*(?:<!doctype html|<html)/i.test(text);
}

function isPage(headers: Headers): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)/i.test(headers.get('content-type') ?? '');
}
