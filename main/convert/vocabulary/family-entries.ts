/** What llama.cpp's converter writes about the vocabulary of some families beside what their files say. */
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { configVocabularySize, type TokenizerSources } from './tokenizer-files.ts';
import type { Vocabulary } from './vocabulary-model.ts';

/** Architectures that the converter handles as it does Llama. */
const llamaLike = new Set([
  'llama',
  'llama4',
  'mistral3',
  'granite',
  'granitemoe',
  'smollm3',
  'deci',
  'arcee',
  'ernie4_5',
]);
/** The sizes by which the converter knows the small Granite and SmolLM models, and CodeLlama. */
const SMALL_GRANITE_SIZE = 49_152;
const CODE_LLAMA_SIZE = 32_016;
const CODE_LLAMA_END_OF_TURN = 32_010;
/** The id of `<end_of_turn>` in all of Gemma's first models. */
const GEMMA_END_OF_TURN = 107;

/** Entries in addition to those of the vocabulary, none of which it has yet. */
export function familyEntries(sources: TokenizerSources, vocabulary: Vocabulary): GgufEntry[] {
  const { architecture } = sources.model;
  const entries = [
    ...(llamaLike.has(architecture) ? llamaEntries(sources) : []),
    ...(architecture === 'gemma' ? endOfTurn(vocabulary, GEMMA_END_OF_TURN) : []),
    ...(architecture === 'modern-bert' ? modernBertEntries() : []),
  ];
  const known = new Set(vocabulary.entries.map(({ key }) => key));
  return entries.filter(({ key }) => !known.has(key));
}

function llamaEntries({ model, tokenizerConfig }: TokenizerSources): GgufEntry[] {
  const prefix = tokenizerConfig?.['add_prefix_space'];
  const size = configVocabularySize(model);
  return [
    ...(typeof prefix === 'boolean' ? [flag('add_space_prefix', prefix)] : []),
    ...(size === SMALL_GRANITE_SIZE ? [flag('add_bos_token', false)] : []),
    ...(size === CODE_LLAMA_SIZE ? [endOfTurnId(CODE_LLAMA_END_OF_TURN)] : []),
  ];
}

function modernBertEntries(): GgufEntry[] {
  return [flag('add_bos_token', true), flag('add_eos_token', true), flag('add_sep_token', true)];
}

function endOfTurn({ tokenCount }: Vocabulary, id: number): GgufEntry[] {
  return id < tokenCount ? [endOfTurnId(id)] : [];
}

function endOfTurnId(value: number): GgufEntry {
  return { key: 'tokenizer.ggml.eot_token_id', type: 'uint32', value };
}

function flag(name: string, value: boolean): GgufEntry {
  return { key: `tokenizer.ggml.${name}`, type: 'bool', value };
}
