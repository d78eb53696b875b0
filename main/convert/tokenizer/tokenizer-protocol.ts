/** The contract between main and a tokenizer child, over an IPC channel that carries bytes. A child has one tokenizer. */
import { call, trusted } from '../../../preload/wire/rpc.ts';
import type { EncodedToken } from '../../../preload/contract/convert.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';

export interface EncodedTexts {
  /** One per text, in order. Places are in UTF-16 units, and null for a token that no text stands for. */
  readonly results: readonly { readonly tokens: readonly EncodedToken[] }[];
  /** Tokens of the tokenizer, without those that only fill the model's table up. */
  readonly vocabularySize: number;
}

export const tokenizerContract = {
  ping: call(trusted<Record<string, never>>()).returns<null>(),
  /** Makes the tokenizer. Throws `tokenizer.invalid`. */
  open: call(trusted<{ readonly files: TokenizerFiles }>()).returns<null>(),
  structure: call(trusted<Record<string, never>>()).returns<TokenizerStructure>(),
  encode:
    call(trusted<{ readonly texts: readonly string[]; readonly addSpecialTokens: boolean }>()).returns<EncodedTexts>(),
  decode:
    call(trusted<{ readonly batch: readonly (readonly number[])[]; readonly skipSpecialTokens: boolean }>()).returns<
      readonly string[]
    >(),
};
export type TokenizerContract = typeof tokenizerContract;
