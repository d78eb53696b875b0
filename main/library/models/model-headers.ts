/** Reads the headers of model files, and keeps them in the database while a file is unchanged. */
import { encodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import {
  readKeptAuxiliary,
  readKeptSummary,
  type AuxiliarySummary,
  type ModelSummary,
} from '../../model-file/model-summary.ts';
import { readHeader, writeHeaders, type StoredHeader } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import { summarizeFile, type ModelFile } from './model-files.ts';

export interface ModelHeader {
  /** Null for an auxiliary file and for an unreadable file. */
  readonly summary: ModelSummary | null;
  /** The summary of an adapter or projector; null for other files. */
  readonly auxiliary: AuxiliarySummary | null;
  /** The error that keeps the file from being used. */
  readonly problem: ErrorBody | null;
}

export interface ModelHeaders {
  /** The header of a file, stored or read now. Never throws: a file that is not a model has a `problem`. */
  read(modelId: string, file: ModelFile): Promise<ModelHeader>;
  /** Stores all headers that were read since the last call in one write, because each write waits for the disk. Never throws. */
  keep(): void;
}

/** The header of a file, read now. Never throws: a file that is not a model has a `problem`. */
export async function readModelHeader(file: ModelFile): Promise<ModelHeader> {
  return await headerOf(() => summarizeFile(file));
}

async function headerOf(read: () => Promise<ModelSummary | AuxiliarySummary>): Promise<ModelHeader> {
  try {
    const header = await read();
    return 'kind' in header
      ? { summary: null, auxiliary: header, problem: null }
      : { summary: header, auxiliary: null, problem: null };
  } catch (error) {
    const body = encodeError(error);
    return { summary: null, auxiliary: null, problem: body.code.startsWith('model.') ? body : null };
  }
}

export function createModelHeaders(store: Store): ModelHeaders {
  const unkept: StoredHeader[] = [];

  async function read(modelId: string, file: ModelFile): Promise<ModelSummary | AuxiliarySummary> {
    const { sizeBytes, modifiedAtMs } = file;
    const isSound = file.missingShards === 0 && !file.shards.some((shard) => shard.isDamaged);
    const stored = isSound ? readHeader(store, modelId, sizeBytes, modifiedAtMs) : undefined;
    const remembered = readKeptSummary(stored) ?? readKeptAuxiliary(stored);
    if (remembered) return remembered;
    const header = await summarizeFile(file);
    unkept.push({ modelId, sizeBytes, modifiedAtMs, header });
    return header;
  }

  return {
    async read(modelId, file) {
      return await headerOf(() => read(modelId, file));
    },
    keep() {
      const headers = unkept.splice(0);
      if (headers.length === 0) return;
      try {
        writeHeaders(store, headers);
      } catch {
        // A full disk: the files are read again at the next start.
      }
    },
  };
}
