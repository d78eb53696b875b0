/** How the http shell answers: JSON, and errors with the status that fits their code. */
import type { ServerResponse } from 'node:http';
import { encodeError, type ErrorCode } from '../../../preload/wire/errors.ts';

export function statusOf(code: ErrorCode): number {
  switch (code) {
    case 'invalid_input':
      return 400;
    case 'unauthorized':
      return 401;
    case 'not_found':
    case 'hub.not_found':
    case 'model.missing':
      return 404;
    case 'busy':
    case 'cache.locked':
    case 'engine.not_loaded':
      return 409;
    case 'unsupported':
    case 'model.unsupported':
      return 422;
    case 'disk.full':
      return 507;
    default:
      return 500;
  }
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body ?? null);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

/** Answers with the error; where an answer has begun already, the connection is cut. */
export function answerError(response: ServerResponse, error: unknown): void {
  const body = encodeError(error);
  if (response.headersSent) return void response.destroy();
  answerJson(response, statusOf(body.code), { error: body });
}
