/** Groups of the chat list by time. */
import type { ChatSummary } from '../../../../preload/contract/chat.ts';

export interface ChatGroup {
  readonly key: 'pinned' | 'today' | 'yesterday' | 'week' | 'older';
  readonly chats: readonly ChatSummary[];
}

/**
 * The groups that are not empty, the newest chat first in each. Days are those of the local calendar at `now`
 * (milliseconds).
 */
export function groupChats(chats: Iterable<ChatSummary>, now: number): readonly ChatGroup[] {
  const today = startOfDay(now, 0);
  const yesterday = startOfDay(now, 1);
  const week = startOfDay(now, 7);
  const keyOf = (chat: ChatSummary): ChatGroup['key'] => {
    if (chat.pinned) return 'pinned';
    if (chat.updatedAt >= today) return 'today';
    if (chat.updatedAt >= yesterday) return 'yesterday';
    return chat.updatedAt >= week ? 'week' : 'older';
  };
  const byKey = new Map<ChatGroup['key'], ChatSummary[]>(
    (['pinned', 'today', 'yesterday', 'week', 'older'] as const).map((key) => [key, []]),
  );
  for (const chat of [...chats].sort((a, b) => b.updatedAt - a.updatedAt)) byKey.get(keyOf(chat))?.push(chat);
  return [...byKey].map(([key, grouped]) => ({ key, chats: grouped })).filter((group) => group.chats.length > 0);
}

/** Midnight of the calendar, because a day of the clock change has 23 or 25 hours. */
function startOfDay(now: number, daysAgo: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime();
}
