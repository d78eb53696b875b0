/** A move of the cache that is not over: from where, to where, and what it has put there. */
import { readSetting, writeSettings } from './settings.ts';
import { statement, transaction, type Store } from './store.ts';

export interface UnfinishedMove {
  readonly from: string;
  readonly to: string;
  /** The folder choice that `to` is. */
  readonly choiceId: string;
  /** It was cancelled: what is left to do is to take away what it has put there. */
  readonly isGivenUp: boolean;
}

const KEY = 'unfinishedMove';

/** The move that was begun and is not over, of this process or an earlier one. */
export function readUnfinishedMove(store: Store): UnfinishedMove | null {
  const kept = readSetting(store, KEY) as Partial<UnfinishedMove> | null | undefined;
  if (typeof kept?.from !== 'string' || typeof kept.to !== 'string') return null;
  return { from: kept.from, to: kept.to, choiceId: kept.choiceId ?? '', isGivenUp: kept.isGivenUp === true };
}

/** Keeps the move; null forgets it together with what it has put where. @throws AppError `disk.full`. */
export function writeUnfinishedMove(store: Store, move: UnfinishedMove | null): void {
  transaction(store, () => {
    writeSettings(store, { [KEY]: move });
    if (move === null) statement(store, 'DELETE FROM moved_files').run();
  });
}

/** Remembers what the move is about to put into the new folder, by its way from there. @throws AppError `disk.full`. */
export function addMovedFiles(store: Store, paths: readonly string[]): void {
  if (paths.length === 0) return;
  transaction(store, () => {
    const add = statement(store, 'INSERT OR IGNORE INTO moved_files (path) VALUES (?)');
    for (const path of paths) add.run(path);
  });
}

export function readMovedFiles(store: Store): string[] {
  return statement(store, 'SELECT path FROM moved_files ORDER BY path').pluck().all() as string[];
}
