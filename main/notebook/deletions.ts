/** Deletes documents: hides them at once, and purges them when the undo time is over. */
import { emptyJournal, transaction, type Store } from '../store/store.ts';
import { isPassing } from '../store/store-error.ts';
import { listHiddenDocuments, markDocumentDeleted, purgeDocument } from '../store/notebook.ts';

export interface Deletions {
  /** @throws AppError `disk.full`. */
  delete(documentId: string): void;
  /** Shows a document again. False when it is purged or was never deleted. @throws AppError `disk.full`. */
  undo(documentId: string): boolean;
  /** Ends all undo times. */
  close(): void;
}

/** When the journal is tried again, which another program may be reading. */
const JOURNAL_RETRY_MS = 5000;

/** Deletions over a store. Purges what an earlier process hid. `onDefect` gets errors that no full or locked disk explains. */
export function createDeletions(
  store: Store,
  { undoMs, now, onDefect }: { undoMs: number; now: () => number; onDefect: (error: unknown) => void },
): Deletions {
  const timers = new Map<string, NodeJS.Timeout>();
  let journalTimer: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** Removes what the journal still holds of purged documents. Closing the store empties it, too. */
  function dropJournal(): void {
    if (isClosed || emptyJournal(store)) return;
    clearTimeout(journalTimer);
    journalTimer = setTimeout(() => orTell(dropJournal), JOURNAL_RETRY_MS);
    journalTimer.unref();
  }
  /** When the disk refuses, a document stays hidden and the next start purges it. */
  function orTell(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
    }
  }
  const purge = (documentIds: readonly string[]): void =>
    orTell(() => {
      if (documentIds.length === 0) return;
      transaction(store, () => documentIds.forEach((documentId) => purgeDocument(store, documentId)));
      dropJournal();
    });

  orTell(() => purge(listHiddenDocuments(store)));

  return {
    delete(documentId) {
      transaction(store, () => markDocumentDeleted(store, documentId, now()));
      clearTimeout(timers.get(documentId));
      const timer = setTimeout(() => {
        timers.delete(documentId);
        purge([documentId]);
      }, undoMs);
      timer.unref();
      timers.set(documentId, timer);
    },
    undo(documentId) {
      const timer = timers.get(documentId);
      if (!timer) return false;
      const restored = transaction(store, () => markDocumentDeleted(store, documentId, null));
      clearTimeout(timer);
      timers.delete(documentId);
      return restored;
    },
    close() {
      isClosed = true;
      clearTimeout(journalTimer);
      for (const timer of timers.values()) clearTimeout(timer);
      purge([...timers.keys()]);
      timers.clear();
    },
  };
}
