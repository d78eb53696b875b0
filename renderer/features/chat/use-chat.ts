/** One open chat, live, and the actions on it. */
import { useEffect } from 'react';
import type { ChatListEvent, ChatSummary } from '../../../preload/contract/chat.ts';
import { useLiveReduce, type LiveResult } from '../../connection/live.ts';
import { foldChat, type ChatView } from './markdown/fold.ts';

/** The chat with `chatId`; it stays `loading` when there is none. It asks for a new snapshot when text is missing. */
export function useChat(chatId: string | null): LiveResult<ChatView | null> {
  const live = useLiveReduce('chat.watch', { chatId: chatId ?? '' }, foldChat, null, { enabled: chatId !== null });
  const { retry } = live;
  const gap = live.value?.outcome === 'gap';
  useEffect(() => {
    if (gap) retry();
  }, [gap, retry]);
  return live;
}

type ChatMap = ReadonlyMap<string, ChatSummary>;
const noChats: ChatMap = new Map();

function foldChatList(chats: ChatMap, event: ChatListEvent): ChatMap {
  switch (event.type) {
    case 'snapshot':
      return new Map(event.chats.map((chat) => [chat.id, chat]));
    case 'chat':
      return new Map(chats).set(event.chat.id, event.chat);
    case 'removed': {
      const rest = new Map(chats);
      rest.delete(event.chatId);
      return rest;
    }
    default:
      return event satisfies never;
  }
}

/** All chats by id, live. */
export function useChatList(): LiveResult<ChatMap> {
  return useLiveReduce('chat.watchList', {}, foldChatList, noChats);
}
