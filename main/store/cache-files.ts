/** The index of the cache: its content at the last scan. The JSON of a repository is defined by `hub/cache/scan.ts`. */
import { statement, transaction, type Store } from './store.ts';

export interface CacheRepositoryRow {
  readonly repoId: string;
  /** JSON of the repository without its times. */
  readonly details: string;
  /** JSON of the folders' modification times, which only a scan of the disk parses; may be empty. */
  readonly times: string;
}

/** All repositories of the cache at `folder` at the last scan; [] for a cache that was never scanned. */
export function readCacheIndex(store: Store, folder: string): CacheRepositoryRow[] {
  const sql = 'SELECT repo_id, details, times FROM cache_repositories WHERE folder = ?';
  const rows = statement(store, sql, 'lists').all(folder) as [string, string, string][];
  return rows.map(([repoId, details, times]) => ({ repoId, details, times }));
}

/** Replaces the rows of `changed` and deletes those of `removed`. @throws AppError `disk.full`. */
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

/** Deletes the index of a cache that was moved. */
export function forgetCacheIndex(store: Store, folder: string): void {
  transaction(store, () => statement(store, 'DELETE FROM cache_repositories WHERE folder = ?').run(folder));
}
