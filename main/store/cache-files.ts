/** The index of the cache: what was in it when it was last read. What is kept of a repository is the scan's knowledge. */
import { statement, transaction, type Store } from './store.ts';

export interface CacheRepositoryRow {
  readonly repoId: string;
  /** JSON. */
  readonly details: string;
  /** JSON, or nothing: what only a look at the disk asks for. */
  readonly times: string;
}

/** Every repository of the cache at `folder` as it was last written; [] for a cache that was never read. */
export function readCacheIndex(store: Store, folder: string): CacheRepositoryRow[] {
  const rows = statement(store, 'SELECT repo_id, details, times FROM cache_repositories WHERE folder = ?')
    .raw()
    .all(folder) as [string, string, string][];
  return rows.map(([repoId, details, times]) => ({ repoId, details, times }));
}

/** Replaces what is known of these repositories, and forgets `removed`. @throws AppError `disk.full`. */
export function writeCacheIndex(
  store: Store,
  folder: string,
  changed: readonly CacheRepositoryRow[],
  removed: readonly string[],
): void {
  if (changed.length + removed.length === 0) return;
  transaction(store, () => {
    const drop = statement(store, 'DELETE FROM cache_repositories WHERE folder = ? AND repo_id = ?');
    const put = statement(
      store,
      'INSERT OR REPLACE INTO cache_repositories (folder, repo_id, details, times) VALUES (?, ?, ?, ?)',
    );
    for (const repoId of removed) drop.run(folder, repoId);
    for (const { repoId, details, times } of changed) put.run(folder, repoId, details, times);
  });
}

/** Forgets a cache, after it was moved. */
export function forgetCacheIndex(store: Store, folder: string): void {
  transaction(store, () => statement(store, 'DELETE FROM cache_repositories WHERE folder = ?').run(folder));
}
