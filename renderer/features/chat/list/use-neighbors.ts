import { useMemo } from 'react';
import { navigate } from '../../../navigation/router.ts';
import { useChatFolders, useChatList } from '../../../parts/watched.ts';
import { groupChats } from './chat-groups.ts';

/** Opens the chats above and below the open one in the list; null where there is none. From a new chat, down is the first. */
export function useNeighbors(chatId: string | null): Record<'previousChat' | 'nextChat', (() => void) | null> {
  const chats = useChatList().value;
  const folders = useChatFolders();
  return useMemo(() => {
    const archived = chatId !== null && chats?.get(chatId)?.archived === true;
    // The order is the same at any time of day.
    const groups = groupChats(chats?.values() ?? [], 0, folders, { archived, tag: null });
    const ids = groups.flatMap((group) => group.chats.map(({ id }) => id));
    const at = chatId === null ? -1 : ids.indexOf(chatId);
    const opened = (id: string | undefined): (() => void) | null =>
      id === undefined ? null : () => navigate({ screen: 'chat', chatId: id });
    return { previousChat: opened(ids[at - 1]), nextChat: opened(ids[at + 1]) };
  }, [chats, folders, chatId]);
}
