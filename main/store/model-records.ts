/** What is remembered of model files: headers, valid while the file is the same, use, pins, and files taken in from elsewhere. */
import { statement, type Store } from './store.ts';

/** The kept header of a file, if it still has this size and modification time. */
export function readHeader(store: Store, modelId: string, sizeBytes: number, modifiedAtMs: number): unknown {
  const row = statement(
    store,
    'SELECT header FROM model_headers WHERE model_id = ? AND size_bytes = ? AND modified_at = ?',
  ).get(modelId, sizeBytes, Math.round(modifiedAtMs)) as { header: string } | undefined;
  return row === undefined ? undefined : (JSON.parse(row.header) as unknown);
}

export function writeHeader(
  store: Store,
  modelId: string,
  sizeBytes: number,
  modifiedAtMs: number,
  header: unknown,
): void {
  statement(
    store,
    `INSERT INTO model_headers (model_id, size_bytes, modified_at, header) VALUES (?, ?, ?, ?)
     ON CONFLICT (model_id) DO UPDATE SET size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, header = excluded.header`,
  ).run(modelId, sizeBytes, Math.round(modifiedAtMs), JSON.stringify(header));
}

/** When each model was last used, in milliseconds since the epoch. */
export function readModelUse(store: Store): Map<string, number> {
  const rows = statement(store, 'SELECT model_id, last_used_at FROM model_use').all() as {
    model_id: string;
    last_used_at: number;
  }[];
  return new Map(rows.map((row) => [row.model_id, row.last_used_at]));
}

export function writeModelUse(store: Store, modelId: string, at: number): void {
  statement(
    store,
    'INSERT INTO model_use (model_id, last_used_at) VALUES (?, ?) ON CONFLICT (model_id) DO UPDATE SET last_used_at = excluded.last_used_at',
  ).run(modelId, at);
}

/** The models that are never evicted by themselves. */
export function readPins(store: Store): Set<string> {
  const rows = statement(store, 'SELECT model_id FROM pins').all() as { model_id: string }[];
  return new Set(rows.map((row) => row.model_id));
}

export function writePin(store: Store, modelId: string, pinned: boolean): void {
  if (pinned) statement(store, 'INSERT OR IGNORE INTO pins (model_id) VALUES (?)').run(modelId);
  else statement(store, 'DELETE FROM pins WHERE model_id = ?').run(modelId);
}

/** Files that the user took into the list. */
export function readImportedFiles(store: Store): { modelId: string; path: string; addedAt: number }[] {
  const rows = statement(
    store,
    'SELECT model_id, path, added_at FROM imported_files ORDER BY added_at, model_id',
  ).all();
  return (rows as { model_id: string; path: string; added_at: number }[]).map((row) => ({
    modelId: row.model_id,
    path: row.path,
    addedAt: row.added_at,
  }));
}

export function writeImportedFile(store: Store, modelId: string, path: string, at: number): void {
  statement(store, 'INSERT OR REPLACE INTO imported_files (model_id, path, added_at) VALUES (?, ?, ?)').run(
    modelId,
    path,
    at,
  );
}

export function deleteImportedFile(store: Store, modelId: string): void {
  statement(store, 'DELETE FROM imported_files WHERE model_id = ?').run(modelId);
}
