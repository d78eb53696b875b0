/** Reads the headers of model files, and keeps them in the database while a file is unchanged. */
import { readKeptAuxiliary, readKeptSummary } from '../../model-file/model-summary.ts';
import { parseShard } from '../../model-file/shards.ts';
import { readHeader, writeHeaders, type StoredHeader } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import { keptRefusal, readKeptRefusal } from './kept-refusal.ts';
import { readModelHeader, type ModelHeader } from './model-header.ts';
import type { ModelFile } from './model-files.ts';

export interface ModelHeaders {
  /** The header of a file, stored or read now. Never throws: a file that is not a model has a `problem`. */
  read(modelId: string, file: ModelFile): Promise<ModelHeader>;
  /** Stores all headers that were read since the last call in one write, because each write waits for the disk. Never throws. */
  keep(): void;
}

export function createModelHeaders(store: Store): ModelHeaders {
  const unkept: StoredHeader[] = [];

  return {
    async read(modelId, file) {
      const { sizeBytes, modifiedAtMs } = file;
      const key = keyOf(modelId, file);
      // What is missing or damaged is no matter of the header, which is read once that is mended.
      const isSound = file.missingShards === 0 && !file.shards.some((shard) => shard.isDamaged);
      if (!isSound) return await readModelHeader(file);
      const stored = readHeader(store, key, sizeBytes, modifiedAtMs);
      const none = { summary: null, auxiliary: null, problem: null };
      const summary = readKeptSummary(stored);
      if (summary) return { ...none, summary };
      const auxiliary = readKeptAuxiliary(stored);
      if (auxiliary) return { ...none, auxiliary };
      const problem = readKeptRefusal(stored);
      if (problem) return { ...none, problem };
      const found = await readModelHeader(file);
      const header = found.summary ?? found.auxiliary ?? (found.problem === null ? null : keptRefusal(found.problem));
      if (header !== null) unkept.push({ modelId: key, sizeBytes, modifiedAtMs, header });
      return found;
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

/** Shards under names of their own are read alone before they are joined: the set has a row beside that of its first file. */
function keyOf(modelId: string, { path, shards }: ModelFile): string {
  return shards.length > 1 && parseShard(path) === null ? `${modelId} +${String(shards.length - 1)}` : modelId;
}
