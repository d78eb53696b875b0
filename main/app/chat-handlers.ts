/** The handlers of chats and their messages. */
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import type { chatQueueRoutes } from '../../preload/contract/chat-queue.ts';
import type { chatRoutes } from '../../preload/contract/chat.ts';
import type { chatTreeRoutes } from '../../preload/contract/chat-tree.ts';
import type { Chats } from '../chat/chat.ts';

type ChatRoute = keyof typeof chatRoutes | keyof typeof chatTreeRoutes | keyof typeof chatQueueRoutes;

/** Each calls the module; nothing is decided here. */
export function createChatHandlers(chats: Chats): Pick<HearthHandlers, ChatRoute> {
  return {
    'chat.watchList': (_input, { signal }) => chats.watchList(signal),
    'chat.watch': ({ chatId }, { signal }) => chats.watch(chatId, signal),
    'chat.update': (update) => chats.update(update),
    'chat.delete': ({ chatId }) => chats.delete(chatId),
    'chat.undoDelete': ({ chatId }) => chats.undoDelete(chatId),
    'chat.import': ({ fresh, messages }) => chats.import(fresh, messages),
    'chat.send': (message) => chats.send(message),
    'chat.continue': ({ messageId }) => chats.continue(messageId),
    'chat.edit': ({ messageId, parts, editId, holds }) => chats.edit(messageId, parts, editId, holds),
    'chat.select': ({ messageId }) => chats.select(messageId),
    'chat.stop': ({ chatId, replyId }) => chats.stop(chatId, replyId),
    'chat.tokens': ({ messageId }) => chats.tokens(messageId),
    'chat.search': (wanted) => chats.search(wanted),
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
