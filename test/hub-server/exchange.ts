/** One request and its response: the record for tests, and bodies that are sent as the faults prescribe. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readContent, type Content } from './content.ts';
import { judge, plainShape, type FaultLevel, type FaultTable, type Shape } from './faults.ts';

/** A request and its response. The response's fields are filled in while it is sent. */
export interface RecordedRequest {
  readonly level: FaultLevel;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** The text that the globs of faults are matched against. */
  readonly subject: string;
  readonly headers: IncomingHttpHeaders;
  /** 0 until the response begins; it stays 0 when the connection is reset before that. */
  status: number;
  /** Bytes of the body that were handed to the connection. A client that disconnects may have received fewer. */
  bytesSent: number;
  /** `open` until the response ended, was cut by a fault, or the client disconnected. */
  outcome: 'open' | 'complete' | 'cut' | 'client_gone';
}

/** A piece of a body: bytes, or a range of a file (`end` exclusive). */
export type BodyPart = Uint8Array | { readonly content: Content; readonly start: number; readonly end: number };

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly record: RecordedRequest;
  readonly shape: Shape;
}

/** The state that all exchanges of a server share. */
export interface ExchangeState {
  readonly faults: FaultTable;
  readonly requests: RecordedRequest[];
  /** The server's own speed limit per connection; Infinity for none. */
  readonly bytesPerSecond: number;
}

const faultMessages: Readonly<Record<number, string>> = {
  401: 'Invalid username or password.',
  403: 'Forbidden',
  429: 'We had to rate limit your IP. Log in with a token, or retry later.',
  500: 'Internal Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Timeout',
};

/** Records the request and applies the faults. Null when a fault has already answered or ended it. */
export async function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  level: FaultLevel,
  subject: string,
  state: ExchangeState,
): Promise<Exchange | null> {
  const path = request.url ?? '/';
  const method = request.method ?? 'GET';
  const record: RecordedRequest = {
    level,
    method,
    path,
    subject,
    headers: request.headers,
    status: 0,
    bytesSent: 0,
    outcome: 'open',
  };
  state.requests.push(record);
  const settle = (): void => {
    if (record.outcome === 'open') record.outcome = response.writableFinished ? 'complete' : 'client_gone';
  };
  response.on('finish', settle);
  response.on('close', settle);
  const verdict = await judge(state.faults.match(level, subject, method), level, state.bytesPerSecond);
  const url = new URL(path, `http://${request.headers.host ?? 'localhost'}`);
  switch (verdict.act) {
    case 'go':
      return { request, response, url, record, shape: verdict.shape };
    case 'reset':
      record.outcome = 'cut';
      request.socket.resetAndDestroy();
      return null;
    case 'status': {
      const exchange: Exchange = { request, response, url, record, shape: plainShape(state.bytesPerSecond) };
      const { status, retryAfterSeconds } = verdict;
      const headers: OutgoingHttpHeaders =
        retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) };
      // The Hub also sends the fields of the RateLimit draft: r requests left, t seconds until the limit resets.
      if (status === 429)
        headers['RateLimit'] = `"${level === 'api' ? 'api' : 'resolvers'}";r=0;t=${String(retryAfterSeconds ?? 300)}`;
      const message = faultMessages[status] ?? 'Error';
      if (level === 'api') await sendJson(exchange, status, { error: message }, headers);
      else await sendText(exchange, status, message, headers);
      return null;
    }
    default:
      return verdict satisfies never;
  }
}

/** Every response of the Hub has one, and error messages of its clients quote it. */
function commonHeaders(): OutgoingHttpHeaders {
  const digits = crypto.randomUUID().replaceAll('-', '');
  return {
    'X-Request-Id': `Root=1-${digits.slice(0, 8)}-${digits.slice(8)}`,
    'X-Powered-By': 'test hub',
    'Access-Control-Expose-Headers':
      'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash',
  };
}

/** Answers with JSON. */
export function sendJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(value));
  return sendBody(exchange, status, { 'Content-Type': 'application/json; charset=utf-8', ...headers }, [bytes]);
}

/** Answers with plain text. */
export function sendText(
  exchange: Exchange,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): Promise<void> {
  return sendBody(exchange, status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, [Buffer.from(text)]);
}

/** Redirects the client, with a short text as the body, as the Hub does. */
export function sendRedirect(
  exchange: Exchange,
  status: 302 | 307,
  location: string,
  headers: OutgoingHttpHeaders = {},
): Promise<void> {
  const reason = status === 302 ? 'Found' : 'Temporary Redirect';
  return sendText(exchange, status, `${reason}. Redirecting to ${location}`, {
    ...headers,
    Location: location,
    Vary: 'Origin, Accept',
  });
}

function partSize(part: BodyPart): number {
  return part instanceof Uint8Array ? part.byteLength : part.end - part.start;
}

async function* chunksOf(parts: readonly BodyPart[], shape: Shape): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      yield Buffer.from(part);
      continue;
    }
    let position = part.start;
    for await (const chunk of readContent(part.content, part.start, part.end)) {
      for (const offset of shape.corruptAt) {
        const within = offset - position;
        if (within >= 0 && within < chunk.byteLength) chunk[within] = (chunk[within] ?? 0) ^ 0xff;
      }
      position += chunk.byteLength;
      yield chunk;
    }
  }
  if (shape.extraBytes > 0) yield Buffer.alloc(shape.extraBytes, 0x2b);
}

/**
 * Sends a body in pieces, with the right Content-Length unless a fault changes it. Resolves when everything was
 * written, when a fault cut or stalled it, or when the client disconnected; never throws for those.
 */
export async function sendBody(
  exchange: Exchange,
  status: number,
  headers: OutgoingHttpHeaders,
  parts: readonly BodyPart[],
): Promise<void> {
  const { request, response, record, shape } = exchange;
  const total = parts.reduce((sum, part) => sum + partSize(part), 0);
  const isBent = shape.missingBytes > 0 || shape.extraBytes > 0;
  response.writeHead(status, { ...commonHeaders(), ...headers, ...(isBent ? {} : { 'Content-Length': total }) });
  record.status = status;
  if (request.method === 'HEAD' || status === 304) {
    response.end();
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.flushHeaders();
  const limits = [total + shape.extraBytes - shape.missingBytes, shape.cutAfterBytes, shape.stallAfterBytes];
  const limit = Math.max(0, Math.min(...limits.filter((value) => value !== null)));
  try {
    await pump(exchange, parts, limit, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    throw error;
  }
  if (shape.stallAfterBytes === limit) return;
  if (shape.cutAfterBytes === limit) {
    record.outcome = 'cut';
    // An empty write calls back when everything before it is with the kernel, so that the bytes before a fault arrive.
    response.write('', () => request.socket.destroy());
    return;
  }
  response.end();
}

async function pump(exchange: Exchange, parts: readonly BodyPart[], limit: number, signal: AbortSignal): Promise<void> {
  const { response, record, shape } = exchange;
  const pieceBytes = Math.max(512, Math.min(1 << 18, Math.ceil(shape.bytesPerSecond / 20)));
  const startedAt = performance.now();
  if (limit === 0) return;
  for await (const chunk of chunksOf(parts, shape)) {
    for (let start = 0; start < chunk.byteLength; start += pieceBytes) {
      const piece = chunk.subarray(start, Math.min(start + pieceBytes, start + limit - record.bytesSent));
      // Waits before it sends: a client counts the length, and would otherwise finish one piece too early.
      const dueMs =
        ((record.bytesSent + piece.byteLength) / shape.bytesPerSecond) * 1000 - (performance.now() - startedAt);
      if (dueMs > 0) await sleep(dueMs, undefined, { signal });
      record.bytesSent += piece.byteLength;
      if (!response.write(piece)) await once(response, 'drain', { signal });
      signal.throwIfAborted();
      if (record.bytesSent >= limit) return;
    }
  }
}
