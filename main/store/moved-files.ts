/** An unfinished move of the cache: its source, its target, and the files that it has copied. */
import { readSetting, writeSettings } from './settings.ts';
import { statement, transaction, type Store } from './store.ts';

export interface UnfinishedMove {
  readonly from: string;
  readonly to: string;
  /** The id of the folder choice for `to`. */
  readonly choiceId: string;
  /** The move was cancelled: only the copied files are left to delete. */
  readonly isGivenUp: boolean;
}

const KEY = 'unfinishedMove';

/** The unfinished move, of this process or an earlier one; null when there is none. */
export function readUnfinishedMove(store: Store): UnfinishedMove | null {
  const kept = readSetting(store, KEY) as Partial<UnfinishedMove> | null | undefined;
  if (typeof kept?.from !== 'string' || typeof kept.to !== 'string') return null;
  return { from: kept.from, to: kept.to, choiceId: kept.choiceId ?? '', isGivenUp: kept.isGivenUp === true };
}

/** Stores the move; null deletes it together with the list of copied files. @throws AppError `disk.full`. */
export function writeUnfinishedMove(store: Store, move: UnfinishedMove | null): void {
  transaction(store, () => {
    writeSettings(store, { [KEY]: move });
    if (move === null) statement(store, 'DELETE FROM moved_files').run();
  });
}

/** Stores the paths, relative to the new folder, that the move is about to write. @throws AppError `disk.full`. */
export function addMovedFiles(store: Store, paths: readonly string[]): void {
  if (paths.length === 0) return;
  transaction(store, () => {
    const add = statement(store, 'INSERT OR IGNORE INTO moved_files (path) VALUES (?)');
    for (const path of paths) add.run(path);
  });
}

export function readMovedFiles(store: Store): string[] {
  return statement(store, 'SELECT path FROM moved_files ORDER BY path', 'values').all() as string[];
}
