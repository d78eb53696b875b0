/** Reads the headers of model files, and keeps them in the database while a file is unchanged. */
import {
  readKeptAuxiliary,
  readKeptSummary,
  type AuxiliarySummary,
  type ModelSummary,
} from '../../model-file/model-summary.ts';
import { readHeader, writeHeaders, type StoredHeader } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import { headerOf, type ModelHeader } from './model-header.ts';
import { summarizeFile, type ModelFile } from './model-files.ts';

export interface ModelHeaders {
  /** The header of a file, stored or read now. Never throws: a file that is not a model has a `problem`. */
  read(modelId: string, file: ModelFile): Promise<ModelHeader>;
  /** Stores all headers that were read since the last call in one write, because each write waits for the disk. Never throws. */
  keep(): void;
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
