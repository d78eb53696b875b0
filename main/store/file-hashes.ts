/** What files of the Hub hash to: sha256 for what Git LFS keeps, else the id that git gives a file. */
import { statement, type Store } from './store.ts';

/** The most hashes that are kept; those of the repositories that were written first go. */
const MAX_HASHES = 50_000;

/** Keeps what files of one commit hash to, by path. */
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

/** What is known of the files of a repository, by `<commit>/<path>`. */
export function readFileHashes(store: Store, repoId: string): Map<string, string> {
  const rows = statement(store, 'SELECT commit_id, path, hash FROM file_hashes WHERE repo_id = ?').all(repoId) as {
    commit_id: string;
    path: string;
    hash: string;
  }[];
  return new Map(rows.map(({ commit_id, path, hash }) => [`${commit_id}/${path}`, hash]));
}
