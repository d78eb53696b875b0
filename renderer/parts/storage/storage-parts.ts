/**
 * What the storage view shows of a repository: its distinct files, the time since its last use, the models that pinning
 * covers.
 */
import type { StorageEvent, StoredFile, StoredRepository } from '../../../preload/contract/library.ts';

/** Each file once, that of the newest revision first: two revisions with the same bytes share them on the disk. */
export function distinctFiles(repository: StoredRepository): readonly StoredFile[] {
  const seen = new Set<string>();
  return repository.revisions
    .flatMap((revision) => revision.files)
    .filter((file) => {
      const key = `${file.path} ${file.sizeBytes}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes || (a.path < b.path ? -1 : 1));
}

export type Age = 'week' | 'month' | 'half_year' | 'older' | 'never';

const DAY_MS = 86_400_000;

/** The time since the last use, in the steps that the treemap tints. */
export function ageOf(lastUsedAt: number | null, nowMs: number): Age {
  if (lastUsedAt === null) return 'never';
  const days = (nowMs - lastUsedAt) / DAY_MS;
  if (days < 7) return 'week';
  if (days < 31) return 'month';
  return days < 183 ? 'half_year' : 'older';
}

/** Ids of the models in a repository. Pinning the repository pins them. */
export function modelIdsOf(repository: StoredRepository): readonly string[] {
  const ids = repository.revisions.flatMap((revision) => revision.files.flatMap((file) => file.modelId ?? []));
  return [...new Set(ids)];
}

/** The cache in relation to its limit; null without one. `overBytes` is the excess. */
export function limitState(storage: StorageEvent): { readonly share: number; readonly overBytes: number } | null {
  if (storage.limitBytes === null || storage.limitBytes <= 0) return null;
  return {
    share: storage.totalBytes / storage.limitBytes,
    overBytes: Math.max(0, storage.totalBytes - storage.limitBytes),
  };
}

/** The last component of a path in the repository. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
