/** Text-only messages, for tests of chats. */
import type { TextPart } from '../../preload/contract/message-parts.ts';
import type { Chats } from '../../main/chat/chat.ts';

export const words = (text: string): readonly TextPart[] => [{ type: 'text', text }];

/** Sends `text` to an existing chat. */
export function sendTo(chats: Chats, chatId: string, text: string): { messageId: string; replyId: string } {
  return chats.send({ chat: { id: chatId }, parts: words(text) });
}
