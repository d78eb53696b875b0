/** Errors about a checkpoint. Names of files and tensors are its own text, which is cut and made safe here. */
import { AppError } from '../../preload/wire/errors.ts';
import { shownName, withoutMarks } from '../base/foreign-text.ts';

/** What is wrong with a checkpoint, and where. */
export interface CheckpointFault {
  /** A word by which the page finds its sentence, such as `size_mismatch`. */
  readonly reason: string;
  /** A sentence in English that names the cause. */
  readonly detail: string;
  readonly file?: string;
  readonly tensor?: string;
  readonly expected?: string | number;
  readonly found?: string | number;
  /** The key of config.json that it is about. */
  readonly key?: string;
  /** How many things are wrong, where `detail` names several. */
  readonly count?: number;
}

/** Room for a sentence about each of 20 tensors. */
const DETAIL_CHARS = 10_000;

function checkpointError(code: 'convert.invalid' | 'convert.unsupported', fault: CheckpointFault): AppError {
  const detail = withoutMarks(fault.detail.slice(0, DETAIL_CHARS).toWellFormed());
  const shown: Record<string, string | number> = { reason: fault.reason, detail };
  for (const name of ['file', 'tensor', 'expected', 'found', 'key', 'count'] as const) {
    const fact = fault[name];
    if (fact !== undefined) shown[name] = typeof fact === 'string' ? shownName(fact) : fact;
  }
  return new AppError(code, detail, shown);
}

/** The error for a checkpoint that contradicts itself, or lacks something. */
export const invalidCheckpoint = (fault: CheckpointFault): AppError => checkpointError('convert.invalid', fault);

/** The error for a checkpoint that may be right, and has something that the converter does not know. */
export const unsupportedCheckpoint = (fault: CheckpointFault): AppError =>
  checkpointError('convert.unsupported', fault);
