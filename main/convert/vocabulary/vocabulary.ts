/**
 * The vocabulary of a checkpoint as GGUF metadata: the `tokenizer.*` keys that llama.cpp's own converter writes, from the files of the
 * tokenizer alone. Nothing here reads a file or the network; the contents are arguments.
 */
import { byteLevelVocabulary } from './kinds/byte-level.ts';
import { chooseTokenizer } from './choose-tokenizer.ts';
import { familyEntries } from './family-entries.ts';
import { mergedVocabulary, sentencePieceVocabulary } from './kinds/sentencepiece.ts';
import { readTokenizerSources, type TokenizerSources } from './tokenizer-files.ts';
import { unigramModelVocabulary, unigramVocabulary } from './kinds/unigram.ts';
import type { TokenizerFiles, Vocabulary, VocabularyModel } from './vocabulary-model.ts';
import { wordPieceVocabulary } from './kinds/wordpiece.ts';

/**
 * The vocabulary from the contents of the tokenizer's files, by their path in the checkpoint (see `isTokenizerFile`).
 *
 * @throws AppError `tokenizer.invalid` (data `reason`, `file`, `detail`) for a file that is wrong; `convert.unsupported` (data `reason`:
 * `tokenizer` or `pre_tokenizer`, `detail`) for a tokenizer that llama.cpp cannot reproduce; `convert.invalid` (`reason: 'vocabulary'`,
 * `expected`, `found`) for tokens beyond the `vocab_size` of config.json, and (`reason: 'missing_tokenizer'`) without any tokenizer.
 */
export function readVocabulary(files: TokenizerFiles, model: VocabularyModel): Vocabulary {
  const sources = readTokenizerSources(files, model);
  const vocabulary = chosenVocabulary(sources);
  return { ...vocabulary, entries: [...vocabulary.entries, ...familyEntries(sources, vocabulary)] };
}

function chosenVocabulary(sources: TokenizerSources): Vocabulary {
  const choice = chooseTokenizer(sources);
  switch (choice.kind) {
    case 'byte_level':
      return byteLevelVocabulary(sources, choice.tokenizer, choice.preTokenizer);
    case 'sentencepiece_model':
      return sentencePieceVocabulary(sources, choice.model);
    case 'sentencepiece':
      return mergedVocabulary(sources, choice.tokenizer);
    case 'unigram_model':
      return unigramModelVocabulary(sources, choice.model);
    case 'unigram':
      return unigramVocabulary(sources, choice.tokenizer);
    case 'wordpiece':
      return wordPieceVocabulary(sources, choice.tokenizer);
    default:
      return choice satisfies never;
  }
}
