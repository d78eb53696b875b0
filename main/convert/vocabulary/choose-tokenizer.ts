/** Which of a checkpoint's tokenizers counts, and which of llama.cpp's it becomes. */
import { AppError } from '../../../preload/wire/errors.ts';
import { isByteLevel, preTokenizerName } from './pre-tokenizer.ts';
import { unsupportedTokenizer } from './refusals.ts';
import type { TokenizerSources } from './tokenizer-files.ts';
import type { TokenizerJson } from './tokenizer-json.ts';
import type { TokenizerStructure } from './tokenizer-structure.ts';

export interface TokenizerChoice {
  readonly kind: 'byte_level';
  readonly tokenizer: TokenizerJson;
  readonly preTokenizer: string;
}

/** @throws AppError `convert.unsupported`, and `convert.invalid` (`reason: 'missing_tokenizer'`) where there is none. */
export function chooseTokenizer(sources: TokenizerSources): TokenizerChoice {
  const { tokenizer, model } = sources;
  if (tokenizer === null) {
    const detail = 'The checkpoint has no tokenizer.json and no tokenizer.model.';
    throw new AppError('convert.invalid', detail, { reason: 'missing_tokenizer', detail });
  }
  return { kind: 'byte_level', tokenizer, preTokenizer: byteLevelName(tokenizer, model.architecture) };
}

/** The pre-tokenizer's name of byte-level BPE. @throws AppError `convert.unsupported` for anything else. */
export function byteLevelName(structure: TokenizerStructure, architecture: string): string {
  const { model, normalizers } = structure;
  if (model.type !== 'BPE' || !isByteLevel(structure))
    throw unsupportedTokenizer('tokenizer', `A ${model.type} tokenizer of this form cannot be converted.`);
  const odd = normalizers.find(({ type }) => type !== 'NFC');
  if (odd !== undefined)
    throw unsupportedTokenizer('tokenizer', `llama.cpp has no normalizer ${odd.type} for byte-level BPE.`);
  if (model.continuingPrefix !== '' || model.wordEnd !== '')
    throw unsupportedTokenizer(
      'tokenizer',
      `llama.cpp marks no parts of words, as this tokenizer does with "${model.continuingPrefix}${model.wordEnd}".`,
    );
  if (model.dropout > 0)
    throw unsupportedTokenizer('tokenizer', 'This tokenizer leaves merges out at random (dropout).');
  return preTokenizerName(structure, architecture);
}
