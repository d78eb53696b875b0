/** Which of a checkpoint's tokenizers counts, and which of llama.cpp's it becomes. */
import { AppError } from '../../../preload/wire/errors.ts';
import { isByteLevel, preTokenizerName, type NameHints } from './pre-tokenizer/pre-tokenizer.ts';
import { invalidTokenizer, unreadTokenizer, unsupportedTokenizer } from './refusals.ts';
import {
  looksLikeSentencePiece,
  looksLikeTiktoken,
  readSentencePieceModel,
  sentencePieceFiles,
  withIdsOfFairseq,
  type SentencePieceModel,
} from './kinds/sentencepiece-model.ts';
import type { TokenizerSources } from './tokenizer-files.ts';
import type { TokenizerJson } from './tokenizer-json.ts';
import type { Step, TokenizerStructure } from './tokenizer-structure.ts';
import { normalization } from './kinds/unigram.ts';

export type TokenizerChoice =
  | { readonly kind: 'byte_level'; readonly tokenizer: TokenizerJson; readonly preTokenizer: string }
  | { readonly kind: 'sentencepiece' | 'unigram' | 'wordpiece'; readonly tokenizer: TokenizerJson }
  | { readonly kind: 'sentencepiece_model' | 'unigram_model'; readonly model: SentencePieceModel };

/** What a tokenizer.json becomes, as far as its structure decides. */
export type StructureChoice =
  | { readonly kind: 'byte_level'; readonly preTokenizer: string }
  | { readonly kind: 'sentencepiece' | 'unigram' | 'wordpiece'; readonly preTokenizer: null };

/**
 * A tokenizer.json of byte-level BPE, WordPiece or Unigram counts before a SentencePiece file, whose ids can be others; of two with
 * SentencePiece's BPE the file counts, because it has the scores.
 *
 * @throws AppError `convert.unsupported`, `convert.invalid` (`reason: 'missing_tokenizer'`) where there is none, and `tokenizer.invalid`
 * for a SentencePiece file that is none.
 */
export function chooseTokenizer(sources: TokenizerSources): TokenizerChoice {
  const { tokenizer, files } = sources;
  const name = sentencePieceFiles.find((file) => looksLikeSentencePiece(files.get(file) ?? new Uint8Array()));
  const bytes = name === undefined ? undefined : files.get(name);
  if (tokenizer !== null) {
    if (bytes === undefined || !isMarkedBpe(tokenizer))
      return { ...chooseByStructure(tokenizer, nameHints(sources)), tokenizer } as TokenizerChoice;
  }
  if (name === undefined || bytes === undefined) {
    assertNoOtherModel(files);
    const older = ['vocab.json', 'vocab.txt'].find((file) => files.has(file));
    const detail =
      older === undefined
        ? 'The checkpoint has no tokenizer.json and no tokenizer.model.'
        : `The checkpoint has no tokenizer.json, and its other files do not say how a text is divided into the tokens of ${older}.`;
    throw new AppError('convert.invalid', detail, { reason: 'missing_tokenizer', detail });
  }
  return chooseByModel(name, readSentencePieceModel(name, bytes), sources.model.architecture);
}

/** Refuses a file with the name of a SentencePiece model that is none. */
function assertNoOtherModel(files: TokenizerSources['files']): void {
  for (const name of sentencePieceFiles) {
    const bytes = files.get(name);
    if (bytes === undefined) continue;
    if (looksLikeTiktoken(bytes)) throw unreadTokenizer(name, 'tiktoken');
    throw invalidTokenizer(name, 'format', 'It is no SentencePiece model.');
  }
}

function nameHints({ model, tokenizerConfig }: TokenizerSources): NameHints {
  return {
    architecture: model.architecture,
    cleansSpaces: tokenizerConfig?.['clean_up_tokenization_spaces'] !== false,
  };
}

function chooseByModel(name: string, model: SentencePieceModel, architecture: string): TokenizerChoice {
  switch (model.algorithm) {
    case 'bpe':
      return { kind: 'sentencepiece_model', model };
    case 'unigram':
      if (name !== 'sentencepiece.bpe.model') return { kind: 'unigram_model', model };
      if (architecture === 'bert') return { kind: 'unigram_model', model: withIdsOfFairseq(model) };
      throw unsupportedTokenizer(
        'tokenizer',
        `The ids of ${name} are not those of the model. A tokenizer.json is needed.`,
      );
    case 'word':
    case 'char':
      throw unsupportedTokenizer('tokenizer', `llama.cpp has no SentencePiece model of the type ${model.algorithm}.`);
  }
}

/** @throws AppError `convert.unsupported` for a tokenizer that llama.cpp cannot reproduce. */
export function chooseByStructure(structure: TokenizerStructure, hints: NameHints): StructureChoice {
  const { type } = structure.model;
  switch (type) {
    case 'BPE':
      if (isByteLevel(structure)) return { kind: 'byte_level', preTokenizer: byteLevelName(structure, hints) };
      checkMarkedBpe(structure);
      return { kind: 'sentencepiece', preTokenizer: null };
    case 'Unigram':
      normalization(structure);
      return { kind: 'unigram', preTokenizer: null };
    case 'WordPiece':
      checkWordPiece(structure);
      return { kind: 'wordpiece', preTokenizer: null };
    case 'WordLevel':
      throw unsupportedTokenizer('tokenizer', 'llama.cpp has no tokenizer of whole words (WordLevel).');
  }
}

/** BPE over characters, in which spaces are marked. */
function isMarkedBpe(structure: TokenizerStructure): boolean {
  return structure.model.type === 'BPE' && !isByteLevel(structure);
}

function byteLevelName(structure: TokenizerStructure, hints: NameHints): string {
  const odd = structure.normalizers.find(({ type }) => type !== 'NFC');
  if (odd !== undefined)
    throw unsupportedTokenizer('tokenizer', `llama.cpp has no normalizer ${odd.type} for byte-level BPE.`);
  checkWholeWords(structure);
  return preTokenizerName(structure, hints);
}

function checkWholeWords({ model }: TokenizerStructure): void {
  if (model.continuingPrefix !== '' || model.wordEnd !== '')
    throw unsupportedTokenizer(
      'tokenizer',
      `llama.cpp has no marks for parts of words in BPE, as here "${model.continuingPrefix}${model.wordEnd}".`,
    );
  if (model.dropout > 0)
    throw unsupportedTokenizer('tokenizer', 'This tokenizer leaves merges out at random (dropout).');
}

/** The steps of a converted SentencePiece model: spaces become `▁`, and nothing else divides the text. */
function checkMarkedBpe(structure: TokenizerStructure): void {
  checkWholeWords(structure);
  if (!structure.model.byteFallback)
    throw unsupportedTokenizer('tokenizer', 'llama.cpp has no BPE over characters without tokens for bytes.');
  const odd = structure.normalizers.find((step) => !isPrepended(step) && !isMarked(step));
  if (odd !== undefined)
    throw unsupportedTokenizer('tokenizer', `llama.cpp has no normalizer ${odd.type} for SentencePiece's BPE.`);
  const oddSplit = structure.preTokenizers.find((step) => !isIdleSplit(step));
  if (oddSplit !== undefined)
    throw unsupportedTokenizer(
      'pre_tokenizer',
      `llama.cpp has no pre-tokenizer ${oddSplit.type} for SentencePiece's BPE.`,
    );
  const marks = [
    ...structure.normalizers.filter(isMarked),
    ...structure.preTokenizers.filter(({ type }) => type === 'Metaspace'),
  ];
  if (marks.length === 0) throw unsupportedTokenizer('tokenizer', 'This BPE over characters does not mark spaces.');
}

function isPrepended({ type, fields }: Step): boolean {
  return type === 'Prepend' && fields['prepend'] === '▁';
}

function isMarked({ type, fields }: Step): boolean {
  return type === 'Replace' && fields['content'] === '▁' && JSON.stringify(fields['pattern']) === '{"String":" "}';
}

/** A Metaspace that does not split, and Gemma's split at spaces that are marked by then. */
function isIdleSplit({ type, fields }: Step): boolean {
  if (type === 'Metaspace') return fields['split'] === false && (fields['replacement'] ?? '▁') === '▁';
  return (
    type === 'Split' &&
    JSON.stringify(fields['pattern']) === '{"String":" "}' &&
    fields['behavior'] === 'MergedWithPrevious'
  );
}

function checkWordPiece({ normalizers, preTokenizers, model }: TokenizerStructure): void {
  const [normalizer, ...more] = normalizers;
  const fits =
    normalizer?.type === 'BertNormalizer' &&
    more.length === 0 &&
    normalizer.fields['clean_text'] !== false &&
    normalizer.fields['handle_chinese_chars'] !== false;
  if (!fits) throw unsupportedTokenizer('tokenizer', "llama.cpp has BERT's normalizer alone for WordPiece.");
  if (preTokenizers.length !== 1 || preTokenizers[0]?.type !== 'BertPreTokenizer')
    throw unsupportedTokenizer('pre_tokenizer', "llama.cpp has BERT's pre-tokenizer alone for WordPiece.");
  if (model.continuingPrefix !== '##')
    throw unsupportedTokenizer('tokenizer', `The parts of words are marked "${model.continuingPrefix}" and not "##".`);
}
