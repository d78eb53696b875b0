/** Keeps the cache within its size limit by deleting the least recently used models. */
import { modelPaths, removeCachedFiles, type ScannedRepository } from '../../hub/hub.ts';
import { bytesFreedBy, countShared, reportOn, type Name, type Repositories } from './report.ts';

export interface EvictOptions {
  readonly folder: string;
  readonly limitBytes: number;
  readonly repositories: Repositories;
  readonly lastUsedAt: ReadonlyMap<string, number>;
  readonly pins: ReadonlySet<string>;
  readonly loaded: ReadonlySet<string>;
  readonly isFetching: (repoId: string) => boolean;
  readonly isHidden: ((repoId: string, commit: string, path: string) => boolean) | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Candidate {
  readonly repository: ScannedRepository;
  readonly label: string;
  readonly names: readonly Name[];
  readonly usedAtMs: number;
}

export interface Eviction {
  /** The deleted models in order. */
  readonly evicted: readonly { readonly name: string; readonly freedBytes: number }[];
  /** The size of the cache when it still exceeds the limit; else null. */
  readonly remainingBytes: number | null;
}

/** Files that were added or used within this time are kept, so that a finished download does not evict itself. */
const FRESH_MS = 600_000;

/**
 * Deletes the least recently used models until the cache is within `limitBytes` or no candidate is left. For a file that was never used
 * the time of its download counts. Pinned and loaded models, repositories with a download, and links are never deleted. Throws file
 * system errors.
 */
export async function evict(options: EvictOptions): Promise<Eviction> {
  const facts = { ...options, isBusy: options.isFetching };
  let { totalBytes } = await reportOn(options.repositories, facts);
  const evicted: { name: string; freedBytes: number }[] = [];
  const sharedCounts = countShared(options.repositories);
  const gone = new Map<string, Name[]>();
  for (const { repository, label, names } of candidates(options)) {
    if (totalBytes <= options.limitBytes) break;
    // A blob that two candidates share is freed with the second.
    const before = gone.get(repository.repoId) ?? [];
    const all = [...before, ...names];
    const freedBytes = bytesFreedBy(repository, all, sharedCounts) - bytesFreedBy(repository, before, sharedCounts);
    await removeCachedFiles(options.folder, repository.repoId, names);
    gone.set(repository.repoId, all);
    totalBytes -= freedBytes;
    evicted.push({ name: label, freedBytes });
  }
  return { evicted, remainingBytes: totalBytes > options.limitBytes ? totalBytes : null };
}

/** The candidates for deletion, least recently used first: models with all shards and revisions, and repositories without models. */
function candidates(options: EvictOptions): Candidate[] {
  return [...options.repositories.values()]
    .filter((repository) => !repository.isLink && !options.isFetching(repository.repoId))
    .flatMap((repository) => candidatesOf(repository, options))
    .filter(({ usedAtMs }) => options.now - usedAtMs > FRESH_MS)
    .sort((a, b) => a.usedAtMs - b.usedAtMs);
}

function candidatesOf(repository: ScannedRepository, options: EvictOptions): Candidate[] {
  const { repoId } = repository;
  const modelPath = modelPaths(repository);
  const models = new Map<string, { names: Name[]; usedAtMs: number }>();
  const others: Name[] = [];
  let newestMs = 0;
  for (const { commit, files } of repository.revisions) {
    for (const { path, modifiedAtMs } of files) {
      if (options.isHidden?.(repoId, commit, path)) continue;
      newestMs = Math.max(newestMs, modifiedAtMs);
      if (!/\.gguf$/i.test(path)) {
        others.push({ commit, path });
        continue;
      }
      const modelId = `${repoId}/${modelPath(commit, path)}`;
      const model = models.get(modelId) ?? { names: [], usedAtMs: options.lastUsedAt.get(modelId) ?? 0 };
      model.names.push({ commit, path });
      model.usedAtMs = Math.max(model.usedAtMs, modifiedAtMs);
      models.set(modelId, model);
    }
  }
  const isKept = (modelId: string): boolean => options.pins.has(modelId) || options.loaded.has(modelId);
  if (models.size === 0)
    return others.length === 0 ? [] : [{ repository, label: repoId, names: others, usedAtMs: newestMs }];
  const last = [...models].sort(([, a], [, b]) => b.usedAtMs - a.usedAtMs)[0]?.[0];
  const staysNone = ![...models.keys()].some(isKept);
  return [...models]
    .filter(([modelId]) => !isKept(modelId))
    .map(([modelId, { names, usedAtMs }]) => ({
      repository,
      label: modelId,
      // Files that belong to no model are deleted with the last one.
      names: staysNone && modelId === last ? [...names, ...others] : names,
      usedAtMs,
    }));
}
