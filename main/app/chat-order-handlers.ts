/** The handlers of the order of chats. */
import type { chatOrderRoutes } from '../../preload/contract/chat-order.ts';
import type { Handlers } from '../../preload/wire/rpc.ts';
import type { Chats } from '../chat/chat.ts';

/** Each calls the module; nothing is decided here. */
export function createChatOrderHandlers(order: Chats['order']): Handlers<typeof chatOrderRoutes> {
  return {
    'chat.createFolder': ({ name }) => order.createFolder(name),
    'chat.renameFolder': ({ folderId, name }) => order.renameFolder(folderId, name),
    'chat.deleteFolder': ({ folderId }) => order.deleteFolder(folderId),
    'chat.undoDeleteFolder': ({ folderId }) => order.undoDeleteFolder(folderId),
    'chat.arrange': (arrangement) => order.arrange(arrangement),
    'chat.undoArrange': ({ undoId }) => order.undoArrange(undoId),
    'chat.deleteMany': ({ chatIds }) => order.deleteMany(chatIds),
    'chat.undoDeleteMany': ({ chatIds }) => order.undoDeleteMany(chatIds),
    'chat.duplicate': ({ chatId, title }) => order.duplicate(chatId, title),
  };
}
