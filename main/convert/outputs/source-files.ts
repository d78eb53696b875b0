/** What the record of a model says of the files that it was made of. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256OfFile } from '../../hub/hub.ts';
import { hashesOf, readRecord, type RecordedFile, type StoredRecord } from './records.ts';
import type { ModelOnDisk } from '../jobs/tools.ts';

/** A file as it was read: with its time for a folder on this computer, which may change at any moment. */
export interface ReadFile extends RecordedFile {
  readonly modifiedAtMs?: number | null;
}

/** The files with the hashes that are not known yet, of those in `folder`; null for one that is not there as it was read. */
export async function withHashes(
  files: readonly ReadFile[],
  folder: string,
  signal: AbortSignal,
): Promise<RecordedFile[]> {
  const hashed: RecordedFile[] = [];
  for (const file of files) {
    const { path: name, sizeBytes, sha256 } = file;
    hashed.push({ path: name, sizeBytes, sha256: sha256 ?? (await hashOf(file, path.join(folder, name), signal)) });
  }
  return hashed;
}

async function hashOf({ sizeBytes, modifiedAtMs }: ReadFile, at: string, signal: AbortSignal): Promise<string | null> {
  const isAsRead = async (): Promise<boolean> => {
    const facts = await stat(at, { bigint: true }).catch(() => null);
    if (facts === null || Number(facts.size) !== sizeBytes) return false;
    return (modifiedAtMs ?? null) === null || Number(facts.mtimeMs) === modifiedAtMs;
  };
  if (!(await isAsRead())) return null;
  const sha256 = await sha256OfFile(at, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  return (await isAsRead()) ? sha256 : null;
}

/** Those of the files `names` that are in the folder. */
export async function filesIn(folder: string, names: readonly string[]): Promise<ReadFile[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const facts = await stat(path.join(folder, name), { bigint: true }).catch(() => null);
      if (facts?.isFile() !== true) return [];
      return [{ path: name, sizeBytes: Number(facts.size), sha256: null, modifiedAtMs: Number(facts.mtimeMs) }];
    }),
  );
  return found.flat();
}

type OriginOfModel = Pick<
  StoredRecord,
  'sourceName' | 'sourceRepoId' | 'sourceRevision' | 'sourceModelId' | 'prunedLayerCount' | 'files'
>;

/**
 * Where a model that is made of another comes from: as the record beside that one says, where it is the record of these bytes; and the
 * hashes of that one's files. Throws file system errors, and the signal's reason.
 */
export async function originOfModel(model: ModelOnDisk, modelId: string, signal: AbortSignal): Promise<OriginOfModel> {
  const { sha256, shards } = await hashesOf(model.path, signal);
  const beside = await readRecord(model.path);
  const isOfOther =
    (beside?.sha256 ?? sha256) !== sha256 ||
    beside?.shards?.some((shard, index) => shard.sha256 !== shards?.[index]?.sha256) === true;
  const record = isOfOther ? null : beside;
  const own = shards ?? [{ path: path.basename(model.path), sizeBytes: (await stat(model.path)).size, sha256 }];
  return {
    sourceName: record?.sourceName ?? model.name,
    sourceRepoId: record?.sourceRepoId ?? null,
    sourceRevision: record?.sourceRevision ?? null,
    sourceModelId: modelId,
    prunedLayerCount: record?.prunedLayerCount ?? 0,
    files: [...(record?.files ?? []), ...own],
  };
}
