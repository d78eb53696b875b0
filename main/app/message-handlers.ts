import type { HearthHandlers } from '../../preload/contract/contract.ts';
import type { chatTreeRoutes } from '../../preload/contract/chat-tree.ts';
import type { Chats } from '../chat/chat.ts';

/** The handlers of the acts on messages. */
export function createMessageHandlers(chats: Chats): Pick<HearthHandlers, keyof typeof chatTreeRoutes> {
  return {
    'chat.regenerate': ({ messageId, writer }) => chats.regenerate(messageId, writer),
    'chat.compare': ({ messageId, writers }) => chats.compare(messageId, writers),
    'chat.keep': ({ messageId }) => chats.keep(messageId),
    'chat.editReply': ({ messageId, text, versionId }) => chats.editReply(messageId, text, versionId),
    'chat.branch': ({ messageId, title }) => chats.branch(messageId, title),
    'chat.deleteMessage': ({ messageId }) => chats.deleteMessage(messageId),
    'chat.undoDeleteMessage': ({ messageId }) => chats.undoDeleteMessage(messageId),
  };
}
