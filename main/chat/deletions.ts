/** Deletes chats: hides them at once, and purges them with their files when the undo time is over. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { listHiddenChats, markChatDeleted, purgeSlice } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { isPassing } from '../store/store-error.ts';
import { emptyJournal, transaction, type Store } from '../store/store.ts';

export interface DeletionsOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'deleteUnnamed'>;
  readonly undoMs: number;
  readonly now: () => number;
  /** Called when a chat is purged. */
  readonly onGone: (chatId: string) => void;
  /** Gets the error of a purge, except for a full or locked disk. */
  readonly onDefect: (error: unknown) => void;
  /** A purge failed, so that the chat is still on the disk, hidden. The next start purges it. Called once in a run. */
  readonly onStays?: (error: unknown) => void;
  /** How long a close waits for purges. Default: a second. */
  readonly closeMs?: number;
}

export interface Deletions {
  /** Purges the chats that an earlier process hid, once the start is over. */
  purgeHidden(): void;
  /** Hides a chat and starts its undo time. @throws AppError `disk.full`. */
  delete(chatId: string): void;
  /** Shows a chat again. False when it is purged or was never deleted. @throws AppError `disk.full`. */
  undo(chatId: string): boolean;
  /** Ends all undo times. A purge that takes longer than `closeMs` is left to the next start. */
  close(): Promise<void>;
}

/** A start has other work at first. */
const START_MS = 2000;
/** When the journal is tried again, which another program may be reading. */
const JOURNAL_RETRY_MS = 5000;
const CLOSE_MS = 1000;

/** Deletions over a store. */
export function createDeletions(options: DeletionsOptions): Deletions {
  const { store, files, undoMs, now, onGone, onDefect, onStays, closeMs = CLOSE_MS } = options;
  const timers = new Map<string, NodeJS.Timeout>();

  /** One after another: each slice of a purge holds the thread for about a tenth of a second. */
  let purging: Promise<void> = Promise.resolve();
  let startTimer: NodeJS.Timeout | undefined;
  let journalTimer: NodeJS.Timeout | undefined;
  /** When purges end, done or not; null while the app runs. */
  let deadline: number | null = null;
  /** What keeps one chat from being purged keeps the others, too. */
  let hasTold = false;

  /** Returns false when the time for it is over. */
  async function erase(chatId: string): Promise<boolean> {
    for (let done = false; !done;) {
      if (deadline !== null && performance.now() > deadline) return false;
      const slice = transaction(store, () => purgeSlice(store, chatId));
      files.deleteUnnamed(slice.files);
      done = slice.done;
      if (!done) await nextTurn();
    }
    return true;
  }

  /** Removes what the journal still holds of purged chats. Never throws. */
  function dropJournal(): void {
    clearTimeout(journalTimer);
    try {
      if (emptyJournal(store)) return;
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
    }
    if (deadline !== null) return; // Closing the store empties it, too.
    journalTimer = setTimeout(dropJournal, JOURNAL_RETRY_MS);
    journalTimer.unref();
  }

  /** Purges a chat. When the disk refuses, it stays hidden and the next start purges it. Never throws, because a timer calls it. */
  async function purgeIfPossible(chatId: string): Promise<void> {
    try {
      if (!(await erase(chatId))) return;
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
      if (!hasTold) onStays?.(error);
      hasTold = true;
      return;
    }
    try {
      onGone(chatId);
    } catch (error) {
      onDefect(error);
    }
    dropJournal();
  }

  const queue = (chatId: string): void => void (purging = purging.then(() => purgeIfPossible(chatId)));

  /** Queues the chats that an earlier process hid. Never throws: a database that cannot be read keeps nothing else from working. */
  function queueHidden(): void {
    startTimer = undefined;
    try {
      for (const chatId of listHiddenChats(store)) if (!timers.has(chatId)) queue(chatId);
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
    }
  }

  function end(chatId: string): void {
    clearTimeout(timers.get(chatId));
    timers.delete(chatId);
    queue(chatId);
  }

  return {
    purgeHidden() {
      startTimer = setTimeout(queueHidden, START_MS);
      startTimer.unref();
    },
    delete(chatId) {
      transaction(store, () => markChatDeleted(store, chatId, now()));
      const timer = setTimeout(() => end(chatId), undoMs);
      timer.unref();
      // Two windows may delete the same chat.
      clearTimeout(timers.get(chatId));
      timers.set(chatId, timer);
    },
    undo(chatId) {
      const timer = timers.get(chatId);
      if (!timer) return false;
      const restored = transaction(store, () => markChatDeleted(store, chatId, null));
      clearTimeout(timer);
      timers.delete(chatId);
      return restored;
    },
    async close() {
      deadline = performance.now() + closeMs;
      clearTimeout(journalTimer);
      [...timers.keys()].forEach(end);
      if (startTimer !== undefined) {
        clearTimeout(startTimer);
        queueHidden();
      }
      await purging;
    },
  };
}
