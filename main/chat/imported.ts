import type { Message } from '../../preload/contract/chat.ts';
import type { ChatRow } from '../store/chats.ts';
import type { ChatTree } from './tree.ts';

/** A message of a conversation that was led elsewhere. */
export interface ImportedMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** The messages as a branch of the chat, without storing them: each is the parent of the next. */
export function importedMessages(
  tree: Pick<ChatTree, 'newQuestion' | 'newReply'>,
  chat: ChatRow,
  messages: readonly ImportedMessage[],
): Message[] {
  const branch: Message[] = [];
  for (const { role, text } of messages) {
    const parentId = branch.at(-1)?.id ?? null;
    const parts = [{ type: 'text' as const, text }];
    branch.push(
      role === 'user'
        ? tree.newQuestion(chat, parentId, parts)
        : // Nobody knows which model wrote it, nor how.
          { ...tree.newReply(chat, parentId), parts, status: 'complete', modelId: null, sampling: null },
    );
  }
  return branch;
}
