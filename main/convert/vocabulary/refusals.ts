/** Errors about a tokenizer's files. What they quote is the files' own text, which is cut and made safe here. */
import { AppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';

/** A file of the tokenizer is not what its format says. */
export function invalidTokenizer(file: string, reason: string, detail: string): AppError {
  return new AppError('tokenizer.invalid', `${file}: ${shownName(detail)}`, {
    reason,
    file,
    detail: `${file}: ${shownName(detail)}`,
  });
}

/** The tokenizer is sound, and llama.cpp has nothing that gives the same ids. */
export function unsupportedTokenizer(reason: 'tokenizer' | 'pre_tokenizer', detail: string): AppError {
  return new AppError('convert.unsupported', shownName(detail), { reason, detail: shownName(detail) });
}

/** The tokenizer is only there as `found`, a program, stores it. */
export function unreadTokenizer(file: string, found: 'tiktoken' | 'Mistral (tekken)'): AppError {
  return unsupportedCheckpoint({
    ...{ reason: 'tokenizer_format', file, found },
    detail: `${file} is a tokenizer in the form of ${found}, which is not read. A tokenizer.json is needed.`,
  });
}

/** The tokenizer does not belong to the weights. */
export function wrongVocabularySize(expected: number, found: number): AppError {
  const detail = `The tokenizer has ids up to ${found - 1}, and config.json has a vocab_size of ${expected}.`;
  return new AppError('convert.invalid', detail, { reason: 'vocabulary', expected, found, detail });
}
