/** How each dialect words an error: as the servers that its programs know. */
import type { Dialect } from '../../../preload/contract/server.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';

export interface ErrorForm {
  /** The body of an answer with an error status. */
  body(error: ErrorBody, status: number): unknown;
  /** What a stream that has begun ends with. */
  inStream(error: ErrorBody, status: number): string;
}

const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

const openaiBody = (error: ErrorBody, status: number): unknown => ({
  error: {
    message: error.message,
    type: openaiType(status),
    param: typeof error.data?.['field'] === 'string' ? error.data['field'] : null,
    code: openaiCode(error),
  },
});

function openaiType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** OpenAI's own codes where it has one, so that programs that look for them find them. */
function openaiCode({ code, data }: ErrorBody): string {
  if (code === 'model.missing') return 'model_not_found';
  if (code === 'engine.context_full') return 'context_length_exceeded';
  if (code === 'unauthorized' && data?.['reason'] === 'wrong_key') return 'invalid_api_key';
  if (code === 'busy' && data?.['reason'] === 'rate_limit') return 'rate_limit_exceeded';
  if (code === 'busy' && data?.['reason'] === 'token_limit') return 'insufficient_quota';
  return code;
}

function llamaType(status: number): string {
  if (status === 404) return 'not_found_error';
  return status === 503 ? 'unavailable_error' : openaiType(status);
}

const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};
const anthropicBody = (error: ErrorBody, status: number): unknown => ({
  type: 'error',
  error: {
    type: anthropicTypes[status] ?? 'api_error',
    message: anthropicMessage(error),
    ...(error.data?.['reason'] === 'thread' && { details: threadDetails }),
  },
});

/** By these the official client knows that it has to go on without the server's memory. */
const threadDetails = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };

/** Claude Code shortens a conversation when it reads these words of Anthropic's. */
function anthropicMessage({ code, message, data }: ErrorBody): string {
  const { neededTokens, contextSize } = code === 'engine.context_full' ? (data ?? {}) : {};
  if (typeof neededTokens !== 'number' || typeof contextSize !== 'number') return message;
  return `prompt is too long: ${neededTokens} tokens > ${contextSize} maximum. ${message}`;
}

const openai: ErrorForm = { body: openaiBody, inStream: (error, status) => sse(openaiBody(error, status)) };

export const errorForms: Readonly<Record<Dialect, ErrorForm>> = {
  openai,
  anthropic: { body: anthropicBody, inStream: (error, status) => sse(anthropicBody(error, status), 'error') },
  ollama: {
    body: (error) => ({ error: error.message }),
    inStream: (error) => `${JSON.stringify({ error: error.message })}\n`,
  },
  koboldcpp: {
    body: (error) => ({ detail: { msg: error.message, type: error.code } }),
    inStream: (error) => sse({ detail: { msg: error.message, type: error.code } }, 'error'),
  },
  'llama-server': {
    body: (error, status) => ({ error: { code: status, message: error.message, type: llamaType(status) } }),
    inStream: (error, status) => sse({ error: { code: status, message: error.message, type: llamaType(status) } }),
  },
  hearth: openai,
};
