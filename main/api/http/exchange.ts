/** A request and the ways to answer it: one JSON body, text, or a stream that waits for its reader. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../../../preload/contract/server.ts';
import { encodeError } from '../../../preload/wire/errors.ts';
import type { Caller } from '../keys/keys.ts';
import type { Entry } from '../server/activity.ts';
import { errorForms } from './dialects.ts';
import { retryAfterSeconds, statusOf } from './statuses.ts';

/** Server-sent events. Each method resolves when the reader is not too far behind. */
export interface EventStream {
  /** An event with JSON data, and a name where the dialect gives its events one. */
  send(data: unknown, event?: string): Promise<void> | void;
  /** Text as it is, such as `data: [DONE]` with its two line breaks. */
  raw(text: string): Promise<void> | void;
  end(): void;
}

/** JSON objects, one a line. */
export interface LineStream {
  send(line: unknown): Promise<void> | void;
  end(): void;
}

export interface Exchange<Body = unknown> {
  readonly request: IncomingMessage;
  readonly body: Body;
  /** The named segments of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The key of the request; null where none is needed. */
  readonly caller: Caller | null;
  /** By which programs are served in turn. */
  readonly client: string;
  /** Fires when the caller has hung up, the key is revoked, the user ends the request, or the server stops. */
  readonly signal: AbortSignal;
  readonly entry: Entry;
  /** Sets a header of the answer, before it begins. */
  header(name: string, value: string): void;
  json(status: number, body: unknown): void;
  text(status: number, contentType: string, text: string): void;
  /** Begins a stream of server-sent events. From then on an error is told in the stream. `alive` breaks silences; default: a comment. */
  events(alive?: string): EventStream;
  lines(): LineStream;
}

interface ExchangeFacts<Body> extends Pick<
  Exchange<Body>,
  'request' | 'body' | 'params' | 'query' | 'caller' | 'client' | 'signal' | 'entry'
> {
  readonly response: ServerResponse;
}

/**
 * So much of an answer waits in memory for its reader, so that the model does not wait: a reply of fifty thousand tokens. A model that
 * waits keeps its slot from others.
 */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** Who is that far behind has so long to read it. */
const TAKING_MS = 60_000;

/** Something after so long without an event: programs and what stands between would take the silence for a dead server. */
const SILENCE_MS = 15_000;

export function createExchange<Body>(facts: ExchangeFacts<Body>): Exchange<Body> {
  const { response, entry, signal } = facts;

  /** Resolves when the reader has taken all, or is gone; one who takes too long is sent away. */
  async function drained(): Promise<void> {
    const late = setTimeout(() => response.destroy(), TAKING_MS);
    await once(response, 'drain', { signal }).catch(() => {});
    clearTimeout(late);
  }
  const write = (text: string): Promise<void> | void => {
    if (response.destroyed || response.writableEnded) return;
    response.write(text);
    if (response.writableLength > MAX_UNREAD_BYTES) return drained();
  };
  const begin = (contentType: string): void => {
    entry.note({ status: 200 });
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.flushHeaders();
  };

  return {
    ...facts,
    header: (name, value) => void response.setHeader(name, value),
    json(status, body) {
      const text = JSON.stringify(body);
      entry.note({ status });
      entry.answered(text);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
      response.end(text);
    },
    text(status, contentType, text) {
      entry.note({ status });
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
      response.end(text);
    },
    events(alive = ': \n\n') {
      begin('text/event-stream; charset=utf-8');
      const silence = setInterval(() => {
        if (!response.writableNeedDrain) void write(alive);
      }, SILENCE_MS);
      response.once('close', () => clearInterval(silence));
      const send = (text: string): Promise<void> | void => {
        silence.refresh();
        return write(text);
      };
      return {
        send: (data, event) =>
          send(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`),
        raw: send,
        end() {
          clearInterval(silence);
          response.end();
        },
      };
    },
    lines() {
      begin('application/x-ndjson');
      return { send: (line) => write(`${JSON.stringify(line)}\n`), end: () => void response.end() };
    },
  };
}

/** The rest of a refused body is accepted for a moment, so that the caller reads the answer and not a connection reset. */
const REST_OF_BODY_MS = 1000;

/** Answers an error as the dialect words it; in a stream that has begun, as its last event. */
export function answerError(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  dialect: Dialect,
  thrown: unknown,
): { readonly status: number } {
  const error = encodeError(thrown);
  const status = statusOf(error);
  const form = errorForms[dialect];
  if (response.writableEnded || response.destroyed) return { status };
  if (response.headersSent) {
    response.end(form.inStream(error, status));
    return { status };
  }
  const retry = retryAfterSeconds(error);
  const text = JSON.stringify(form.body(error, status));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...(retry !== null && { 'retry-after': String(retry) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    // The rest of the body is not read, so nothing can follow on this connection.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(text);
  if (!request.complete) {
    const { socket } = response;
    request.resume();
    setTimeout(() => request.complete || socket?.destroy(), REST_OF_BODY_MS).unref();
  }
  return { status };
}
