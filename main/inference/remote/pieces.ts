/** One event of a server's stream, of any of three forms, as a piece of a reply. */
import type { TokenAlternative, TokenLogprob } from '../../../preload/contract/chat.ts';
import { countOf, fieldsOf, listOf, type Fields } from './fields.ts';

/** The next text of a call. A server sends a call whole, or its arguments in pieces. */
export interface CallDelta {
  readonly index: number | null;
  readonly id: string | null;
  readonly name: string | null;
  /** JSON text, or a part of it. */
  readonly arguments: string;
}

/** Counts in tokens; null where the server does not tell. */
export interface Usage {
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly cachedTokens: number | null;
  readonly reasoningTokens: number | null;
}

export interface ReplyPiece {
  readonly content: string;
  readonly reasoning: string;
  /** The server separates reasoning itself. */
  readonly hasReasoningField: boolean;
  readonly calls: readonly CallDelta[];
  readonly logprobs: readonly TokenLogprob[];
  /** Why the reply ended, in OpenAI's words; null while it goes on. */
  readonly finish: string | null;
  readonly stopText: string | null;
  readonly usage: Usage | null;
}

/** Calls of one reply, and the alternatives of a token. */
const MAX_CALLS = 128;
const MAX_ALTERNATIVES = 64;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const nothing: ReplyPiece = {
  ...{ content: '', reasoning: '', hasReasoningField: false, calls: [], logprobs: [] },
  ...{ finish: null, stopText: null, usage: null },
};

/** A chunk of `/chat/completions`, or its whole answer where a server does not stream. */
export function chatPiece(value: unknown): ReplyPiece {
  const chunk = fieldsOf(value);
  const choice = choiceOf(chunk);
  const message = fieldsOf(choice['delta'] ?? choice['message']);
  const { text, thoughts } = contentOf(message['content']);
  const reasoning = ['reasoning_content', 'reasoning', 'reasoning_text'].find((name) => textOf(message[name]) !== '');
  const legacy = message['function_call'];
  const calls = [...listOf(message['tool_calls']), ...(legacy ? [{ index: 0, function: legacy }] : [])];
  return {
    content: text,
    reasoning: reasoning === undefined ? thoughts : textOf(message[reasoning]),
    hasReasoningField: reasoning !== undefined || thoughts !== '',
    calls: calls.slice(0, MAX_CALLS).map(callOf),
    logprobs: logprobsOf(choice['logprobs']),
    ...endOf(choice),
    usage: usageOf(chunk),
  };
}

/** A chunk of `/completions`. */
export function completionPiece(value: unknown): ReplyPiece {
  const chunk = fieldsOf(value);
  const choice = choiceOf(chunk);
  return {
    ...nothing,
    content: textOf(choice['text']),
    logprobs: logprobsOf(choice['logprobs']),
    ...endOf(choice),
    usage: usageOf(chunk),
  };
}

/** A chunk of llama-server's `/infill`. */
export function infillPiece(value: unknown): ReplyPiece {
  const chunk = fieldsOf(value);
  const prompt = countOf(chunk['tokens_evaluated']);
  const generated = countOf(chunk['tokens_predicted']);
  const isEnd = chunk['stop'] === true;
  const timings = fieldsOf(chunk['timings']);
  return {
    ...nothing,
    content: textOf(chunk['content']),
    finish: isEnd ? (chunk['stop_type'] === 'limit' ? 'length' : 'stop') : null,
    stopText: isEnd ? textOrNull(chunk['stopping_word']) : null,
    usage:
      isEnd && prompt !== null && generated !== null
        ? {
            promptTokens: prompt,
            generatedTokens: generated,
            cachedTokens: countOf(timings['cache_n']),
            reasoningTokens: null,
          }
        : null,
  };
}

/** The first choice. Hearth asks for one; a last chunk with the usage has none. */
function choiceOf(chunk: Fields): Fields {
  const choices = listOf(chunk['choices']).map(fieldsOf);
  return choices.find(({ index }) => index === 0) ?? choices[0] ?? {};
}

function endOf(choice: Fields): Pick<ReplyPiece, 'finish' | 'stopText'> {
  const finish = textOrNull(choice['finish_reason']);
  // vLLM says which text ended the reply; the number of an end token is none.
  const matched = textOrNull(choice['stop_reason']) ?? textOrNull(choice['matched_stop']);
  return { finish, stopText: finish === 'stop' ? matched : null };
}

/** The content as text, or as a list of texts and thoughts (Mistral's own service). */
function contentOf(content: unknown): { text: string; thoughts: string } {
  if (typeof content === 'string') return { text: content, thoughts: '' };
  let text = '';
  let thoughts = '';
  for (const part of listOf(content).map(fieldsOf)) {
    if (part['type'] === 'thinking')
      thoughts += listOf(part['thinking'])
        .map((one) => textOf(fieldsOf(one)['text']))
        .join('');
    else text += textOf(part['text']);
  }
  return { text, thoughts };
}

function callOf(value: unknown): CallDelta {
  const call = fieldsOf(value);
  const what = fieldsOf(call['function']);
  const given = what['arguments'];
  return {
    index: countOf(call['index']),
    id: textOrNull(call['id']),
    name: textOrNull(what['name']),
    arguments: typeof given === 'object' && given !== null ? JSON.stringify(given) : textOf(given),
  };
}

function usageOf(chunk: Fields): Usage | null {
  const usage = fieldsOf(chunk['usage']);
  const timings = fieldsOf(chunk['timings']);
  const promptTokens = countOf(usage['prompt_tokens']) ?? sumOf(timings['prompt_n'], timings['cache_n']);
  const generatedTokens = countOf(usage['completion_tokens']) ?? countOf(timings['predicted_n']);
  if (promptTokens === null || generatedTokens === null) return null;
  const prompt = fieldsOf(usage['prompt_tokens_details']);
  const completion = fieldsOf(usage['completion_tokens_details']);
  return {
    promptTokens,
    generatedTokens,
    cachedTokens:
      countOf(prompt['cached_tokens']) ?? countOf(timings['cache_n']) ?? countOf(usage['prompt_cache_hit_tokens']),
    reasoningTokens: countOf(completion['reasoning_tokens']) ?? countOf(usage['reasoning_tokens']),
  };
}

function sumOf(a: unknown, b: unknown): number | null {
  const first = countOf(a);
  return first === null ? null : first + (countOf(b) ?? 0);
}

/** Probabilities in the form of chats (`content`), and in that of completions (lists by name). */
function logprobsOf(value: unknown): readonly TokenLogprob[] {
  const given = fieldsOf(value);
  const content = listOf(given['content']);
  if (content.length > 0)
    return content.map(fieldsOf).flatMap((one) => {
      const token = alternativeOf(one);
      const others = listOf(one['top_logprobs']).slice(0, MAX_ALTERNATIVES).map(fieldsOf);
      return token === null ? [] : { ...token, alternatives: others.flatMap((other) => alternativeOf(other) ?? []) };
    });
  const tops = listOf(given['top_logprobs']);
  const probabilities = listOf(given['token_logprobs']);
  return listOf(given['tokens']).flatMap((text, index) => {
    const token = alternativeOf({ token: text, logprob: probabilities[index] });
    const others = Object.entries(fieldsOf(tops[index])).slice(0, MAX_ALTERNATIVES);
    const alternatives = others.flatMap(([other, logprob]) => alternativeOf({ token: other, logprob }) ?? []);
    return token === null ? [] : { ...token, alternatives: alternatives.sort((a, b) => b.logprob - a.logprob) };
  });
}

/** The logarithm of no probability at all is no number of JSON. Servers write -9999 and the like, or null. */
const LEAST_LOGPROB = -9999;

function alternativeOf(fields: Fields): TokenAlternative | null {
  const { token, logprob, id } = fields;
  if (typeof token !== 'string') return null;
  const known = typeof logprob === 'number' && Number.isFinite(logprob) ? Math.min(0, logprob) : LEAST_LOGPROB;
  const bytes = token.includes('\uFFFD') ? bytesOf(fields['bytes']) : null;
  return { id: countOf(id) ?? -1, text: token, ...(bytes && { bytes }), logprob: known };
}

const MAX_TOKEN_BYTES = 1024;

function bytesOf(value: unknown): readonly number[] | null {
  const bytes = listOf(value);
  const isBytes = (list: readonly unknown[]): list is readonly number[] =>
    list.every((one) => typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= 255);
  return bytes.length > 0 && bytes.length <= MAX_TOKEN_BYTES && isBytes(bytes) ? bytes : null;
}
