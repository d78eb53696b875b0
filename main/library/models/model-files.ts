/** Model files of a cache: joins shards and reads headers. Needs no database. */
import { diskErrorBody, systemCode } from '../../../preload/wire/disk-error.ts';
import { AppError, type ErrorBody } from '../../../preload/wire/errors.ts';
import type { PlacedOrigin } from '../../../preload/contract/library.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { readHeader } from '../../model-file/disk/header-of-file.ts';
import { checkModel } from '../../model-file/model-check.ts';
import {
  auxiliaryError,
  summarizeAuxiliary,
  summarizeModel,
  type AuxiliarySummary,
  type ModelSummary,
} from '../../model-file/model-summary.ts';
import { firstShardPath, shardPaths } from '../../model-file/shards.ts';
import { shardSets, type LoneShard } from '../../model-file/shard-sets.ts';
import { createWholeModel } from '../../model-file/split.ts';

/** A GGUF file of the cache or of another place, with the parts of its id. */
export interface CacheEntry {
  readonly repoId: string;
  readonly commit: string;
  /** Path in the repository. */
  readonly path: string;
  /** Its name in the snapshot: llama.cpp finds the other shards by it. */
  readonly openPath: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The owner of a file outside the cache. */
  readonly origin?: PlacedOrigin;
  /** The name in the owning program, when it is better than the file's name. */
  readonly title?: string;
  /** True when a verification found a wrong hash. */
  readonly isDamaged?: boolean;
  /** The set that it is part of, where its header told the cache's index that. */
  readonly set?: { readonly first: string; readonly number: number; readonly count: number };
}

/** A model's file; of a sharded model the first shard, with the size of all. */
export interface ModelFile extends CacheEntry {
  /** All shards in order, whatever their names; one file for a model that is not sharded. */
  readonly shards: readonly CacheEntry[];
  /** The number of shards that the cache lacks. */
  readonly missingShards: number;
}

/** `Qwen3-8B-Q4_K_M` of its path: without folders, extension and shard number. */
export function nameFromFile(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
}

/** Joins the shards of each model, which their names or the cache's index tell, into one file with the first shard's name. */
export function joinShards(entries: readonly CacheEntry[]): ModelFile[] {
  const sets = new Map<string, CacheEntry[]>();
  for (const entry of entries) {
    const key = `${entry.repoId}/${entry.commit}/${entry.set?.first ?? firstShardPath(entry.path)}`;
    sets.set(key, [...(sets.get(key) ?? []), entry]);
  }
  return [...sets.values()].flatMap((set) => {
    const numberOf = (entry: CacheEntry): number => entry.set?.number ?? 0;
    const shards = set.sort((a, b) => numberOf(a) - numberOf(b) || (a.path < b.path ? -1 : 1));
    const first = shards[0];
    if (!first) return [];
    const missingShards = (first.set?.count ?? shardPaths(first.path).length) - shards.length;
    return { ...first, ...sumsOf(shards), path: first.set?.first ?? firstShardPath(first.path), shards, missingShards };
  });
}

const sumsOf = (shards: readonly CacheEntry[]): Pick<CacheEntry, 'sizeBytes' | 'modifiedAtMs'> => ({
  sizeBytes: shards.reduce((sum, shard) => sum + shard.sizeBytes, 0),
  modifiedAtMs: Math.max(...shards.map((shard) => shard.modifiedAtMs)),
});

/**
 * Joins shards under other names than llama.cpp's, which their headers told: each has the problem `shard_alone`. The file of a set is its
 * first shard, with the header that `read` gives. All other files stay as they are.
 */
export async function joinByHeader<Of extends { readonly file: ModelFile; readonly problem: ErrorBody | null }>(
  all: readonly Of[],
  read: (file: ModelFile) => Promise<Of>,
): Promise<Of[]> {
  const shards = all.flatMap((one) => {
    const shard = loneShard(one.problem);
    const { repoId, commit, path } = one.file;
    return shard === null ? [] : { one, path: `${repoId}/${commit}/${path}`, ...shard };
  });
  const sets = shardSets(shards);
  if (sets.length === 0) return [...all];
  const joined = new Set<Of>();
  const models: Of[] = [];
  for (const set of sets) {
    const entries = set.flatMap(({ one }) => one.file.shards);
    const [first] = entries;
    if (!first) continue;
    const model = await read({ ...first, ...sumsOf(entries), shards: entries, missingShards: 0 });
    // Their tensors tell that they are of different models: a deletion of one must not take the others.
    if (model.problem?.data?.['reason'] === 'shards_mixed') continue;
    models.push(model);
    for (const { one } of set) joined.add(one);
  }
  return [...all.filter((one) => !joined.has(one)), ...models];
}

/** Which of how many files of a model a file is, where its problem is that it was read without the others; else null. */
export function loneShard(problem: ErrorBody | null): Omit<LoneShard, 'path'> | null {
  const { reason, shardNumber, shardCount, splitTensors } = problem?.data ?? {};
  if (reason !== 'shard_alone' || typeof shardNumber !== 'number' || typeof shardCount !== 'number') return null;
  return {
    number: shardNumber,
    count: shardCount,
    tensors: typeof splitTensors === 'number' ? splitTensors : null,
  };
}

/** The model's summary, weights and parameters summed over its shards. @throws AppError `model.unsupported` for an auxiliary file. */
export async function summarizeShards(file: ModelFile): Promise<ModelSummary> {
  const summary = await summarizeFile(file);
  if ('kind' in summary) throw auxiliaryError(summary.kind);
  return summary;
}

/** The summary of a model, or of an adapter or a projector. @throws AppError `model.*`. */
export async function summarizeFile(file: ModelFile): Promise<ModelSummary | AuxiliarySummary> {
  if (file.shards.some((shard) => shard.isDamaged))
    throw new AppError(
      'model.corrupt',
      'This file is damaged: its bytes are not those of the Hub. Download it again.',
      { reason: 'hash' },
    );
  if (file.missingShards > 0)
    throw new AppError(
      'model.corrupt',
      `${file.missingShards} of the ${file.shards.length + file.missingShards} files of this model are missing. Download it again.`,
      {
        reason: 'shards_missing',
        missingShards: file.missingShards,
        shardCount: file.shards.length + file.missingShards,
      },
    );
  const model = createWholeModel(file.shards.length);
  for (const [index, { path, sizeBytes, openPath }] of file.shards.entries())
    model.add(index, { path, sizeBytes, header: await readHeaderOfFile(openPath) });
  const { first, others } = model.whole();
  const auxiliary = summarizeAuxiliary(first);
  if (auxiliary !== null) return auxiliary;
  const summary = summarizeModel(first, others);
  checkModel(first, others);
  return summary;
}

/** @throws AppError as `readGgufHeader`; `model.missing` when the file is gone, `disk.denied` or `busy` when it cannot be read now. */
export async function readHeaderOfFile(file: string): Promise<GgufHeader> {
  try {
    return await readHeader(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new AppError('model.missing', 'The model file is not there.', {}, { cause: error });
    if (diskErrorBody(error)?.code !== 'disk.denied') throw error;
    const detail = systemCode(error);
    throw new AppError(
      'disk.denied',
      `The model file cannot be read (${detail}).`,
      { reason: 'unreadable', detail },
      { cause: error },
    );
  }
}
