/** Settings by key, as JSON. The settings module knows their meaning. */
import { readJson } from './json.ts';
import { statement, transaction, type Store } from './store.ts';

/** The value under `key`; undefined where there is none that can be read. */
export function readSetting(store: Store, key: string): unknown {
  const row = statement(store, 'SELECT value FROM settings WHERE key = ?').get(key) as { value: string } | undefined;
  return readJson(row?.value);
}

/** Stores JSON values by key, all or none. @throws AppError `disk.full`. */
export function writeSettings(store: Store, values: Readonly<Record<string, unknown>>): void {
  transaction(store, () => {
    const write = statement(
      store,
      'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    for (const [key, value] of Object.entries(values)) write.run(key, JSON.stringify(value));
  });
}
