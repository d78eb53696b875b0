/**
 * Salvages a database with damaged pages: what can be read is copied into a new one, row by row, and links that lead nowhere are mended.
 * The damaged file is kept beside it. A salvage that was interrupted at any point is made again or finished by the next start.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { readAccount, writeAccount, type SalvageAccount, type SavedCount } from './account.ts';
import { mendLinks } from './mend-links.ts';
import { readableRows, rowsByKey } from './readable-rows.ts';

/** A complete salvaged copy that has not yet taken the place of the damaged file. */
const completeName = (file: string): string => `${file}.salvaged`;

/** Puts a complete salvaged copy into its place, which an interrupted start has left. Without one it does nothing. */
export function finishSalvage(file: string): void {
  if (!existsSync(completeName(file))) return;
  if (existsSync(file)) {
    const account = readAccount(file);
    const isFree = account !== null && !existsSync(path.join(path.dirname(file), account.keptAs));
    const keptAs = isFree ? account.keptAs : freeName(file);
    // Something else has taken the planned name meanwhile: the account tells where the file is.
    if (account !== null && !isFree) writeAccount(file, { ...account, keptAs });
    putAside(file, keptAs);
  }
  renameSync(completeName(file), file);
  syncFolder(path.dirname(file));
}

/**
 * Replaces the damaged database at `file` by a copy of what can be read of it. The account of it lies beside the copy until it is told,
 * in this process or a later one (`account.ts`). `makeSchema` creates the tables of the damaged one's
 * version in an empty database. @throws the errors of SQLite and the system, and `SQLITE_CORRUPT` where not even its schema can be read;
 * the damaged file is then unchanged.
 */
export function salvage(file: string, makeSchema: (empty: Database.Database, version: number) => void): void {
  const incomplete = `${file}.salvaging`;
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(incomplete + suffix, { force: true });
  const damaged = new Database(file);
  let counts: Omit<SalvageAccount, 'keptAs'>;
  try {
    // Lets SQLite read a file that is shorter than its beginning says.
    damaged.unsafeMode(true);
    damaged.pragma('writable_schema = ON');
    closeSync(openSync(incomplete, 'wx', 0o600));
    const copy = new Database(incomplete);
    try {
      copy.pragma('secure_delete = ON');
      copy.pragma('foreign_keys = OFF');
      copy.unsafeMode(true);
      makeSchema(copy, damaged.pragma('user_version', { simple: true }) as number);
      copy.unsafeMode(false);
      counts = copy.transaction(() => copyTables(damaged, copy))();
    } finally {
      copy.close();
    }
  } finally {
    damaged.close();
  }
  const keptAs = freeName(file);
  writeAccount(file, { keptAs, ...counts });
  renameSync(incomplete, completeName(file));
  syncFolder(path.dirname(file));
  putAside(file, keptAs);
  renameSync(completeName(file), file);
  syncFolder(path.dirname(file));
}

function copyTables(damaged: Database.Database, copy: Database.Database): Omit<SalvageAccount, 'keptAs'> {
  // A table without row ids that refers to others is derived from them by triggers.
  const tables = copy
    .prepare(
      `SELECT name FROM pragma_table_list AS listed WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
        AND NOT (wr AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(listed.name)))`,
    )
    .pluck()
    .all() as string[];
  const saved = new Map<string, number>();
  for (const table of tables) saved.set(table, copyTable(damaged, copy, table));
  const count = (table: string): SavedCount => {
    const rows = saved.get(table) ?? 0;
    const before = countRows(damaged, table);
    return { saved: rows, lost: before === null ? null : Math.max(0, before - rows) };
  };
  mendLinks(copy);
  // Versions before the fifth have no parts: a message is its text.
  const parts = saved.has('message_parts') ? count('message_parts') : { saved: 0, lost: 0 };
  return { chats: count('chats'), messages: count('messages'), parts };
}

const KEY_OF = 'SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk';

/** Copies the rows that can be read and that the table takes. Answers their number. */
function copyTable(damaged: Database.Database, copy: Database.Database, table: string): number {
  const columns = copy.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];
  const hasRowIds = copy.prepare('SELECT NOT wr FROM pragma_table_list(?)').pluck().get(table) === 1;
  const readable = hasRowIds
    ? readableRows(damaged, table, columns)
    : rowsByKey(damaged, table, columns, copy.prepare(KEY_OF).pluck().all(table) as string[]);
  const insert = copy.prepare(
    `INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')})
     VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let rows = 0;
  for (const row of readable)
    try {
      insert.run(row);
      rows++;
    } catch (error) {
      // The rules of the table refuse what a damaged page made of a row. A full disk is another matter.
      if (!(error instanceof Database.SqliteError && /^SQLITE_(CONSTRAINT|MISMATCH|ERROR)/.test(error.code)))
        throw error;
    }
  return rows;
}

/** The number of rows, which SQLite takes from the smallest index; null where that is damaged too. */
function countRows(damaged: Database.Database, table: string): number | null {
  try {
    return damaged.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number;
  } catch {
    return null;
  }
}

/** The name under which a damaged file is kept. Its day is that of the salvage, from which its age is counted (`old-copies.ts`). */
function freeName(file: string): string {
  const day = new Date().toISOString().slice(0, 10);
  const nameOf = (number: number): string => `hearth-damaged-${day}${number === 1 ? '' : `-${number}`}.db`;
  let number = 1;
  while (existsSync(path.join(path.dirname(file), nameOf(number)))) number++;
  return nameOf(number);
}

/** Renames the damaged file, and what is left of its journal. */
function putAside(file: string, name: string): void {
  const aside = path.join(path.dirname(file), name);
  // The journal first: it must never be applied to the new file.
  for (const suffix of ['-wal', '-shm', '-journal'])
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  renameSync(file, aside);
}

/** Makes renames survive a power cut. Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
