/** How the http shell answers: JSON, and errors with the status that fits their code. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeError, type ErrorCode } from '../../../preload/wire/errors.ts';

/** 4xx where the caller can do something about it, 502 and 503 where the Hub or an engine failed, 500 for a defect or a damaged store. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  not_found: 404,
  unsupported: 422,
  cancelled: 409,
  busy: 409,
  internal: 500,
  unauthorized: 401,
  disconnected: 503,
  'network.proxy': 503,
  'network.portal': 503,
  'remote.unreachable': 503,
  'remote.bad_response': 502,
  'hub.offline': 503,
  // Not 401, which would say that the token of this server is wrong.
  'hub.unauthorized': 403,
  'hub.gated': 403,
  'hub.not_found': 404,
  'hub.rate_limited': 429,
  'hub.bad_response': 502,
  'hub.hash_mismatch': 502,
  'hub.unsafe_name': 422,
  'cache.locked': 409,
  'disk.full': 507,
  'disk.denied': 403,
  'model.missing': 404,
  'model.corrupt': 422,
  'model.unsupported': 422,
  'engine.out_of_memory': 503,
  'engine.crashed': 502,
  'engine.start_failed': 502,
  'engine.not_loaded': 409,
  'engine.context_full': 413,
  'template.invalid': 422,
  'convert.unsupported': 422,
  'convert.invalid': 422,
  'tokenizer.invalid': 422,
  'store.newer_schema': 503,
  'store.corrupt': 500,
  'store.in_use': 409,
};

export const statusOf = (code: ErrorCode): number => statuses[code];

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? null);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

/** The rest of a refused body is accepted for a moment, so that the caller reads the answer and not a connection reset. */
const REST_OF_BODY_MS = 1000;

/** Answers with the error; where an answer has begun already, the connection is cut. A body that is still coming is not waited for. */
export function answerError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const body = encodeError(error);
  if (response.headersSent) return void response.destroy();
  // Of the response, because a request whose body was refused has no socket any more.
  const { socket } = response;
  answerJson(response, statusOf(body.code), { error: body });
  if (request.complete) return;
  request.resume();
  setTimeout(() => request.complete || socket?.destroy(), REST_OF_BODY_MS).unref();
}
