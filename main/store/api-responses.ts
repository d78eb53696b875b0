/** Answers of the API that a later request may continue. They hold conversations, so they are bounded and deleted when they are old. */
import { readJson } from './json.ts';
import { statement, transaction, type Store } from './store.ts';

export interface ApiResponseRecords {
  /** The content as it was saved; undefined where there is none that this key may read. */
  find(id: string, keyId: string | null): unknown;
  /** Saves JSON content, and deletes what is older than 30 days or beyond the newest 1000 or 256 MiB. @throws AppError `disk.full`. */
  save(id: string, keyId: string | null, content: unknown, now: number): void;
  remove(id: string, keyId: string | null): boolean;
}

const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const KEPT = 1000;
const KEPT_BYTES = 256 * 1024 * 1024;

/** `keptBytes` is the limit of all contents together. */
export function createApiResponseRecords(store: Store, keptBytes = KEPT_BYTES): ApiResponseRecords {
  return {
    find(id, keyId) {
      const row = statement(store, 'SELECT content FROM api_responses WHERE id = ? AND key_id IS ?').get(id, keyId) as
        { content: string } | undefined;
      return readJson(row?.content);
    },
    save(id, keyId, content, now) {
      transaction(store, () => {
        statement(store, 'INSERT INTO api_responses (id, key_id, content, created_at) VALUES (?, ?, ?, ?)').run(
          id,
          keyId,
          JSON.stringify(content),
          now,
        );
        statement(store, 'DELETE FROM api_responses WHERE created_at < ?').run(now - KEPT_MS);
        statement(
          store,
          `DELETE FROM api_responses WHERE created_at <
             (SELECT created_at FROM api_responses ORDER BY created_at DESC LIMIT 1 OFFSET ?)`,
        ).run(KEPT - 1);
        statement(
          store,
          `DELETE FROM api_responses WHERE id IN (
             SELECT id FROM (SELECT id, sum(octet_length(content)) OVER (ORDER BY created_at DESC, rowid DESC) AS total
                             FROM api_responses) WHERE total > ?)`,
        ).run(keptBytes);
      });
    },
    remove: (id, keyId) =>
      transaction(
        store,
        () => statement(store, 'DELETE FROM api_responses WHERE id = ? AND key_id IS ?').run(id, keyId).changes > 0,
      ),
  };
}
