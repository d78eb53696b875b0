/** How the list of chats is grouped by time. */
import type { ChatSummary } from '../../../preload/contract/chat.ts';

export interface ChatGroup {
  readonly label: 'Pinned' | 'Today' | 'Yesterday' | 'Previous 7 days' | 'Older';
  readonly chats: readonly ChatSummary[];
}

/** The groups that are not empty, newest chat first in each. Days are those of the local calendar at `now` (milliseconds). */
export function groupChats(chats: Iterable<ChatSummary>, now: number): readonly ChatGroup[] {
  const today = startOfDay(now, 0);
  const yesterday = startOfDay(now, 1);
  const week = startOfDay(now, 7);
  const labelOf = (chat: ChatSummary): ChatGroup['label'] => {
    if (chat.pinned) return 'Pinned';
    if (chat.updatedAt >= today) return 'Today';
    if (chat.updatedAt >= yesterday) return 'Yesterday';
    return chat.updatedAt >= week ? 'Previous 7 days' : 'Older';
  };
  const byLabel = new Map<ChatGroup['label'], ChatSummary[]>(
    (['Pinned', 'Today', 'Yesterday', 'Previous 7 days', 'Older'] as const).map((label) => [label, []]),
  );
  for (const chat of [...chats].sort((a, b) => b.updatedAt - a.updatedAt)) byLabel.get(labelOf(chat))?.push(chat);
  return [...byLabel].map(([label, grouped]) => ({ label, chats: grouped })).filter((group) => group.chats.length > 0);
}

/** Midnight, by calendar and not by 24 hours, because a day of the clock change has 23 or 25. */
function startOfDay(now: number, daysAgo: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime();
}
