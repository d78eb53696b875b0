/** Requests to one server elsewhere: where, with which headers, and within which limits of time and memory. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { HOPS_HEADER, type Hops } from '../../base/hops.ts';
import { gatherBytes } from '../../base/gathered-bytes.ts';
import { looksLikePage, parseRetryAfter } from '../../hub/hub.ts';
import type { Address } from './address.ts';
import { MAX_BODY_CONTAINERS, type RemoteLimits } from './limits.ts';
import {
  connectionError,
  pageError,
  refusalError,
  silent,
  unreadableAnswer,
  type Refusal,
  type ServerFacts,
} from './refusals.ts';

export interface ClientOptions {
  /** As the user calls the server. */
  readonly name: string;
  readonly address: Address;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** With the proxies and certificates for this server. It follows no redirects. */
  readonly fetch: typeof globalThis.fetch;
  /** The variable that keeps Hearth offline: only this computer itself is asked then. */
  readonly offlineBy: string | null;
  readonly limits: RemoteLimits;
  /** Marks what is sent, so that Hearths that name each other find a ring. */
  readonly hops: Pick<Hops, 'header'>;
}

export interface RequestOrder {
  readonly url: string;
  /** Sent as JSON with POST; absent: GET. */
  readonly body?: unknown;
  /** Its errors name this model. */
  readonly model?: string;
  readonly signal: AbortSignal | undefined;
  /** Default: that of a short question. */
  readonly headersMs?: number;
  readonly maxBytes?: number;
}

/** An answer with success. Leaving its chunks early closes the connection. */
export interface OpenAnswer {
  readonly headers: Headers;
  /** Throws remote.unreachable when the connection breaks off or stays silent, and cancelled. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface RemoteClient {
  readonly address: Address;
  readonly facts: ServerFacts;
  readonly limits: RemoteLimits;
  /** Sends a request once. A refusal is no error here. Throws remote.*, network.proxy, cancelled. */
  send(order: RequestOrder): Promise<OpenAnswer | Refusal>;
  /** The JSON of an answer. Waits and asks again where the server has no room. Throws what `refusalError` makes, remote.*, cancelled. */
  json(order: RequestOrder): Promise<unknown>;
  /** The same; null for any refusal, and for an answer that is no JSON. For methods that only some servers have. */
  jsonIfAny(order: RequestOrder): Promise<unknown>;
  /** The whole text of an open answer. */
  textOf(answer: OpenAnswer, maxBytes: number): Promise<string>;
}

/** Redirects within a server, such as one that adds a slash. */
const MAX_REDIRECTS = 3;
/** Waits between tries where the server does not say how long: 1, 2 and 4 seconds. */
const FIRST_WAIT_MS = 1000;

export const isRefusal = (answer: OpenAnswer | Refusal): answer is Refusal => 'status' in answer;

export function createRemoteClient(options: ClientOptions): RemoteClient {
  const { address, key, limits, name } = options;
  const facts: ServerFacts = {
    name,
    host: address.host,
    hasKey: key !== null,
    // A header of one letter would take that letter out of every sentence.
    secrets: [...(key === null ? [] : [key]), ...Object.values(options.headers)].filter(({ length }) => length >= 6),
  };

  function headersFor(hasBody: boolean): Headers {
    const headers = new Headers({ accept: 'application/json, text/event-stream', 'user-agent': 'hearth' });
    headers.set(HOPS_HEADER, options.hops.header());
    if (hasBody) headers.set('content-type', 'application/json');
    if (key !== null) headers.set('authorization', `Bearer ${key}`);
    for (const [header, value] of Object.entries(options.headers)) headers.set(header, value);
    return headers;
  }

  async function send({ url, body, signal, headersMs = limits.shortMs }: RequestOrder): Promise<OpenAnswer | Refusal> {
    if (options.offlineBy !== null && !address.isLoopback)
      throw new AppError('remote.unreachable', `Hearth is set to work offline (${options.offlineBy}).`, {
        ...{ server: name, host: address.host, variable: options.offlineBy },
        ...{ reason: 'offline_mode', cause: 'offline_mode' },
      });
    const watch = watchSilence(signal);
    const text = body === undefined ? undefined : JSON.stringify(body);
    let at = new URL(url);
    try {
      for (let hop = 0; ; hop++) {
        watch.expect(headersMs);
        const response = await options.fetch(at, {
          method: text === undefined ? 'GET' : 'POST',
          headers: headersFor(text !== undefined),
          redirect: 'manual',
          signal: watch.signal,
          ...(text !== undefined && { body: text }),
        });
        const next = nextAddress(response, at, text !== undefined);
        if (next === null) return await answerOf(response, watch);
        await response.body?.cancel();
        if (next.origin !== address.origin || hop >= MAX_REDIRECTS) throw redirected(facts, next);
        at = next;
      }
    } catch (error) {
      watch.end();
      throw failureOf(facts, error, watch, signal, false);
    }
  }

  async function answerOf(response: Response, watch: SilenceWatch): Promise<OpenAnswer | Refusal> {
    watch.rest();
    const chunks = chunksOf(response, watch);
    if (response.ok) return { headers: response.headers, chunks };
    const body = await readText(chunks, limits.errorBytes, true);
    return { status: response.status, headers: response.headers, body };
  }

  async function* chunksOf(response: Response, watch: SilenceWatch): AsyncGenerator<Uint8Array> {
    try {
      watch.expect(limits.silenceMs);
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        // A reader that is slow is not a server that is silent.
        watch.rest();
        yield chunk;
        watch.expect(limits.silenceMs);
      }
    } catch (error) {
      throw failureOf(facts, error, watch, watch.callers, true);
    } finally {
      watch.end();
      // Where the reader left early. A body that has ended is closed already.
      await response.body?.cancel().catch(() => {});
    }
  }

  async function readText(chunks: AsyncIterable<Uint8Array>, maxBytes: number, isCut: boolean): Promise<string> {
    const gathered = gatherBytes();
    for await (const chunk of chunks) {
      gathered.add(chunk);
      if (gathered.size() <= maxBytes) continue;
      if (isCut) break;
      throw new AppError('remote.bad_response', `${name} sent an answer that is far too long.`, {
        ...{ server: name, host: address.host },
        reason: 'too_long',
      });
    }
    return new TextDecoder().decode(gathered.bytes());
  }

  async function json(order: RequestOrder): Promise<unknown> {
    const tries = sendPatiently(() => send(order), order.signal, limits);
    let step = await tries.next();
    while (step.done !== true) step = await tries.next();
    const answer = step.value;
    if (isRefusal(answer)) throw refusalError(facts, answer, order.model ?? null);
    const text = await readText(answer.chunks, order.maxBytes ?? limits.jsonBytes, false);
    const value = parseBoundedJson(text, order.maxBytes === undefined ? MAX_BODY_CONTAINERS : Infinity);
    if (value !== undefined) return value;
    throw looksLikePage(text) ? pageError(facts, 200) : unreadableAnswer(facts);
  }

  return {
    address,
    facts,
    limits,
    send,
    json,
    async jsonIfAny(order) {
      const answer = await send(order);
      if (isRefusal(answer)) return null;
      return parseBoundedJson(await readText(answer.chunks, limits.jsonBytes, false), MAX_BODY_CONTAINERS) ?? null;
    },
    textOf: async (answer, maxBytes) => await readText(answer.chunks, maxBytes, false),
  };
}

/**
 * Sends until the server has room, at most `retries` more times; yields each wait in milliseconds before it waits. Returns the last answer,
 * which may be the refusal. Throws what `send` throws, and cancelled.
 */
export async function* sendPatiently(
  send: () => Promise<OpenAnswer | Refusal>,
  signal: AbortSignal | undefined,
  { retries, waitMs }: Pick<RemoteLimits, 'retries' | 'waitMs'>,
): AsyncGenerator<number, OpenAnswer | Refusal> {
  for (let retry = 0; ; retry++) {
    const answer = await send();
    if (!isRefusal(answer) || ![429, 503, 529].includes(answer.status) || retry >= retries) return answer;
    const wait = parseRetryAfter(answer.headers.get('retry-after'), Date.now()) ?? FIRST_WAIT_MS * 2 ** retry;
    if (wait > waitMs) return answer;
    yield wait;
    await pause(wait, signal);
  }
}

/** Waits. @throws AppError `cancelled`. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
  if (signal?.aborted === true) throw stopped();
}

export const stopped = (): AppError => new AppError('cancelled', 'Stopped.');

interface SilenceWatch {
  /** Fires when the caller's fires, and when nothing came for too long. */
  readonly signal: AbortSignal;
  readonly callers: AbortSignal | undefined;
  /** The limit that passed; null while none has. */
  expired(): number | null;
  /** Something must come within this time. */
  expect(ms: number): void;
  /** Nothing is awaited. */
  rest(): void;
  end(): void;
}

function watchSilence(callers: AbortSignal | undefined): SilenceWatch {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let passed: number | null = null;
  const rest = (): void => clearTimeout(timer);
  return {
    signal: callers ? AbortSignal.any([callers, late.signal]) : late.signal,
    callers,
    expired: () => passed,
    expect(ms) {
      rest();
      timer = setTimeout(() => {
        passed = ms;
        late.abort();
      }, ms);
    },
    rest,
    end: rest,
  };
}

function failureOf(
  facts: ServerFacts,
  error: unknown,
  watch: SilenceWatch,
  callers: AbortSignal | undefined,
  hasBegun: boolean,
): AppError {
  if (isAppError(error)) return error;
  if (callers?.aborted === true) return stopped();
  const limitMs = watch.expired();
  return limitMs === null ? connectionError(facts, error, hasBegun) : silent(facts, limitMs, hasBegun);
}

/** Where a response redirects to; null where it does not, or where a POST would become a GET by it. */
function nextAddress({ status, headers }: Response, at: URL, isPost: boolean): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null;
  const next = URL.parse(headers.get('location') ?? '', at.href);
  if (next === null) return null;
  // Followed with the same method, a body would be sent where it was not meant to go, or not at all.
  return isPost && status !== 307 && status !== 308 && next.origin === at.origin ? null : next;
}

/** To another host neither the key nor the conversation may go. */
function redirected({ name, host }: ServerFacts, next: URL): AppError {
  // Only some schemes have an origin.
  const target = `${next.origin === 'null' ? next.protocol : next.origin}${next.pathname}`.slice(0, 200);
  return new AppError(
    'remote.bad_response',
    `${host} redirects to ${target}. Enter that address for “${name}”, if it is right.`,
    {
      ...{ server: name, host, target },
      reason: 'redirect',
    },
  );
}
