/** Many chats at once that come and go together: stored hidden and then shown, or hidden and deleted for good. */
import type { ChatListEvent } from '../../preload/contract/chat.ts';
import { markChatsDeleted } from '../store/chats.ts';
import { transaction, type Store } from '../store/store.ts';
import type { Deletions } from './deletions.ts';
import type { ChatFeeds } from './feeds.ts';

export interface HiddenChats {
  /** Chats that are stored hidden from here on are left alone until `reveal` or `discard`, or the next start. */
  beginHidden(): void;
  /** Shows chats that were stored hidden, all at once. @throws AppError `disk.full`. */
  reveal(chatIds: readonly string[]): void;
  /** Hides these chats and deletes them for good, all at once and without an undo time. @throws AppError `disk.full`. */
  discard(chatIds: readonly string[]): void;
}

export function createHiddenChats(options: {
  readonly store: Store;
  readonly deletions: Pick<Deletions, 'begin' | 'purge'>;
  readonly feeds: ChatFeeds;
  readonly now: () => number;
  readonly list: () => Omit<Extract<ChatListEvent, { type: 'snapshot' }>, 'type' | 'revision'>;
}): HiddenChats {
  const { store, deletions, feeds, now } = options;
  /** One snapshot tells of all: an event for each of thousands would hold up the page. */
  function mark(chatIds: readonly string[], at: number | null): void {
    transaction(store, () => markChatsDeleted(store, chatIds, at));
    feeds.publishToList({ type: 'snapshot', ...options.list() });
  }
  return {
    beginHidden: deletions.begin,
    reveal: (chatIds) => mark(chatIds, null),
    discard(chatIds) {
      mark(chatIds, now());
      deletions.purge(chatIds);
      for (const chatId of chatIds) feeds.publish(chatId, { type: 'removed' });
    },
  };
}
