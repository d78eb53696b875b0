/** Chats that are deleted: hidden at once, and gone for good when the time for undo is over, with their files. */
import { isAppError } from '../../preload/wire/errors.ts';
import { listFilesOfHiddenChats } from '../store/messages.ts';
import { markChatDeleted, purgeChats } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { transaction, type Store } from '../store/store.ts';

export interface DeletionsOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'deleteUnnamed'>;
  readonly undoMs: number;
  readonly now: () => number;
  /** A chat is gone for good. */
  readonly onGone: (chatId: string) => void;
  /** A purge failed for another reason than a full or locked disk. */
  readonly onDefect: (error: unknown) => void;
}

export interface Deletions {
  /** Deletes for good what an earlier process had hidden. */
  purgeHidden(): void;
  /** Hides a chat, and starts the time for undo. @throws AppError `disk.full`. */
  delete(chatId: string): void;
  /** Shows a chat again. False when it is too late, or it was never deleted. @throws AppError `disk.full`. */
  undo(chatId: string): boolean;
  /** Ends the time for undo of all of them. */
  close(): void;
}

/** Deletions over a store. */
export function createDeletions({ store, files, undoMs, now, onGone, onDefect }: DeletionsOptions): Deletions {
  const timers = new Map<string, NodeJS.Timeout>();

  function purge(chatId?: string): void {
    const named = listFilesOfHiddenChats(store, chatId);
    const gone = transaction(store, () => purgeChats(store, chatId));
    files.deleteUnnamed(named);
    gone.forEach(onGone);
  }

  /** Where the disk refuses it, chats stay hidden, and the next start purges them. Never throws: a timer calls it. */
  function purgeIfPossible(chatId?: string): void {
    try {
      purge(chatId);
    } catch (error) {
      if (!isAppError(error)) onDefect(error);
    }
  }

  function end(chatId: string): void {
    clearTimeout(timers.get(chatId));
    timers.delete(chatId);
    purgeIfPossible(chatId);
  }

  return {
    purgeHidden: () => purgeIfPossible(),
    delete(chatId) {
      transaction(store, () => markChatDeleted(store, chatId, now()));
      const timer = setTimeout(() => end(chatId), undoMs);
      timer.unref();
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
    close: () => [...timers.keys()].forEach(end),
  };
}
