/**
 * Requests to the Hub. Redirects are followed here and not by `fetch`, so that the token goes to the Hub's own origin only.
 * Failures become AppErrors that contain neither the token nor a signed address.
 */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { gatherBytes } from '../../base/gathered-bytes.ts';
import { parseRetryAfter } from '../transfer/transfer-state.ts';
import { answeredInstead, loginPage, looksLikePage } from './intermediaries.ts';
import { createDeadline, withRetries, type Deadline } from './metadata-retry.ts';

export interface HubClientOptions {
  /** `https://huggingface.co`, a mirror, or a test server; called for each request. A path after the host is kept. */
  readonly endpoint: () => string;
  readonly token: () => string | null;
  readonly fetch: typeof globalThis.fetch;
  /** The variable that keeps Hearth offline: every request throws hub.offline before a socket is opened. Null: online. */
  readonly offlineBy: string | null;
  readonly now: () => number;
  /** Throws the signal's reason when it fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** How long a response other than a file's may take to begin. Default 10 seconds, as in Python's library. */
  readonly responseMs?: number;
}

/** The repository that a request is about, for its errors; null for a search. */
export interface Subject {
  readonly repoId: string | null;
}

export interface Answer {
  readonly response: Response;
  /** The address that answered, after redirects. May contain a signature: never log it. */
  readonly url: string;
  /** The host that answered. */
  readonly host: string;
  /** False when the Hub redirected to another host. */
  readonly fromHub: boolean;
  /** The headers of the Hub's own last response: the redirect, or the response itself. */
  readonly hubHeaders: Headers;
  /** Number of requests: one, and one for each redirect. */
  readonly requests: number;
}

export interface HubClient {
  readonly endpoint: string;
  /** The address of `path` at the Hub; `path` begins with a slash. */
  url(path: string): string;
  /**
   * Sends a request and follows redirects. Resolves with any status. Throws hub.offline, hub.bad_response (redirects), network.proxy,
   * network.portal, cancelled.
   */
  send(url: string, options: SendOptions): Promise<Answer>;
  /** Calls `attempt` again after errors that pass, with a new limit for its response; see `withRetries`. */
  retried<T>(signal: AbortSignal, attempt: (deadline: Deadline) => Promise<T>): Promise<T>;
  /**
   * A `fetch` for the Hub's API. It resolves with complete bodies of at most 32 MiB and status 2xx, and throws an AppError for
   * anything else. Addresses of another origin (a mirror's link to the next page) are requested from the endpoint instead.
   */
  api(subject: Subject, signal: AbortSignal): typeof globalThis.fetch;
  /** The error for a response with an error status. What another host than the Hub says of an account is not believed. */
  errorFor(status: number, headers: Headers, subject: Subject, fromHub?: boolean): AppError;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Fires when the response takes too long: the error is hub.offline then, and not the signal's reason. */
  readonly timeout?: AbortSignal;
  /** For HEAD on a file: do not follow the redirect that already names the file's hash. */
  readonly stopAtFile?: boolean;
}

const MAX_REDIRECTS = 8;
const MAX_API_BYTES = 32 * 1024 * 1024;
/** Limit for the bodies of responses other than files, which take seconds at most. File bodies have a stall limit of their own. */
export const API_BODY_MS = 30_000;
const RESPONSE_MS = 10_000;

export function createHubClient(options: HubClientOptions): HubClient {
  const endpointNow = (): string => options.endpoint().replace(/\/+$/, '');

  const send = async (first: string, request: SendOptions): Promise<Answer> => {
    const hub = new URL(endpointNow());
    let url = new URL(first);
    let method = request.method ?? 'GET';
    let { body } = request;
    let hubHeaders = new Headers();
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (options.offlineBy !== null) throw offlineByChoice(options.offlineBy);
      const isHub = url.origin === hub.origin;
      const headers = new Headers({ ...request.headers, 'user-agent': 'hearth' });
      // Only the Hub gets the token: the address of a redirect target contains a signature of its own.
      const token = isHub ? (options.token()?.trim() ?? '') : '';
      // `Headers` would refuse other characters with an error that quotes the token.
      if (!/^[\x21-\x7e]*$/.test(token))
        throw new AppError('hub.unauthorized', 'The access token has characters that no token has.', {});
      if (token !== '') headers.set('authorization', `Bearer ${token}`);
      const response = await reach(options.fetch, url, request, {
        method,
        headers,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
      if (isHub) hubHeaders = response.headers;
      const location = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get('location') : null;
      const instead = location === null ? answeredInstead(response.status, response.headers, hub.host, url.host) : null;
      if (instead !== null) {
        await response.body?.cancel();
        throw instead;
      }
      if (location === null || (request.stopAtFile === true && isHub && response.headers.has('x-linked-etag'))) {
        return { response, url: url.href, host: url.host, fromHub: isHub, hubHeaders, requests: hop + 1 };
      }
      await response.body?.cancel();
      const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
      const isDowngrade = url.protocol === 'https:' && next?.protocol !== 'https:';
      // Login pages have no certificate for the Hub's name, nor often one at all.
      if (isDowngrade && next?.protocol === 'http:' && next.hostname !== url.hostname)
        throw loginPage(hub.host, next.host);
      if (next === null || isDowngrade || !/^https?:$/.test(next.protocol)) {
        throw new AppError('hub.bad_response', 'The Hub redirected to an address that cannot be used.', {
          status: response.status,
        });
      }
      if (response.status === 303) {
        method = method === 'HEAD' ? 'HEAD' : 'GET';
        body = undefined;
      }
      url = next;
    }
    throw new AppError('hub.bad_response', 'The Hub redirected too many times.', {});
  };

  const errorFor: HubClient['errorFor'] = (status, headers, { repoId }, fromHub = true) => {
    const code = fromHub ? headers.get('x-error-code') : null;
    const endpoint = endpointNow();
    const pageUrl = repoId === null ? endpoint : `${endpoint}/${repoId}`;
    const about = repoId === null ? {} : { repoId };
    if (code === 'GatedRepo') {
      return new AppError(
        'hub.gated',
        `${repoId ?? 'This model'} can be fetched once its terms are accepted at ${pageUrl}${
          options.token() === null
            ? ', with an access token of that account: set HF_TOKEN, or enter it in the settings of the app'
            : ' by the account of the access token'
        }.`,
        { ...about, pageUrl },
      );
    }
    if (
      code === 'RepoNotFound' ||
      code === 'RevisionNotFound' ||
      code === 'EntryNotFound' ||
      status === 404 ||
      status === 410
    ) {
      const of = repoId === null ? '' : ` of ${repoId}`;
      const what =
        code === 'EntryNotFound'
          ? `no such file${of}`
          : code === 'RevisionNotFound'
            ? `no such version${of}`
            : `no ${repoId === null ? 'such model' : `model ${repoId}`}`;
      // For a private model the Hub answers the same, so that nobody can tell whether it exists.
      return new AppError('hub.not_found', `There is ${what} on the Hub, or it is private.`, about);
    }
    if (fromHub && (status === 401 || (status === 403 && options.token() !== null))) {
      return new AppError('hub.unauthorized', 'The Hub does not accept the access token.', { ...about, status });
    }
    if (status === 429) {
      const retryAfterMs = parseRetryAfter(headers.get('retry-after'), options.now()) ?? resetMs(headers);
      return new AppError(
        'hub.rate_limited',
        'The Hub accepts no more requests for now.',
        retryAfterMs === null ? {} : { retryAfterMs },
      );
    }
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'), options.now());
    return new AppError('hub.bad_response', `The Hub answered with status ${String(status)}.`, {
      ...about,
      status,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    });
  };

  const retried: HubClient['retried'] = (signal, attempt) =>
    withRetries(options, signal, async () => {
      const deadline = createDeadline(options.responseMs ?? RESPONSE_MS);
      try {
        return await attempt(deadline);
      } finally {
        deadline.end();
      }
    });

  return {
    get endpoint() {
      return endpointNow();
    },
    url: (path) => `${endpointNow()}${path}`,
    send,
    retried,
    errorFor,
    api: (subject, signal) => async (input, init) => {
      const endpoint = endpointNow();
      const hub = new URL(endpoint);
      const asked = new URL(input instanceof Request ? input.url : input);
      const url = asked.origin === hub.origin ? asked.href : `${endpoint}${asked.pathname}${asked.search}`;
      return await retried(signal, async (deadline) => {
        try {
          const { response, fromHub } = await send(url, {
            method: init?.method ?? 'GET',
            headers: { accept: 'application/json', ...plainHeaders(init?.headers) },
            ...(typeof init?.body === 'string' ? { body: init.body } : {}),
            signal,
            timeout: deadline.signal,
          });
          deadline.begun(API_BODY_MS);
          if (!response.ok) {
            await response.body?.cancel();
            throw errorFor(response.status, response.headers, subject, fromHub);
          }
          const body = await readBounded(response, MAX_API_BYTES);
          // Only JSON and model cards come from here, and the cards are Markdown.
          if (!response.headers.has('x-request-id') && looksLikePage(new TextDecoder().decode(body.subarray(0, 512))))
            throw loginPage(hub.host, hub.host);
          return new Response(body, { status: response.status, headers: response.headers });
        } catch (error) {
          if (isAppError(error)) throw error;
          signal.throwIfAborted();
          throw networkError(deadline.signal.aborted ? 'ETIMEDOUT' : causeOf(error), hub.host);
        }
      });
    },
  };
}

/** A GET of JSON that does not go through the library. Throws as `api` does, and hub.bad_response for a body that is not JSON. */
export async function getJson(
  fetch: typeof globalThis.fetch,
  url: string,
): Promise<{ value: unknown; headers: Headers }> {
  const response = await fetch(url);
  const text = await response.text();
  try {
    return { value: JSON.parse(text) as unknown, headers: response.headers };
  } catch {
    throw new AppError('hub.bad_response', 'The Hub answered with something that is not JSON.', {
      status: response.status,
    });
  }
}

/** The error to throw for one from the Hub's library: an AppError or the abort reason unchanged, else hub.bad_response. */
export function unreadable(error: unknown, signal: AbortSignal, repoId: string): unknown {
  if (isAppError(error)) return error;
  if (signal.aborted) return signal.reason;
  const cause = { cause: error };
  return new AppError('hub.bad_response', 'The Hub answered with something that cannot be read.', { repoId }, cause);
}

/** hub.offline with the code of the system or of TLS: "cannot connect" alone would not help to find the cause. */
export function networkError(cause: string, host: string): AppError {
  const isTls = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(cause);
  const sentence = isTls
    ? `The secure connection to ${host} cannot be checked (${cause}).`
    : `${host} cannot be reached (${cause}).`;
  return new AppError('hub.offline', sentence, { host, cause });
}

/** The innermost system or TLS code of an error of `fetch`, or `network`. */
export function causeOf(error: unknown): string {
  let found = 'network';
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if ('code' in at && typeof at.code === 'string') found = at.code;
    // Several addresses of one host were tried: the first failure stands for all.
    at = at instanceof AggregateError ? (at.errors[0] as unknown) : at.cause;
  }
  return found;
}

async function reach(
  fetch: typeof globalThis.fetch,
  url: URL,
  { signal, timeout }: SendOptions,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: timeout ? AbortSignal.any([signal, timeout]) : signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) throw error;
    throw networkError(timeout?.aborted === true ? 'ETIMEDOUT' : causeOf(error), url.host);
  }
}

function offlineByChoice(variable: string): AppError {
  return new AppError('hub.offline', `Hearth is set to work offline (${variable}).`, {
    cause: 'offline_mode',
    variable,
  });
}

/** The time until the Hub's rate limit is reset, from its RateLimit header (`"api";r=0;t=240`); null without it. */
function resetMs(headers: Headers): number | null {
  const seconds = /(?:^|;)\s*t=(\d{1,6})/.exec(headers.get('ratelimit') ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function plainHeaders(headers: RequestInit['headers']): Record<string, string> {
  const plain = Object.fromEntries(new Headers(headers));
  delete plain['authorization'];
  return plain;
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const gathered = gatherBytes();
  const body = response.body as ReadableStream<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    if (gathered.size() + chunk.byteLength > maxBytes)
      throw new AppError('hub.bad_response', 'The Hub sent a response that is far too long.', {
        status: response.status,
      });
    gathered.add(chunk);
  }
  return gathered.bytes();
}
