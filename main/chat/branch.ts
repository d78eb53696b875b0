/** Branching: a chat of its own from the messages down to one of them. */
import { randomUUID } from 'node:crypto';
import type { Message } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { ChatRow } from '../store/chats.ts';

/**
 * The chat and its messages, without storing them: copies of `path`, each the parent of the next. Their files are referred to, not copied.
 * @throws AppError `busy` while a reply among them is being written.
 */
export function branchOf(
  chat: ChatRow,
  path: readonly Message[],
  title: string,
  now: number,
): { readonly chat: ChatRow; readonly messages: readonly Message[] } {
  if (path.some(({ status }) => status === 'pending' || status === 'streaming'))
    throw new AppError('busy', 'This reply is still being written.', { reason: 'reply_running' });
  const branch: ChatRow = {
    ...chat,
    ...{ id: randomUUID(), title, pinned: false, leafId: null, createdAt: now, updatedAt: now },
  };
  const messages: Message[] = [];
  for (const { comparison: _comparison, ...message } of path) {
    const parentId = messages.at(-1)?.id ?? null;
    messages.push({ ...message, id: randomUUID(), chatId: branch.id, parentId });
  }
  return { chat: branch, messages };
}
