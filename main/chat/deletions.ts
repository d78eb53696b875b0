/** Deletes chats: hides them at once, and purges them with their files when the undo time is over. */
import { listFilesOfHiddenChats } from '../store/messages.ts';
import { markChatDeleted, purgeChats } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { isPassing, transaction, type Store } from '../store/store.ts';

export interface DeletionsOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'deleteUnnamed'>;
  readonly undoMs: number;
  readonly now: () => number;
  /** Called when a chat is purged. */
  readonly onGone: (chatId: string) => void;
  /** Gets the error of a purge, except for a full or locked disk. */
  readonly onDefect: (error: unknown) => void;
}

export interface Deletions {
  /** Purges the chats that an earlier process hid. */
  purgeHidden(): void;
  /** Hides a chat and starts its undo time. @throws AppError `disk.full`. */
  delete(chatId: string): void;
  /** Shows a chat again. False when it is purged or was never deleted. @throws AppError `disk.full`. */
  undo(chatId: string): boolean;
  /** Ends all undo times. */
  close(): void;
}

/** Deletions over a store. */
export function createDeletions({ store, files, undoMs, now, onGone, onDefect }: DeletionsOptions): Deletions {
  const timers = new Map<string, NodeJS.Timeout>();

  function purge(chatId?: string): void {
    const named = listFilesOfHiddenChats(store, chatId);
    const gone = transaction(store, () => purgeChats(store, chatId));
    files.deleteUnnamed(named);
    for (const id of gone) {
      try {
        onGone(id);
      } catch (error) {
        if (!isPassing(error)) onDefect(error);
      }
    }
  }

  /** Purges chats. When the disk refuses, they stay hidden and the next start purges them. Never throws, because a timer calls it. */
  function purgeIfPossible(chatId?: string): void {
    try {
      purge(chatId);
    } catch (error) {
      if (!isPassing(error)) onDefect(error);
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
    close: () => [...timers.keys()].forEach(end),
  };
}
