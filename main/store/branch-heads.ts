/** The commit of a repository's `main` at the last check, which tells whether a newer version exists. */
import { statement, transaction, type Store } from './store.ts';

export interface BranchHead {
  readonly commit: string;
  /** Milliseconds since the epoch. */
  readonly checkedAt: number;
}

/** All stored heads, by repository. */
export function readBranchHeads(store: Store): Map<string, BranchHead> {
  const rows = statement(store, "SELECT repo_id, commit_id, checked_at FROM branch_heads WHERE ref = 'main'").all() as {
    repo_id: string;
    commit_id: string;
    checked_at: number;
  }[];
  return new Map(rows.map((row) => [row.repo_id, { commit: row.commit_id, checkedAt: row.checked_at }]));
}

/** Stores the commits of `main` of these repositories. @throws AppError `disk.full`. */
export function writeBranchHeads(store: Store, heads: ReadonlyMap<string, string>, checkedAt: number): void {
  transaction(store, () => {
    const write = statement(
      store,
      `INSERT INTO branch_heads (repo_id, ref, commit_id, checked_at) VALUES (?, 'main', ?, ?)
       ON CONFLICT (repo_id, ref) DO UPDATE SET commit_id = excluded.commit_id, checked_at = excluded.checked_at`,
    );
    for (const [repoId, commit] of heads) write.run(repoId, commit, checkedAt);
  });
}
