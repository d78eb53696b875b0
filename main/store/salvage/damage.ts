/** What is looked at before a database is opened: whether it is one, and whether an earlier process met damage in it. */
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../../../preload/wire/errors.ts';

/**
 * @throws AppError `store.corrupt` for a folder in the file's place, and for an empty file where there were chats: SQLite would begin a
 * new database in it. The first start may have left an empty file as well, with nothing beside it.
 */
export function assertUsable(file: string): void {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (!facts) return;
  if (!facts.isFile())
    throw new AppError(
      'store.corrupt',
      'There is a folder named hearth.db in the data folder, where the file with the chats belongs. Move it away.',
      { reason: 'not_a_file' },
    );
  if (facts.size > 0 || existsSync(`${file}-wal`)) return;
  const copy = bestCopy(path.dirname(file));
  if (copy !== undefined)
    throw new AppError(
      'store.corrupt',
      `The file with the chats, hearth.db in the data folder, is empty. Put the copy ${copy} in its place, or move it away to start ` +
        'without chats.',
      { reason: 'empty', copy },
    );
}

/** The newest backup from before an update, and where there is none the newest damaged file. An empty one is no copy. */
function bestCopy(folder: string): string | undefined {
  const copies = readdirSync(folder).filter(
    (name) => /^hearth-(before|damaged)-[\d-]+\.db$/.test(name) && statSync(path.join(folder, name)).size > 0,
  );
  const newest = (kind: string): string | undefined =>
    copies
      .filter((name) => name.startsWith(`hearth-${kind}-`))
      .sort((one, other) => path.parse(one).name.localeCompare(path.parse(other).name, 'en', { numeric: true }))
      .at(-1);
  return newest('before') ?? newest('damaged');
}

const markOf = (file: string): string => `${file}.damaged`;

export const isMarkedDamaged = (file: string): boolean => existsSync(markOf(file));

/** Lets the next start check the whole database. Called while the app runs, where other pages can still be read. Never throws. */
export function markDamaged(file: string): void {
  try {
    if (path.isAbsolute(file) && !isMarkedDamaged(file)) writeFileSync(markOf(file), '', { mode: 0o600, flush: true });
  } catch {
    // The next start meets the damage where it reads it.
  }
}

export const removeDamageMark = (file: string): void => rmSync(markOf(file), { force: true });

/** Reads every page. @throws an error of the code `SQLITE_CORRUPT` for damage. */
export function assertSound(file: string): void {
  const database = new Database(file);
  try {
    const found = database.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw Object.assign(new Error(String(found)), { code: 'SQLITE_CORRUPT' });
  } finally {
    database.close();
  }
}
