/** Groups of the chat list: pinned, folders, and the rest by time. */
import type { ChatFolder } from '../../../../preload/contract/chat-order.ts';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';

export interface ChatGroup {
  readonly key: 'pinned' | 'folder' | 'today' | 'yesterday' | 'week' | 'older';
  /** Of the key `folder`. */
  readonly folder: ChatFolder | null;
  readonly chats: readonly ChatSummary[];
}

/** What of the list is shown. */
export interface ListView {
  /** The archive, in place of all others. */
  readonly archived: boolean;
  /** Only chats with this tag; null: all. */
  readonly tag: string | null;
}

export const wholeList: ListView = { archived: false, tag: null };

/**
 * The groups that are not empty, and all folders; the newest chat first in each. A pinned chat of a folder is the first there. Days are
 * those of the local calendar at `now` (milliseconds).
 */
export function groupChats(
  chats: Iterable<ChatSummary>,
  now: number,
  folders: readonly ChatFolder[] = [],
  { archived, tag }: ListView = wholeList,
): readonly ChatGroup[] {
  const today = startOfDay(now, 0);
  const yesterday = startOfDay(now, 1);
  const week = startOfDay(now, 7);
  const byTime: Record<'pinned' | 'today' | 'yesterday' | 'week' | 'older', ChatSummary[]> = {
    ...{ pinned: [], today: [], yesterday: [], week: [], older: [] },
  };
  // The archive is one list: what is put away is looked for by time.
  const shownFolders = archived ? [] : folders;
  const inFolder = new Map(
    shownFolders.map(({ id }) => [id, { pinned: [] as ChatSummary[], rest: [] as ChatSummary[] }]),
  );
  const placeOf = (chat: ChatSummary): ChatSummary[] => {
    const folder = chat.folderId === null ? undefined : inFolder.get(chat.folderId);
    if (folder) return chat.pinned ? folder.pinned : folder.rest;
    if (chat.pinned && !archived) return byTime.pinned;
    if (chat.updatedAt >= today) return byTime.today;
    if (chat.updatedAt >= yesterday) return byTime.yesterday;
    return chat.updatedAt >= week ? byTime.week : byTime.older;
  };
  const shown = [...chats].filter((chat) => chat.archived === archived && (tag === null || chat.tags.includes(tag)));
  for (const chat of shown.sort((a, b) => b.updatedAt - a.updatedAt)) placeOf(chat).push(chat);
  const timed = (['today', 'yesterday', 'week', 'older'] as const).map((key) => ({
    key,
    folder: null,
    chats: byTime[key],
  }));
  const filed = shownFolders.map((folder): ChatGroup => {
    const { pinned = [], rest = [] } = inFolder.get(folder.id) ?? {};
    return { key: 'folder', folder, chats: [...pinned, ...rest] };
  });
  const groups: readonly ChatGroup[] = [{ key: 'pinned', folder: null, chats: byTime.pinned }, ...filed, ...timed];
  // An empty folder is shown, because chats are put into it; with a tag it is none of the answer.
  return groups.filter((group) => group.chats.length > 0 || (group.folder !== null && tag === null));
}

/** All tags of these chats, in the order of the alphabet. */
export function tagsOf(chats: Iterable<ChatSummary>): readonly string[] {
  const tags = new Set<string>();
  for (const chat of chats) for (const tag of chat.tags) tags.add(tag);
  return [...tags].sort((a, b) => a.localeCompare(b));
}

/** Midnight of the calendar, because a day of the clock change has 23 or 25 hours. */
function startOfDay(now: number, daysAgo: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime();
}
