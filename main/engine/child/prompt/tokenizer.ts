/**
 * Tokenizes in slices, so that neither a long text nor a slow vocabulary holds up the other replies. The slices end where the tokenizers
 * of all vocabularies begin a new word, so that the tokens are those of the whole text.
 */
import type { LlamaModel, Token } from 'node-llama-cpp';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../../preload/wire/errors.ts';

/** Characters of a slice. Byte tokens take the longest: 8,192 characters of Japanese are 24,576 of them, and took 25 ms. */
const SLICE_CHARS = 8192;
/** A slice ends in this last share of its characters where a word begins there. */
const SEARCH_CHARS = 2048;

export interface TokenizeOptions {
  /** Recognizes the texts of special tokens. */
  readonly special: boolean;
  /** The text continues another one: no space is put before it. */
  readonly continues: boolean;
  /** Beyond so many tokens the rest is not tokenized. */
  readonly limitTokens?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Tokenized {
  readonly tokens: Token[];
  /** Characters at the end that were not tokenized. */
  readonly leftChars: number;
}

export interface Tokenizer {
  /** The texts of the model's special tokens, longest first. In messages they must stay plain text. */
  readonly specialTexts: readonly string[];
  /** @throws AppError `cancelled` when `signal` fires. */
  tokenize(text: string, options: TokenizeOptions): Promise<Tokenized>;
}

/** The tokenizer of a model. It never cuts through the text of a special token. */
export function createTokenizer(model: LlamaModel): Tokenizer {
  const specialTexts = listSpecialTexts(model);
  const longest = Math.max(0, specialTexts[0]?.length ?? 0);
  /** The first place from `at` on that is within no special text. */
  const outsideSpecial = (text: string, at: number): number => {
    const from = Math.max(0, at - longest);
    const around = text.slice(from, at + longest);
    for (const special of specialTexts)
      for (let found = around.indexOf(special); found >= 0; found = around.indexOf(special, found + 1)) {
        const [start, end] = [from + found, from + found + special.length];
        if (start < at && end > at) return start;
      }
    return at;
  };

  return {
    specialTexts,
    async tokenize(text, { special, continues, limitTokens = Infinity, signal }) {
      const tokens: Token[] = [];
      let at = 0;
      while (at < text.length) {
        if (signal?.aborted) throw new AppError('cancelled', 'Stopped before the text was tokenized.');
        const rough = sliceEnd(text, at);
        const clear = special && rough < text.length ? outsideSpecial(text, rough) : rough;
        const end = clear > at ? clear : rough;
        const slice =
          at === 0
            ? model.tokenize(text.slice(0, end), special, continues ? 'trimLeadingSpace' : undefined)
            : behind(model, text.slice(0, at), text.slice(at, end), special);
        for (const token of slice) tokens.push(token);
        at = end;
        if (at < text.length) {
          if (tokens.length > limitTokens) break;
          await nextTurn();
        }
      }
      return { tokens, leftChars: text.length - at };
    },
  };
}

/**
 * The tokens of `slice` behind the text before it. Alone it may get a space of the vocabulary's own, so it is tokenized behind the last
 * character of that text, whose tokens are then taken away.
 */
function behind(model: LlamaModel, before: string, slice: string, special: boolean): Token[] {
  const anchor = before.slice(/[\uDC00-\uDFFF]/u.test(before.at(-1) ?? '') ? -2 : -1);
  const first = model.tokenize(anchor, special);
  const both = model.tokenize(anchor + slice, special);
  const keepsAnchor = first.every((token, index) => both[index] === token);
  return keepsAnchor ? both.slice(first.length) : model.tokenize(slice, special, 'trimLeadingSpace');
}

/** Where the slice from `from` on ends: at the beginning of the last line or word in it, else behind its last whole character. */
export function sliceEnd(text: string, from: number): number {
  const most = from + SLICE_CHARS;
  if (text.length <= most) return text.length;
  const isBorder = (at: number): boolean => {
    const [before, after, next] = [text[at - 1] ?? '', text[at] ?? '', text[at + 1] ?? ''];
    // No vocabulary has a token across the end of a line, or across a single space behind a word.
    if (before === '\n') return /\S/u.test(after);
    return after === ' ' && /\S/u.test(before) && /[\p{L}\p{N}]/u.test(next);
  };
  for (let at = most; at > most - SEARCH_CHARS; at--) if (isBorder(at)) return at;
  for (let at = most; at > most - SEARCH_CHARS; at--)
    if (/[\p{L}\p{N}]/u.test(text[at - 1] ?? '') && /[。、，！？；：.,;!?]/u.test(text[at] ?? '')) return at;
  // Both halves of a surrogate pair stay together.
  return /[\uDC00-\uDFFF]/u.test(text[most] ?? '') ? most - 1 : most;
}

/** About how many tokens the whole text has. */
export function estimateTokens({ tokens, leftChars }: Tokenized, text: string): number {
  const known = Math.max(1, text.length - leftChars);
  return tokens.length + Math.ceil((leftChars * tokens.length) / known);
}

function listSpecialTexts(model: LlamaModel): string[] {
  const texts = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    if (!model.isSpecialToken(token)) continue;
    const text = model.detokenize([token], true).trim();
    // Shorter ones are bytes and white space that a vocabulary lists as special tokens.
    if (text.length >= 3) texts.add(text);
  }
  return [...texts].sort((a, b) => b.length - a.length);
}
