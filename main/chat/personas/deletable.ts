/** Deletes personas, presets and lorebooks: hides them at once, and deletes them when the undo time is over. */
import type { Files } from '../../store/files.ts';
import type { DeletableTable, PersonaRecords } from '../../store/personas.ts';
import { isPassing } from '../../store/store-error.ts';

export interface DeletableOptions {
  readonly records: Pick<PersonaRecords, 'markDeleted' | 'purge'>;
  readonly files: Pick<Files, 'deleteUnnamed'>;
  readonly undoMs: number;
  readonly now: () => number;
  readonly onDefect: (error: unknown) => void;
}

export interface Deletable {
  /** False where there is none. @throws AppError `disk.full`. */
  delete(table: DeletableTable, id: string): boolean;
  /** False when it is gone. @throws AppError `disk.full`. */
  undo(table: DeletableTable, id: string): boolean;
  /** Deletes what is hidden, also by an earlier process. Never throws. */
  close(): void;
}

const tables: readonly DeletableTable[] = ['personas', 'lorebooks', 'sampling_presets'];

/** Deletions over the records. What an earlier process hid is deleted at once. */
export function createDeletable({ records, files, undoMs, now, onDefect }: DeletableOptions): Deletable {
  const timers = new Map<string, NodeJS.Timeout>();

  /** Where the disk refuses, the row stays hidden and the next start deletes it. */
  function purge(table: DeletableTable, id?: string): void {
    try {
      files.deleteUnnamed(records.purge(table, id));
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
    }
  }
  const purgeAll = (): void => {
    for (const table of tables) purge(table);
  };
  purgeAll();

  return {
    delete(table, id) {
      if (!records.markDeleted(table, id, now())) return false;
      clearTimeout(timers.get(id));
      const timer = setTimeout(() => {
        timers.delete(id);
        purge(table, id);
      }, undoMs);
      timer.unref();
      timers.set(id, timer);
      return true;
    },
    undo(table, id) {
      if (!records.markDeleted(table, id, null)) return false;
      clearTimeout(timers.get(id));
      timers.delete(id);
      return true;
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      purgeAll();
    },
  };
}
