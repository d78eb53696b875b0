/** Settings by key. What they mean is the settings module's knowledge. */
import { statement, type Store } from './store.ts';

/** The value under `key`, or undefined. */
export function readSetting(store: Store, key: string): unknown {
  const row = statement(store, 'SELECT value FROM settings WHERE key = ?').get(key) as { value: string } | undefined;
  return row === undefined ? undefined : (JSON.parse(row.value) as unknown);
}

/** Keeps a JSON value. */
export function writeSetting(store: Store, key: string, value: unknown): void {
  statement(
    store,
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ).run(key, JSON.stringify(value));
}
