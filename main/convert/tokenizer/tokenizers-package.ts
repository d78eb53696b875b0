/** The part of @huggingface/tokenizers that is used. The package's own types name their files in a way that Node's resolution does not find. */
import * as tokenizersPackage from '@huggingface/tokenizers';

export interface PackageTokenizer {
  readonly normalizer: ((text: string) => string) | null;
  readonly pre_tokenizer: ((text: string, options: { readonly section_index: number }) => string[]) | null;
  /** The tokens of pieces of text, as texts. */
  readonly model: ((pieces: readonly string[]) => string[]) | null;
  readonly decoder: object | null;
  decode(ids: readonly number[], options: { readonly clean_up_tokenization_spaces: boolean }): string;
}

interface Package {
  readonly Tokenizer: new (
    tokenizerJson: object,
    config: { readonly clean_up_tokenization_spaces: boolean },
  ) => PackageTokenizer;
}

export const { Tokenizer } = tokenizersPackage as unknown as Package;
