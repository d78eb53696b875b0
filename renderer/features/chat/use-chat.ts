/** One open chat, live. */
import { useEffect } from 'react';
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
