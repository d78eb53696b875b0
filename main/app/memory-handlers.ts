/** The handlers of the memory of chats. */
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import type { memoryRoutes } from '../../preload/contract/memory.ts';
import type { Chats } from '../chat/chat.ts';

/** The handlers of every route of `memoryRoutes`. */
export function createMemoryHandlers(memory: Chats['memory']): Pick<HearthHandlers, keyof typeof memoryRoutes> {
  return {
    'memory.watch': ({ chatId }, { signal }) => memory.watch(chatId, signal),
    'memory.summarize': ({ chatId }) => memory.summarize(chatId),
    'memory.stop': ({ chatId }) => memory.stop(chatId),
    'memory.edit': (change) => memory.edit(change),
    'memory.remove': ({ summaryId }) => memory.remove(summaryId),
    'memory.undoRemove': ({ summaryId }) => memory.undoRemove(summaryId),
    'memory.update': (change) => memory.update(change),
  };
}
