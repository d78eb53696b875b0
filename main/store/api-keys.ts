/** The keys of the API server and what they have used. */
import { keyRightsSchema, type KeyRights } from '../../preload/contract/server.ts';
import { readJson } from './json.ts';
import { statement, transaction, type Store } from './store.ts';

export interface StoredKey {
  readonly id: string;
  /** SHA-256 of the secret, in hexadecimal. */
  readonly hash: string;
  readonly beginning: string;
  readonly rights: KeyRights;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** What a key has used since the last time that it was stored. */
export interface KeyUse {
  readonly keyId: string;
  /** A day of UTC, as YYYY-MM-DD. */
  readonly day: string;
  readonly tokens: number;
  readonly lastUsedAt: number;
}

export interface KeyRecords {
  /** Oldest first. A key whose rights cannot be read any more opens nothing, and is left out. */
  list(): readonly StoredKey[];
  /** @throws AppError `disk.full`. */
  add(key: StoredKey): void;
  /** False where there is no such key. @throws AppError `disk.full`. */
  update(id: string, rights: KeyRights): boolean;
  remove(id: string): boolean;
  tokensOf(id: string, day: string): number;
  /** Adds to what is stored; that of keys that are gone is dropped. Older days are deleted. @throws AppError `disk.full`. */
  addUse(uses: readonly KeyUse[]): void;
}

interface Row {
  readonly id: string;
  readonly hash: string;
  readonly beginning: string;
  readonly rights: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

export function createKeyRecords(store: Store): KeyRecords {
  return {
    list() {
      const rows = statement(store, 'SELECT * FROM api_keys ORDER BY created_at, id').all() as Row[];
      return rows.flatMap((row) => {
        const rights = keyRightsSchema.safeParse(readJson(row.rights)).data;
        const { id, hash, beginning } = row;
        return rights ? [{ id, hash, beginning, rights, createdAt: row.created_at, lastUsedAt: row.last_used_at }] : [];
      });
    },
    add({ id, hash, beginning, rights, createdAt, lastUsedAt }) {
      transaction(store, () =>
        statement(
          store,
          'INSERT INTO api_keys (id, hash, beginning, rights, created_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?)',
        ).run(id, hash, beginning, JSON.stringify(rights), createdAt, lastUsedAt),
      );
    },
    update: (id, rights) =>
      transaction(
        store,
        () =>
          statement(store, 'UPDATE api_keys SET rights = ? WHERE id = ?').run(JSON.stringify(rights), id).changes > 0,
      ),
    remove: (id) => transaction(store, () => statement(store, 'DELETE FROM api_keys WHERE id = ?').run(id).changes > 0),
    tokensOf(id, day) {
      const row = statement(store, 'SELECT tokens FROM api_key_use WHERE key_id = ? AND day = ?').get(id, day) as
        { tokens: number } | undefined;
      return row?.tokens ?? 0;
    },
    addUse(uses) {
      transaction(store, () => {
        const touch = statement(
          store,
          'UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?',
        );
        const add = statement(
          store,
          `INSERT INTO api_key_use (key_id, day, tokens) VALUES (?, ?, ?)
           ON CONFLICT (key_id, day) DO UPDATE SET tokens = tokens + excluded.tokens`,
        );
        const forget = statement(store, 'DELETE FROM api_key_use WHERE key_id = ? AND day < ?');
        for (const { keyId, day, tokens, lastUsedAt } of uses) {
          if (touch.run(lastUsedAt, keyId).changes === 0) continue;
          add.run(keyId, day, tokens);
          forget.run(keyId, day);
        }
      });
    },
  };
}
