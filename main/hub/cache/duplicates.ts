/** The same content in several repositories of a cache, each of which keeps bytes of its own. */
import type { ScannedRepository } from './scan.ts';

export interface Duplicate {
  /** The sha256 of the content. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** One file of each repository, sorted. */
  readonly files: readonly { readonly repoId: string; readonly path: string }[];
}

/**
 * The largest first. Content in the shared store of several repositories is there once, and so is content of several revisions of one
 * repository. Copies in snapshots have no hash in their name and are not found.
 */
export function findDuplicates(repositories: Iterable<ScannedRepository>): readonly Duplicate[] {
  const places = new Map<string, Map<string, { readonly path: string; readonly sizeBytes: number }>>();
  for (const { repoId, revisions, shared, isLink } of repositories) {
    if (isLink) continue;
    for (const { path, blob, sizeBytes } of revisions.flatMap(({ files }) => files)) {
      if (blob === null || !/^[0-9a-f]{64}$/.test(blob) || shared[blob] !== undefined) continue;
      const of = places.get(blob) ?? new Map<string, { readonly path: string; readonly sizeBytes: number }>();
      if (!of.has(repoId)) of.set(repoId, { path, sizeBytes });
      places.set(blob, of);
    }
  }
  return [...places]
    .filter(([, of]) => of.size > 1)
    .map(([sha256, of]) => ({
      sha256,
      sizeBytes: Math.max(...[...of.values()].map((file) => file.sizeBytes)),
      files: [...of]
        .map(([repoId, { path }]) => ({ repoId, path }))
        .sort((one, other) => (one.repoId < other.repoId ? -1 : 1)),
    }))
    .sort((one, other) => other.sizeBytes * (other.files.length - 1) - one.sizeBytes * (one.files.length - 1));
}
