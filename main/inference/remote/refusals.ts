/** What a server elsewhere says when it refuses, as errors with the words and facts that the user needs. */
import { AppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { withoutMarks } from '../../base/foreign-text.ts';
import { withoutSecrets } from '../../base/without-secrets.ts';
import { causeOf, looksLikePage, parseRetryAfter } from '../../hub/hub.ts';
import { isFields } from './fields.ts';
import { MAX_EVENT_CONTAINERS } from './limits.ts';

/** Whose answer it is. `secrets` are taken out of what the server says: some quote the key that they refuse. */
export interface ServerFacts {
  readonly name: string;
  readonly host: string;
  readonly hasKey: boolean;
  readonly secrets: readonly string[];
}

export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body. */
  readonly body: string;
}

/** A longer explanation explains nothing. */
const MAX_DETAIL_CHARS = 400;

/** A server's own words, short and without secrets. */
export function saidBy({ secrets }: Pick<ServerFacts, 'secrets'>, words: string): string {
  // The key first: the sentence may be cut in the middle of it.
  const bare = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), words.slice(0, 20_000));
  const plain = withoutMarks(withoutSecrets(bare)).replaceAll(/\s+/g, ' ').trim();
  return plain.length > MAX_DETAIL_CHARS ? `${plain.slice(0, MAX_DETAIL_CHARS - 1)}…` : plain;
}

/** An error deeper in a body than any server puts one tells nothing. */
const MAX_ERROR_DEPTH = 8;

/** The sentence in a body or an event that tells an error; null where it tells none. */
export function errorIn(value: unknown, depth = MAX_ERROR_DEPTH): string | null {
  if (depth === 0) return null;
  if (typeof value === 'string') return value === '' ? null : value;
  // FastAPI, beneath vLLM and others: a list of what is wrong with which field.
  if (Array.isArray(value)) {
    const found = value.slice(0, 3).flatMap((one) => errorIn(one, depth - 1) ?? []);
    return found.length > 0 ? found.join('; ') : null;
  }
  if (!isFields(value)) return null;
  if (typeof value['msg'] === 'string') {
    const place = Array.isArray(value['loc']) ? `${value['loc'].slice(0, 6).map(String).join('.')}: ` : '';
    return `${place}${value['msg']}`;
  }
  for (const key of ['error', 'message', 'detail', 'errors']) {
    const found = value[key] === undefined ? null : errorIn(value[key], depth - 1);
    if (found !== null) return found;
  }
  return null;
}

/** What the body of a refusal says; null for an empty one and for a page of HTML. */
export function wordsOf(facts: ServerFacts, body: string): string | null {
  if (looksLikePage(body)) return null;
  const said = errorIn(parseBoundedJson(body, MAX_EVENT_CONTAINERS)) ?? (/^\s*[[{]/.test(body) ? '' : body);
  const words = saidBy(facts, said);
  return words === '' ? null : words;
}

/** The words for a prompt that is longer than the context, of llama-server, vLLM, SGLang, TGI and OpenAI. */
const tooLong =
  /context (?:length|size|window)|exceed_context_size|context_length_exceeded|maximum (?:model|input) length|max_model_len|must have less than \d+ tokens|(?:inputs?|prompt)(?: tokens)? .{0,40}too (?:long|large)|longer than the model'?s? context/i;

/** The numbers of such a sentence or body; empty where they are not told. */
function sizesIn(body: string): { neededTokens?: number; contextSize?: number } {
  // llama-server: {"n_prompt_tokens": 600, "n_ctx": 512}
  const needed = /"n_prompt_tokens"\s*:\s*(\d{1,9})/.exec(body)?.[1];
  const context = /"n_ctx"\s*:\s*(\d{1,9})/.exec(body)?.[1];
  if (needed !== undefined && context !== undefined)
    return { neededTokens: Number(needed), contextSize: Number(context) };
  const limit =
    /(?:maximum context length(?: of the model)?|context (?:length|size|window)|maximum model length|max_model_len)\D{0,30}?(\d{2,9})/i.exec(
      body,
    )?.[1];
  const asked =
    /(?:requested|resulted in|contains?|has|request)(?: about| at least)? \(?(\d{2,9}) (?:input |output )?tokens/i.exec(
      body,
    )?.[1];
  return {
    ...(limit !== undefined && { contextSize: Number(limit) }),
    ...(limit !== undefined && asked !== undefined && { neededTokens: Number(asked) }),
  };
}

/** The error of a sentence that a server sends in place of a reply, or in the middle of one. */
export function errorOfWords(facts: ServerFacts, said: string, raw: string): AppError {
  const { name, host } = facts;
  const about = { server: name, host };
  if (tooLong.test(raw))
    return new AppError('engine.context_full', `The conversation is longer than the model can hold: ${said}`, {
      ...about,
      ...sizesIn(raw),
    });
  return new AppError('remote.bad_response', `${name} ended the reply: ${said}`, {
    ...about,
    reason: 'said',
    detail: said,
  });
}

/** The error of an answer that is not 2xx. `model`: the model that was asked for, null where none was. */
export function refusalError(facts: ServerFacts, { status, headers, body }: Refusal, model: string | null): AppError {
  const { name, host, hasKey } = facts;
  const said = wordsOf(facts, body);
  const about = { server: name, host, status, ...(said !== null && { detail: said }) };
  const because = said === null ? '' : ` It says: ${said}`;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now());
  if (status === 401 || status === 403)
    return new AppError(
      'unauthorized',
      `${host} ${hasKey ? 'does not accept the key of' : 'asks for a key, and there is none for'} “${name}”.${because}`,
      { ...about, reason: hasKey ? 'remote_key' : 'remote_no_key' },
    );
  if (status === 429 || status === 503 || status === 529)
    return new AppError('busy', `${name} has no room for another request.${because}`, {
      ...about,
      reason: 'remote_busy',
      ...(retryAfterMs !== null && { retryAfterMs }),
    });
  if ((status === 400 || status === 413 || status === 422 || status === 500) && tooLong.test(body))
    return errorOfWords(facts, said ?? '', body);
  if (looksLikePage(body)) return pageError(facts, status);
  if (status === 404 && model !== null)
    return new AppError('model.missing', `${name} has no model “${model}”.${because}`, {
      ...about,
      reason: 'remote',
      model,
    });
  if (status === 404 || status === 405 || status === 501)
    return new AppError('unsupported', `${name} does not offer this.${because}`, { ...about, reason: 'remote' });
  if (status >= 400 && status < 500)
    return new AppError('invalid_input', `${name} refuses the request (status ${status}).${because}`, {
      ...about,
      reason: 'remote',
    });
  return new AppError('remote.bad_response', `${name} answered with status ${status}.${because}`, {
    ...about,
    reason: 'status',
  });
}

/** A page of HTML in place of an answer: a login page, a proxy, or an address of something else. */
export function pageError({ name, host }: ServerFacts, status: number): AppError {
  return new AppError('remote.bad_response', `${host} answered with a web page. Check the address of “${name}”.`, {
    ...{ server: name, host, status },
    reason: 'page',
  });
}

/** Something else than the protocol says. */
export function unreadableAnswer({ name, host }: ServerFacts): AppError {
  return new AppError('remote.bad_response', `${name} answered with something that is not OpenAI's protocol.`, {
    ...{ server: name, host },
    reason: 'unreadable',
  });
}

/** The error of a connection that failed. `hasBegun`: in the middle of an answer. */
export function connectionError({ name, host }: ServerFacts, error: unknown, hasBegun: boolean): AppError {
  const cause = causeOf(error);
  const about = { server: name, host, cause };
  const unreachable = (reason: string, sentence: string): AppError =>
    new AppError('remote.unreachable', sentence, { ...about, reason });
  if (hasBegun) return unreachable('cut', `The connection to ${host} broke off (${cause}).`);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/.test(cause))
    return unreachable(
      'certificate',
      `The certificate of ${host} cannot be checked (${cause}). Add its certificate authority to “${name}”.`,
    );
  if (cause === 'ECONNREFUSED')
    return unreachable('refused', `Nothing listens at ${host}. Start the server, or check the port.`);
  if (cause === 'ENOTFOUND' || cause === 'EAI_AGAIN')
    return unreachable('unknown_host', `There is no computer named ${host}. Check the address of “${name}”.`);
  return unreachable('network', `${host} cannot be reached (${cause}).`);
}

/** Nothing came for so long. */
export function silent({ name, host }: ServerFacts, limitMs: number, hasBegun: boolean): AppError {
  return new AppError('remote.unreachable', `${name} sent nothing for ${Math.round(limitMs / 1000)} seconds.`, {
    server: name,
    host,
    reason: hasBegun ? 'silent' : 'no_answer',
    limitMs,
    cause: 'ETIMEDOUT',
  });
}
