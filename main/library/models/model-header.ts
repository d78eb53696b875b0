/** What a model file's header says, or what keeps it from being read. */
import { encodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import type { AuxiliarySummary, ModelSummary } from '../../model-file/model-summary.ts';
import { summarizeFile, type ModelFile } from './model-files.ts';

export interface ModelHeader {
  /** Null for an auxiliary file and for an unreadable file. */
  readonly summary: ModelSummary | null;
  /** The summary of an adapter or projector; null for other files. */
  readonly auxiliary: AuxiliarySummary | null;
  /** The error that keeps the file from being used. */
  readonly problem: ErrorBody | null;
}

/** The header of a file, read now. Never throws: a file that is not a model has a `problem`. */
export async function readModelHeader(file: ModelFile): Promise<ModelHeader> {
  try {
    const header = await summarizeFile(file);
    return 'kind' in header
      ? { summary: null, auxiliary: header, problem: null }
      : { summary: header, auxiliary: null, problem: null };
  } catch (error) {
    const body = encodeError(error);
    return { summary: null, auxiliary: null, problem: body.code === 'internal' ? null : body };
  }
}
