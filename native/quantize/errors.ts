/** The errors of quantization, with the reason for the page's words and a sentence in English for the command line. */
import { AppError, type ErrorCode, type ErrorData } from '../../preload/wire/errors.ts';
import { shownName, withoutMarks } from '../../main/base/foreign-text.ts';

/** Why a model is not quantized. */
export type QuantizeReason =
  | 'architecture'
  | 'tensor_type'
  | 'pattern'
  | 'requantize'
  | 'imatrix_needed'
  | 'imatrix_format'
  | 'imatrix_mismatch'
  | 'prune_layers'
  | 'alignment'
  | 'size_differs'
  | 'library';

/** A request that cannot be done with this model or these settings. */
export const refused = (reason: QuantizeReason, detail: string, facts: ErrorData = {}): AppError =>
  quantizeError('convert.unsupported', reason, detail, facts);

/** A file that is wrong. */
export const invalid = (reason: QuantizeReason, detail: string, facts: ErrorData = {}): AppError =>
  quantizeError('convert.invalid', reason, detail, facts);

/** Details may have names of the file, and what the library logged about them. */
function quantizeError(code: ErrorCode, reason: QuantizeReason, text: string, facts: ErrorData): AppError {
  const detail = withoutMarks(text.toWellFormed());
  return new AppError(code, detail, { reason, detail, ...facts });
}

/** For a call of the library that failed; the last lines that it logged as errors say why. */
export function libraryError(errors: readonly string[]): AppError {
  const detail = errors.map((line) => line.replace(/^\w+: /, '')).at(-1) ?? 'no reason was given';
  const architecture = /unknown model architecture: '([^']*)'/.exec(errors.join('\n'))?.[1];
  if (architecture !== undefined)
    return refused(
      'architecture',
      `The installed llama.cpp does not know the architecture ${shownName(architecture)}.`,
      { architecture: shownName(architecture) },
    );
  return refused('library', `llama.cpp could not quantize this model: ${detail}`);
}
