/** What goes into a vocabulary and what comes out. */
import type { GgufEntry } from '../../model-file/gguf-entry.ts';

/** Contents of the tokenizer's files by their path in the checkpoint, with `/`. */
export type TokenizerFiles = ReadonlyMap<string, Uint8Array>;

/** What the rest of the checkpoint says, as far as the vocabulary depends on it. */
export interface VocabularyModel {
  /** llama.cpp's name of the architecture, such as `qwen2`. */
  readonly architecture: string;
  /** config.json. Fields of a `text_config` in it count where the field itself is absent. */
  readonly config: Readonly<Record<string, unknown>>;
}

export type VocabularyKind = 'byte_level' | 'sentencepiece' | 'unigram' | 'wordpiece';

export interface Vocabulary {
  readonly kind: VocabularyKind;
  /** llama.cpp's name of the pre-tokenizer, `tokenizer.ggml.pre`. */
  readonly preTokenizer: string;
  /** Tokens with the padding: the `vocab_size` of config.json where it has one. */
  readonly tokenCount: number;
  /** All `tokenizer.*` keys of the GGUF file. */
  readonly entries: readonly GgufEntry[];
}
