/** The report on the cache: the size of each repository, with each blob counted once, and the bytes that deletions would free. */
import { setImmediate as turn } from 'node:timers/promises';
import type { StoredFile, StoredRepository, StoredRevision } from '../../../preload/contract/library.ts';
import { listedModels, type ScannedFile, type ScannedRepository } from '../../hub/hub.ts';

/** A repository, one revision of it, or one file of that. */
export interface Target {
  readonly repoId: string;
  readonly commit: string | null;
  readonly path: string | null;
}

export interface Name {
  readonly commit: string;
  readonly path: string;
}

export type Repositories = ReadonlyMap<string, ScannedRepository>;

/** Whether `target` covers this file. A path without a commit means the file in every revision. */
export function covers(target: Target, repoId: string, commit: string, path: string): boolean {
  return (
    target.repoId === repoId &&
    (target.commit === null || target.commit === commit) &&
    (target.path === null || target.path === path)
  );
}

/** The names that `target` covers. */
export function namesOf(repository: ScannedRepository, target: Target): Name[] {
  return repository.revisions.flatMap(({ commit, files }) =>
    files.filter(({ path }) => covers(target, repository.repoId, commit, path)).map(({ path }) => ({ commit, path })),
  );
}

/** Counts the repositories with each blob of the shared store. */
export function countShared(repositories: Repositories): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { shared } of repositories.values())
    for (const hash of new Set(Object.values(shared))) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}

/** The bytes that deleting these names would free. A linked repository and a link to another place free nothing. */
export function bytesFreedBy(
  repository: ScannedRepository,
  names: readonly Name[],
  sharedCounts: ReadonlyMap<string, number>,
): number {
  if (repository.isLink) return 0;
  const going = new Set(names.map(({ commit, path }) => `${commit}/${path}`));
  const blobs = new Map<string, { sizeBytes: number; stays: boolean }>();
  let freedBytes = 0;
  for (const { commit, files } of repository.revisions) {
    for (const { path, blob, sizeBytes } of files) {
      const goes = going.has(`${commit}/${path}`);
      if (blob === null) freedBytes += goes ? sizeBytes : 0;
      else if (blob !== '') blobs.set(blob, { sizeBytes, stays: !goes || blobs.get(blob)?.stays === true });
    }
  }
  for (const [blob, { sizeBytes, stays }] of blobs)
    if (!stays && (sharedCounts.get(repository.shared[blob] ?? '') ?? 1) <= 1) freedBytes += sizeBytes;
  return freedBytes;
}

export interface ReportFacts {
  readonly lastUsedAt: ReadonlyMap<string, number>;
  readonly pins: ReadonlySet<string>;
  readonly isBusy: (repoId: string) => boolean;
  /** Null while nothing is hidden. */
  readonly isHidden: ((repoId: string, commit: string, path: string) => boolean) | null;
}

export interface Report {
  readonly repositories: readonly StoredRepository[];
  readonly totalBytes: number;
}

/** Longest time without yielding to other work. */
const SLICE_MS = 4;

/** Every repository with a complete file, largest first. */
export async function reportOn(repositories: Repositories, facts: ReportFacts): Promise<Report> {
  const sharedCounts = countShared(repositories);
  const seenShared = new Set<string>();
  const stored: StoredRepository[] = [];
  let totalBytes = 0;
  let since = performance.now();
  for (const repository of repositories.values()) {
    if (performance.now() - since > SLICE_MS) {
      await turn();
      since = performance.now();
    }
    const { repository: one, sharedSizes } = describe(repository, sharedCounts, facts);
    if (one.revisions.length === 0) continue;
    totalBytes += one.sizeBytes;
    for (const [hash, sizeBytes] of sharedSizes) {
      if (seenShared.has(hash)) totalBytes -= sizeBytes;
      seenShared.add(hash);
    }
    stored.push(one);
  }
  return {
    repositories: stored.sort((a, b) => b.sizeBytes - a.sizeBytes || (a.repoId < b.repoId ? -1 : 1)),
    totalBytes,
  };
}

function describe(
  repository: ScannedRepository,
  sharedCounts: ReadonlyMap<string, number>,
  facts: ReportFacts,
): { repository: StoredRepository; sharedSizes: ReadonlyMap<string, number> } {
  const { repoId, refs, shared } = repository;
  const isShared = Object.keys(shared).length > 0;
  const listed = new Map(listedModels(repository).map(({ file, modelPath }) => [file, modelPath]));
  const isShown = (commit: string, file: ScannedFile): boolean => !facts.isHidden?.(repoId, commit, file.path);
  const names = new Map<string, number>();
  const sharedSizes = new Map<string, number>();
  let sizeBytes = 0;
  for (const { commit, files } of repository.revisions) {
    for (const file of files) {
      const { blob } = file;
      if (blob === '' || !isShown(commit, file)) continue;
      const count = blob === null ? 0 : (names.get(blob) ?? 0);
      if (count === 0) sizeBytes += file.sizeBytes;
      if (blob === null) continue;
      names.set(blob, count + 1);
      const hash = isShared ? shared[blob] : undefined;
      if (hash !== undefined) sharedSizes.set(hash, file.sizeBytes);
    }
  }
  const ownBytes = ({ blob, sizeBytes: own }: ScannedFile): number => {
    if (blob === '' || repository.isLink) return 0;
    if (blob === null) return own;
    const hash = isShared ? shared[blob] : undefined;
    return names.get(blob) === 1 && (hash === undefined || (sharedCounts.get(hash) ?? 1) <= 1) ? own : 0;
  };
  let lastUsedAt: number | null = null;
  let pinned = false;
  const revisions: StoredRevision[] = [];
  for (const { commit, files } of repository.revisions) {
    const shown: StoredFile[] = [];
    for (const file of files) {
      if (!isShown(commit, file)) continue;
      const modelPath = listed.get(file);
      const modelId = modelPath === undefined ? null : `${repoId}/${modelPath}`;
      const usedAt = modelId === null ? null : (facts.lastUsedAt.get(modelId) ?? null);
      if (usedAt !== null) lastUsedAt = Math.max(lastUsedAt ?? 0, usedAt);
      if (modelId !== null && facts.pins.has(modelId)) pinned = true;
      shown.push({ path: file.path, sizeBytes: file.sizeBytes, ownBytes: ownBytes(file), modelId, lastUsedAt: usedAt });
    }
    if (shown.length === 0) continue;
    const pointing = Object.keys(refs).filter((ref) => refs[ref] === commit);
    revisions.push({ commit, refs: pointing.sort(), files: shown });
  }
  return { repository: { repoId, sizeBytes, lastUsedAt, pinned, busy: facts.isBusy(repoId), revisions }, sharedSizes };
}
