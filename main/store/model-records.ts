/** Records of model files: headers, which are valid while the file is unchanged, last use, pins, and imported files. */
import { readJson } from './json.ts';
import { statement, transaction, type Store } from './store.ts';

/** The stored header of a file, if the file still has this size and modification time. */
export function readHeader(store: Store, modelId: string, sizeBytes: number, modifiedAtMs: number): unknown {
  const row = statement(
    store,
    'SELECT header FROM model_headers WHERE model_id = ? AND size_bytes = ? AND modified_at = ?',
  ).get(modelId, sizeBytes, Math.round(modifiedAtMs)) as { header: string } | undefined;
  return readJson(row?.header);
}

/** A header with the size and modification time that its file had. */
export interface StoredHeader {
  readonly modelId: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly header: unknown;
}

/** Stores headers and replaces those of the same models. @throws AppError `disk.full`. */
export function writeHeaders(store: Store, headers: readonly StoredHeader[]): void {
  transaction(store, () => {
    const write = statement(
      store,
      `INSERT INTO model_headers (model_id, size_bytes, modified_at, header) VALUES (?, ?, ?, ?)
       ON CONFLICT (model_id) DO UPDATE SET size_bytes = excluded.size_bytes, modified_at = excluded.modified_at, header = excluded.header`,
    );
    for (const { modelId, sizeBytes, modifiedAtMs, header } of headers)
      write.run(modelId, sizeBytes, Math.round(modifiedAtMs), JSON.stringify(header));
  });
}

/** How a file is used: by itself for a reply, or loaded beside a model as an adapter or a draft model. */
export type UseKind = 'reply' | 'auxiliary';
const useTables = { reply: 'model_use', auxiliary: 'auxiliary_use' } as const;

/** When each file was last used in this way, in milliseconds since the epoch, by model id. */
export function readModelUse(store: Store, kind: UseKind): Map<string, number> {
  const rows = statement(store, `SELECT model_id, last_used_at FROM ${useTables[kind]}`).all() as {
    model_id: string;
    last_used_at: number;
  }[];
  return new Map(rows.map((row) => [row.model_id, row.last_used_at]));
}

/** Stores the times of last use of this kind. @throws AppError `disk.full`. */
export function writeModelUse(store: Store, kind: UseKind, usedAt: ReadonlyMap<string, number>): void {
  transaction(store, () => {
    const write = statement(
      store,
      `INSERT INTO ${useTables[kind]} (model_id, last_used_at) VALUES (?, ?)
       ON CONFLICT (model_id) DO UPDATE SET last_used_at = excluded.last_used_at`,
    );
    for (const [modelId, at] of usedAt) write.run(modelId, at);
  });
}

/** The pinned models, which are never deleted to keep within the size limit. */
export function readPins(store: Store): Set<string> {
  const rows = statement(store, 'SELECT model_id FROM pins').all() as { model_id: string }[];
  return new Set(rows.map((row) => row.model_id));
}

/** Pins or unpins a model. @throws AppError `disk.full`. */
export function writePin(store: Store, modelId: string, pinned: boolean): void {
  const sql = pinned ? 'INSERT OR IGNORE INTO pins (model_id) VALUES (?)' : 'DELETE FROM pins WHERE model_id = ?';
  transaction(store, () => statement(store, sql).run(modelId));
}

/** Files outside the cache that the user added to the library, with their paths; those of Hearth's own folder with their names. */
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

/** Stores an imported file. @throws AppError `disk.full`. */
export function writeImportedFile(store: Store, modelId: string, path: string, at: number): void {
  const sql = 'INSERT OR REPLACE INTO imported_files (model_id, path, added_at) VALUES (?, ?, ?)';
  transaction(store, () => statement(store, sql).run(modelId, path, at));
}

/** Deletes imported files from the list. @throws AppError `disk.full`. */
export function deleteImportedFiles(store: Store, modelIds: readonly string[]): void {
  transaction(store, () => {
    for (const modelId of modelIds) statement(store, 'DELETE FROM imported_files WHERE model_id = ?').run(modelId);
  });
}
