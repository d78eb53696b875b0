/** What windows see of chats, and its publication after a change. */
import type { Chat, ChatSummary } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { listedChat, listedChats, listFolders, type ListedChat } from '../store/chat-order.ts';
import { getChat, type ChatRow } from '../store/chats.ts';
import type { Store } from '../store/store.ts';
import type { ChatFeeds } from './feeds.ts';

export interface Publishing {
  /** A stored chat as windows see it. @throws AppError `not_found`. */
  shown(row: ChatRow): Chat;
  /** The whole list. */
  list(): ReturnType<Parameters<ChatFeeds['watchList']>[1]>;
  /** Publishes the present state of a chat, to those who show it and to the list. @throws AppError `not_found`. */
  publishChat(chatId: string): Chat;
  /** The same for many chats, in one event for the list. @throws AppError `not_found`. */
  publishChats(chatIds: readonly string[]): void;
}

export function createPublishing({
  store,
  feeds,
  modelOf,
  isBusy,
}: {
  readonly store: Store;
  readonly feeds: Pick<ChatFeeds, 'publish' | 'publishToList'>;
  /** The model of a chat's next reply. */
  readonly modelOf: (chat: Pick<ChatRow, 'modelId'>) => string;
  readonly isBusy: (chatId: string) => boolean;
}): Publishing {
  const summaryOf = (chat: ListedChat): ChatSummary => ({ ...chat, usesModelId: modelOf(chat), busy: isBusy(chat.id) });

  function listed(chatId: string): ChatSummary {
    const chat = listedChat(store, chatId);
    if (!chat) throw new AppError('not_found', 'This chat is no longer here.');
    return summaryOf(chat);
  }

  function publishToWatchers(summary: ChatSummary): Chat {
    const chat = { ...getChat(store, summary.id), ...summary };
    feeds.publish(chat.id, { type: 'chat', chat });
    return chat;
  }

  return {
    shown: (row) => ({ ...row, ...listed(row.id) }),
    list: () => ({ chats: listedChats(store).map(summaryOf), folders: listFolders(store) }),
    publishChat(chatId) {
      const chat = listed(chatId);
      feeds.publishToList({ type: 'chat', chat });
      return publishToWatchers(chat);
    },
    publishChats(chatIds) {
      const chats = chatIds.map(listed);
      feeds.publishToList({ type: 'many', chats, removed: [] });
      chats.forEach(publishToWatchers);
    },
  };
}
