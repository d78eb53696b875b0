/** Deletes chats or messages: hides them at once, and purges them with their files when the undo time is over. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { listHiddenChats, markChatDeleted, purgeSlice, type PurgedSlice } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { hideMessages, listHiddenMessages, purgeMessagesSlice, showMessages } from '../store/message-deletions.ts';
import { isPassing } from '../store/store-error.ts';
import { emptyJournal, transaction, type Store } from '../store/store.ts';

/** What can be deleted, as functions of its table. */
interface Deletable {
  /** Hides the thing. */
  readonly hide: (store: Store, id: string, at: number) => boolean;
  /** Shows it again. False when there is none. */
  readonly show: (store: Store, id: string) => boolean;
  readonly purgeSlice: (store: Store, id: string) => PurgedSlice;
  readonly listHidden: (store: Store) => readonly string[];
}

const deletableChats: Deletable = {
  hide: markChatDeleted,
  show: (store, id) => markChatDeleted(store, id, null),
  purgeSlice,
  listHidden: listHiddenChats,
};

/** A message with all that follows it. */
export const deletableMessages: Deletable = {
  hide: hideMessages,
  show: showMessages,
  purgeSlice: purgeMessagesSlice,
  listHidden: listHiddenMessages,
};

export interface DeletionsOptions {
  readonly store: Store;
  /** Default: chats. */
  readonly things?: Deletable;
  readonly files: Pick<Files, 'deleteUnnamed'>;
  readonly undoMs: number;
  readonly now: () => number;
  /** Called when a thing is purged. */
  readonly onGone: (id: string) => void;
  /** Gets the error of a purge, except for a full or locked disk. */
  readonly onDefect: (error: unknown) => void;
  /** A purge failed, so that the thing is still on the disk, hidden. The next start purges it. Called once in a run. */
  readonly onStays?: (error: unknown) => void;
  /** How long a close waits for purges. Default: a second. */
  readonly closeMs?: number;
}

export interface Deletions {
  /** Purges what an earlier process hid, once the start is over. */
  purgeHidden(): void;
  /** Hides things, all or none, and starts their undo time. @throws AppError `disk.full`. */
  delete(...ids: readonly string[]): void;
  /** Shows things again. Returns those of them that were neither purged nor shown. @throws AppError `disk.full`. */
  undo(...ids: readonly string[]): readonly string[];
  /** Purges these, which are hidden, at once. */
  purge(ids: readonly string[]): void;
  /** Queues what an earlier process hid, if the start has not done it: what is hidden from now on is not among it. */
  begin(): void;
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
  const { store, things = deletableChats, files, undoMs, now, onGone, onDefect, onStays, closeMs = CLOSE_MS } = options;
  const timers = new Map<string, NodeJS.Timeout>();

  /** One after another: each slice of a purge holds the thread for about a tenth of a second. */
  let purging: Promise<void> = Promise.resolve();
  let startTimer: NodeJS.Timeout | undefined;
  let journalTimer: NodeJS.Timeout | undefined;
  /** When purges end, done or not; null while the app runs. */
  let deadline: number | null = null;
  /** What keeps one thing from being purged keeps the others, too. */
  let hasTold = false;

  /** Returns false when the time for it is over. */
  async function erase(id: string): Promise<boolean> {
    for (let done = false; !done;) {
      if (deadline !== null && performance.now() > deadline) return false;
      const slice = transaction(store, () => things.purgeSlice(store, id));
      files.deleteUnnamed(slice.files);
      done = slice.done;
      if (!done) await nextTurn();
    }
    return true;
  }

  /** Removes what the journal still holds of purged things. Never throws. */
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

  /** Purges a thing. When the disk refuses, it stays hidden and the next start purges it. Never throws, because a timer calls it. */
  async function purgeIfPossible(id: string): Promise<void> {
    try {
      if (!(await erase(id))) return;
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
      if (!hasTold) onStays?.(error);
      hasTold = true;
      return;
    }
    try {
      onGone(id);
    } catch (error) {
      onDefect(error);
    }
    dropJournal();
  }

  const queue = (id: string): void => void (purging = purging.then(() => purgeIfPossible(id)));

  /** Queues what an earlier process hid. Never throws: a database that cannot be read keeps nothing else from working. */
  function queueHidden(): void {
    startTimer = undefined;
    try {
      for (const id of things.listHidden(store)) if (!timers.has(id)) queue(id);
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
    }
  }

  function end(id: string): void {
    timers.delete(id);
    queue(id);
  }

  function begin(): void {
    if (startTimer === undefined) return;
    clearTimeout(startTimer);
    queueHidden();
  }

  return {
    begin,
    purge(chatIds) {
      begin();
      chatIds.forEach(queue);
    },
    purgeHidden() {
      startTimer = setTimeout(queueHidden, START_MS);
      startTimer.unref();
    },
    delete(...ids) {
      transaction(store, () => {
        for (const id of ids) things.hide(store, id, now());
      });
      // One time for all. A thing that was deleted again, or is back, has another entry by then.
      const timer = setTimeout(() => {
        for (const id of ids) if (timers.get(id) === timer) end(id);
      }, undoMs);
      timer.unref();
      for (const id of ids) timers.set(id, timer);
    },
    undo(...ids) {
      const hidden = ids.filter((id) => timers.has(id));
      const restored = transaction(store, () => hidden.filter((id) => things.show(store, id)));
      for (const id of hidden) timers.delete(id);
      return restored;
    },
    async close() {
      deadline = performance.now() + closeMs;
      clearTimeout(journalTimer);
      for (const timer of timers.values()) clearTimeout(timer);
      [...timers.keys()].forEach(end);
      begin();
      await purging;
    },
  };
}
