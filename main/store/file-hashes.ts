/** Expected hashes of the Hub's files: the sha256 of files in Git LFS, else the git blob id. */
import { statement, type Store } from './store.ts';

/** Limit of the kept hashes; those that were written first are deleted. */
const MAX_HASHES = 50_000;

/** Stores the hashes of one commit's files, by path. */
export function writeFileHashes(
  store: Store,
  repoId: string,
  commit: string,
  hashes: ReadonlyMap<string, string>,
): void {
  const put = statement(
    store,
    'INSERT OR REPLACE INTO file_hashes (repo_id, commit_id, path, hash) VALUES (?, ?, ?, ?)',
  );
  for (const [path, hash] of hashes) put.run(repoId, commit, path, hash);
  statement(
    store,
    'DELETE FROM file_hashes WHERE rowid <= (SELECT rowid FROM file_hashes ORDER BY rowid DESC LIMIT 1 OFFSET ?)',
  ).run(MAX_HASHES);
}

/** The stored hashes of a repository's files, by `<commit>/<path>`. */
export function readFileHashes(store: Store, repoId: string): Map<string, string> {
  const rows = statement(store, 'SELECT commit_id, path, hash FROM file_hashes WHERE repo_id = ?').all(repoId) as {
    commit_id: string;
    path: string;
    hash: string;
  }[];
  return new Map(rows.map(({ commit_id, path, hash }) => [`${commit_id}/${path}`, hash]));
}
