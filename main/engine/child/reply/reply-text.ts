/** From tokens to text: of a reply as it streams, and of the alternatives of each token. */
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { TokenLogprob } from '../../../../preload/contract/chat.ts';
import { bytesOf } from '../prompt/token-bytes.ts';

/** The entry of `sampling.logprobs` for one token. `before` are the tokens before it, on which its text depends. */
export function logprobOf(
  model: LlamaModel,
  token: Token,
  probabilities: Map<Token, number> | undefined,
  count: number,
  before: readonly Token[],
): TokenLogprob {
  const textOf = (one: Token): { readonly text: string; readonly bytes?: readonly number[] } => {
    const text = model.detokenize([one], true, before);
    const bytes = bytesOf(model, one, text);
    return { text, ...(bytes && { bytes }) };
  };
  const log = (probability: number | undefined): number => Math.log(Math.max(probability ?? 0, Number.MIN_VALUE));
  const alternatives = [...(probabilities ?? [])]
    .slice(0, count)
    .map(([id, probability]) => ({ id, ...textOf(id), logprob: log(probability) }));
  return { id: token, ...textOf(token), logprob: log(probabilities?.get(token)), alternatives };
}

/** Special tokens that mark reasoning or calls. The splitters need their text, which detokenizing leaves out. */
export function markTokens(model: LlamaModel, marks: readonly string[]): ReadonlyMap<Token, string> {
  const shown = new Map<Token, string>();
  for (const mark of marks) {
    const tokens = model.tokenize(mark, true);
    const token = tokens[0];
    if (tokens.length === 1 && token !== undefined && model.isSpecialToken(token)) shown.set(token, mark);
  }
  return shown;
}

/** Text of tokens as they come. */
export interface Detokenizer {
  push(token: Token): string;
  /** The text that was held back, without the bytes of a character that the reply was cut in. */
  end(): string;
}

/** A detokenizer that holds back a character until all its bytes are there, which several tokens may share. */
export function createDetokenizer(
  model: LlamaModel,
  before: readonly Token[],
  shown: ReadonlyMap<Token, string>,
): Detokenizer {
  let last = before.slice(-8);
  let pending: Token[] = [];
  const take = (): string => {
    const text = pending.length > 0 ? model.detokenize(pending, false, last) : '';
    last = [...last, ...pending].slice(-8);
    pending = [];
    return text;
  };
  return {
    push(token) {
      const mark = shown.get(token);
      if (mark !== undefined) {
        const text = take() + mark;
        last = [...last, token].slice(-8);
        return text;
      }
      pending.push(token);
      // A character has four bytes at most: more pending tokens than that are broken text and no unfinished character.
      if (pending.length <= 4 && model.detokenize(pending, false, last).endsWith('\uFFFD')) return '';
      return take();
    },
    end() {
      const cut = cutCharacterLength(model, pending, last);
      const text = take();
      return text.slice(0, text.length - cut);
    },
  };
}

/**
 * How many U+FFFD stand at the end of the text of `pending` for a character whose last bytes are missing. One that the model wrote has
 * all its bytes, or is text in the vocabulary, and does not count.
 */
function cutCharacterLength(model: LlamaModel, pending: readonly Token[], before: readonly Token[]): number {
  const bytes: number[] = [];
  for (const token of pending.toReversed()) {
    // Such tokens have no text here, but a name that would be read as bytes.
    if (model.isSpecialToken(token)) continue;
    const own = bytesOf(model, token, model.detokenize([token], false, before));
    if (own === null) break;
    bytes.unshift(...own);
  }
  const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  // A decoder that awaits more keeps back what may become a character.
  const finished = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes), { stream: true });
  return whole.length - finished.length;
}
