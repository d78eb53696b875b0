/** A look at the database from another process, which changes nothing and needs no lock. */
import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { readMigrations } from './store.ts';
import { storeError } from './store-error.ts';
import { storeFile } from './store-file.ts';

export interface StoreCheck {
  readonly file: string;
  readonly sizeBytes: number;
  /** The schema of the file, and the newest one that this version knows. */
  readonly schema: number;
  readonly knownSchema: number;
  /** What SQLite finds wrong in its pages and indexes; empty for a sound file. */
  readonly damage: readonly string[];
  /** Whether other users of this computer may read it. Always false on Windows. */
  readonly isReadableByOthers: boolean;
}

/** Lines of SQLite's report. */
const MAX_LINES = 5;

/** Null where there is no database yet. @throws AppError `store.corrupt`, `disk.*`, `busy`. */
export function checkStore(dataFolder: string, migrationsFolder: string): StoreCheck | null {
  const file = storeFile(dataFolder);
  if (!existsSync(file)) return null;
  try {
    const { size, mode } = statSync(file);
    const store = new Database(file, { readonly: true });
    try {
      const lines = store.prepare(`PRAGMA quick_check(${MAX_LINES})`).pluck().all() as string[];
      return {
        file,
        sizeBytes: size,
        schema: store.pragma('user_version', { simple: true }) as number,
        knownSchema: readMigrations(migrationsFolder).length,
        damage: lines.length === 1 && lines[0] === 'ok' ? [] : lines,
        isReadableByOthers: process.platform !== 'win32' && (mode & 0o077) !== 0,
      };
    } finally {
      store.close();
    }
  } catch (error) {
    throw storeError(error);
  }
}
