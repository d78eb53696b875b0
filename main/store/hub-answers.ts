/** The Hub's answers, for times when it is out of reach, and headers of its files, which never change within a commit. */
import { type AppError, isAppError } from '../../preload/wire/errors.ts';
import { readKeptSummary, type ModelSummary } from '../model-file/model-summary.ts';
import { readJson } from './json.ts';
import { statement, transaction, type Store } from './store.ts';
import { writeBranchHeads } from './branch-heads.ts';
import { writeFileHashes } from './file-hashes.ts';

/** Limits of the kept answers in number and bytes; the oldest are deleted. */
const MAX_ANSWERS = 2000;
const MAX_ANSWER_BYTES = 50_000_000;
/** Limit of the kept headers, some 10 KB each; those that were written first are deleted. */
const MAX_HEADERS = 2000;

/** The last answer for `key` and its time in milliseconds since the epoch; undefined when there is none. */
export function readAnswer(store: Store, key: string): { answer: unknown; fetchedAt: number } | undefined {
  const row = statement(store, 'SELECT answer, fetched_at FROM hub_answers WHERE key = ?').get(key) as
    { answer: string; fetched_at: number } | undefined;
  const answer = readJson(row?.answer);
  return row === undefined || answer === undefined ? undefined : { answer, fetchedAt: row.fetched_at };
}

/** Stores the answer for `key`, and deletes the oldest answers beyond the limits. */
export function writeAnswer(store: Store, key: string, answer: unknown, fetchedAt: number): void {
  statement(
    store,
    `INSERT INTO hub_answers (key, answer, fetched_at) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, fetched_at = excluded.fetched_at`,
  ).run(key, JSON.stringify(answer), fetchedAt);
  statement(
    store,
    `DELETE FROM hub_answers WHERE key IN (
       SELECT key FROM (
         SELECT key,
                ROW_NUMBER() OVER newest AS place,
                SUM(octet_length(answer)) OVER newest AS bytes
         FROM hub_answers
         WINDOW newest AS (ORDER BY fetched_at DESC, key ROWS UNBOUNDED PRECEDING)
       )
       WHERE place > ? OR bytes > ?
     )`,
  ).run(MAX_ANSWERS, MAX_ANSWER_BYTES);
}

/** The stored headers of one commit, by path; of a sharded model, that of the first shard. */
export function readRemoteHeaders(store: Store, repoId: string, commit: string): Map<string, ModelSummary> {
  const rows = statement(store, 'SELECT path, summary FROM remote_headers WHERE repo_id = ? AND commit_id = ?').all(
    repoId,
    commit,
  ) as { path: string; summary: string }[];
  return new Map(
    rows.flatMap(({ path, summary }) => {
      const kept = readKeptSummary(readJson(summary));
      return kept === undefined ? [] : [[path, kept] as const];
    }),
  );
}

export function writeRemoteHeader(
  store: Store,
  repoId: string,
  commit: string,
  path: string,
  summary: ModelSummary,
): void {
  statement(store, 'INSERT OR REPLACE INTO remote_headers (repo_id, commit_id, path, summary) VALUES (?, ?, ?, ?)').run(
    repoId,
    commit,
    path,
    JSON.stringify(summary),
  );
  statement(
    store,
    'DELETE FROM remote_headers WHERE rowid <= (SELECT rowid FROM remote_headers ORDER BY rowid DESC LIMIT 1 OFFSET ?)',
  ).run(MAX_HEADERS);
}

/** The records for `createHub`, in the database. When the disk is full nothing is stored, but the answer still arrives. */
export function createHubRecords(store: Store) {
  const keep = (write: () => void): void => {
    try {
      transaction(store, write);
    } catch (error) {
      if (!isAppError(error) || !isHarmless(error)) throw error;
    }
  };
  return {
    readAnswer: (key: string) => readAnswer(store, key),
    writeAnswer: (key: string, answer: unknown, fetchedAt: number) => {
      keep(() => writeAnswer(store, key, answer, fetchedAt));
    },
    readHeaders: (repoId: string, commit: string) => readRemoteHeaders(store, repoId, commit),
    writeHeader: (repoId: string, commit: string, path: string, summary: ModelSummary) => {
      keep(() => writeRemoteHeader(store, repoId, commit, path, summary));
    },
    writeHeads: (heads: ReadonlyMap<string, string>, at: number) => {
      keep(() => writeBranchHeads(store, heads, at));
    },
    writeHashes: (repoId: string, commit: string, hashes: ReadonlyMap<string, string>) => {
      keep(() => writeFileHashes(store, repoId, commit, hashes));
    },
  };
}

function isHarmless({ code }: AppError): boolean {
  return code === 'disk.full' || code === 'disk.denied' || code === 'busy';
}
