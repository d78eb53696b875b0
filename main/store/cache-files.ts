/** The index of the cache: what was in it when it was last read. What the details mean is the scan's knowledge. */
import { statement, transaction, type Store } from './store.ts';

/** As it is in the table; the blob's name is null for a copy in the snapshot. An array, because ten thousand are read at once. */
export type CacheFileRow = readonly [
  repoId: string,
  commit: string,
  path: string,
  blob: string | null,
  sizeBytes: number,
  modifiedAtMs: number,
];

export interface CacheRepositoryRow {
  readonly repoId: string;
  /** Any JSON value. */
  readonly details: unknown;
  readonly files: readonly CacheFileRow[];
}

/** Every repository of the cache at `folder` as it was last written; [] for a cache that was never read. */
export function readCacheIndex(store: Store, folder: string): CacheRepositoryRow[] {
  const files = new Map<string, CacheFileRow[]>();
  const rows = statement(
    store,
    'SELECT repo_id, commit_id, path, blob, size_bytes, modified_at FROM cache_files WHERE folder = ?',
  )
    .raw()
    .all(folder) as CacheFileRow[];
  let list: CacheFileRow[] = [];
  let of: string | undefined;
  for (const row of rows) {
    if (row[0] !== of) {
      of = row[0];
      list = files.get(of) ?? [];
      files.set(of, list);
    }
    list.push(row);
  }
  const repositories = statement(store, 'SELECT repo_id, details FROM cache_repositories WHERE folder = ?')
    .raw()
    .all(folder) as [string, string][];
  return repositories.map(([repoId, details]) => ({
    repoId,
    details: JSON.parse(details) as unknown,
    files: files.get(repoId) ?? [],
  }));
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
    const dropFiles = statement(store, 'DELETE FROM cache_files WHERE folder = ? AND repo_id = ?');
    const drop = statement(store, 'DELETE FROM cache_repositories WHERE folder = ? AND repo_id = ?');
    const addFile = statement(
      store,
      `INSERT INTO cache_files (folder, repo_id, commit_id, path, blob, size_bytes, modified_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    const add = statement(store, 'INSERT INTO cache_repositories (folder, repo_id, details) VALUES (?, ?, ?)');
    for (const repoId of [...removed, ...changed.map((one) => one.repoId)]) {
      dropFiles.run(folder, repoId);
      drop.run(folder, repoId);
    }
    for (const { repoId, details, files } of changed) {
      add.run(folder, repoId, JSON.stringify(details));
      for (const [, commit, path, blob, sizeBytes, modifiedAtMs] of files)
        addFile.run(folder, repoId, commit, path, blob, sizeBytes, Math.round(modifiedAtMs));
    }
  });
}

/** Forgets a cache, after it was moved. */
export function forgetCacheIndex(store: Store, folder: string): void {
  transaction(store, () => {
    statement(store, 'DELETE FROM cache_files WHERE folder = ?').run(folder);
    statement(store, 'DELETE FROM cache_repositories WHERE folder = ?').run(folder);
  });
}
