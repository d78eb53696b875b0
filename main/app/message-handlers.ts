import type { HearthHandlers } from '../../preload/contract/contract.ts';
import type { chatQueueRoutes } from '../../preload/contract/chat-queue.ts';
import type { chatTreeRoutes } from '../../preload/contract/chat-tree.ts';
import type { Chats } from '../chat/chat.ts';

/** The handlers of the acts on messages, and of those that wait. */
export function createMessageHandlers(
  chats: Chats,
): Pick<HearthHandlers, keyof typeof chatTreeRoutes | keyof typeof chatQueueRoutes> {
  return {
    'chat.regenerate': ({ messageId, writer }) => chats.regenerate(messageId, writer),
    'chat.compare': ({ messageId, writers }) => chats.compare(messageId, writers),
    'chat.keep': ({ messageId }) => chats.keep(messageId),
    'chat.editReply': ({ messageId, text, versionId }) => chats.editReply(messageId, text, versionId),
    'chat.branch': ({ messageId, title }) => chats.branch(messageId, title),
    'chat.deleteMessage': ({ messageId }) => chats.deleteMessage(messageId),
    'chat.undoDeleteMessage': ({ messageId }) => chats.undoDeleteMessage(messageId),
    'chat.seenPrompt': ({ messageId }, { signal }) => chats.seenPrompt(messageId, signal),
    'chat.enqueue': (message) => chats.enqueue(message),
    'chat.takeQueued': ({ messageId }) => chats.takeQueued(messageId),
    'chat.sendQueued': ({ messageId }) => chats.sendQueued(messageId),
  };
}
