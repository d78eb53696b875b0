/**
 * Tokenizers of checkpoints and of models on this computer: text to ids with places, and ids to text. Those of checkpoints come from their
 * tokenizer.json without any weights; those of GGUF files from their vocabulary, by llama.cpp.
 */
import type { EncodedToken } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';
import type { TextToken } from './hugging-face-tokenizer.ts';
import {
  createTokenizerThread,
  type TokenizerAnswer,
  type TokenizerLimits,
  type TokenizerWork,
} from './tokenizer-thread.ts';

/** Whose tokenizer. */
export interface TokenizerOrigin {
  /** Names the contents, such as `OWNER/NAME@COMMIT`: with another key the files are read again. */
  readonly key: string;
  /** The tokenizer's files, of which tokenizer.json alone is needed. It is called when the tokenizer is not kept. */
  readonly readFiles: (signal?: AbortSignal) => Promise<TokenizerFiles>;
}

export interface EncodedTexts {
  /** One per text, in order. Places are in UTF-16 units, and null for a token that no text stands for. */
  readonly results: readonly { readonly tokens: readonly EncodedToken[] }[];
  readonly vocabularySize: number;
}

export interface Tokenizers {
  /**
   * Tokens of texts; with `addSpecialTokens` with those that the tokenizer puts around a text. Special tokens in a text are read as such.
   * @throws AppError `tokenizer.invalid` (data `reason`, `detail`), `cancelled`, and what `readFiles` throws.
   */
  encode(
    origin: TokenizerOrigin,
    texts: readonly string[],
    options: { readonly addSpecialTokens: boolean },
    signal?: AbortSignal,
  ): Promise<EncodedTexts>;
  /** Texts of ids, in order. @throws as `encode`. */
  decode(
    origin: TokenizerOrigin,
    batch: readonly (readonly number[])[],
    options: { readonly skipSpecialTokens: boolean },
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  /** The steps of a tokenizer and its added tokens, without the vocabulary. @throws as `encode`. */
  structure(origin: TokenizerOrigin, signal?: AbortSignal): Promise<TokenizerStructure>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** One thread for all of them, which starts with the first question. */
export function createTokenizers(limits?: TokenizerLimits): Tokenizers {
  const thread = createTokenizerThread(limits);

  async function ask(origin: TokenizerOrigin, work: TokenizerWork, signal?: AbortSignal): Promise<TokenizerAnswer> {
    const answer = await thread.ask({ key: origin.key, files: null, work }, signal);
    if (answer.kind !== 'unknown') return answer;
    return await thread.ask({ key: origin.key, files: await origin.readFiles(signal), work }, signal);
  }

  return {
    async encode(origin, texts, { addSpecialTokens }, signal) {
      const answer = await ask(origin, { kind: 'encode', texts, addSpecialTokens }, signal);
      if (answer.kind !== 'encoded') throw outOfOrder();
      return {
        results: answer.texts.map((tokens) => ({ tokens: tokens.map(encodedToken) })),
        vocabularySize: answer.vocabularySize,
      };
    },
    async decode(origin, batch, { skipSpecialTokens }, signal) {
      const answer = await ask(origin, { kind: 'decode', batch, skipSpecialTokens }, signal);
      if (answer.kind !== 'decoded') throw outOfOrder();
      return answer.texts;
    },
    async structure(origin, signal) {
      const answer = await ask(origin, { kind: 'structure' }, signal);
      if (answer.kind !== 'structure') throw outOfOrder();
      return answer.structure;
    },
    close: thread.close,
  };
}

function encodedToken({ id, text, span, isSpecial }: TextToken): EncodedToken {
  return { id, text, start: span?.start ?? null, end: span?.end ?? null, isSpecial };
}

function outOfOrder(): AppError {
  return new AppError('internal', 'The tokenizer thread answered out of order.');
}
