/** Deletes single messages with all that follows them, which can be undone for a while. */
import type { Message } from '../../preload/contract/chat.ts';
import { getChat, isShown, putChat } from '../store/chats.ts';
import { chatOfMessage, listBelow } from '../store/message-deletions.ts';
import { getMessage, isShownMessage, neighborVersion, newestLeaf } from '../store/messages.ts';
import { transaction, type Store } from '../store/store.ts';
import { createDeletions, deletableMessages, type Deletions, type DeletionsOptions } from './deletions.ts';
import type { RunningTurns } from './running-turns.ts';
import type { UnsavedReplies } from './unsaved-replies.ts';

export interface MessageDeletionsOptions extends Omit<DeletionsOptions, 'things' | 'onGone'> {
  readonly turns: RunningTurns;
  readonly unsaved: UnsavedReplies;
  /** Sends all messages of a chat to its windows. */
  readonly publishAll: (chatId: string) => void;
  /** Messages of this chat are deleted for good. */
  readonly onGone: (chatId: string) => void;
}

/** See the routes of the same names. */
export interface MessageDeletions extends Pick<Deletions, 'purgeHidden' | 'close'> {
  deleteMessage(messageId: string): { undoMs: number; count: number };
  undoDeleteMessage(messageId: string): { restored: boolean };
}

/** Deletions of messages over a store. */
export function createMessageDeletions(options: MessageDeletionsOptions): MessageDeletions {
  const { store, turns, unsaved, publishAll } = options;
  /** What a message that is being deleted was shown with, by its id. */
  const former = new Map<string, { readonly chatId: string; readonly leafId: string | null }>();
  let lastAt = 0;
  const deletions = createDeletions({
    ...options,
    things: deletableMessages,
    // What was hidden together has one time, which no other deletion has.
    now: () => (lastAt = Math.max(options.now(), lastAt + 1)),
    onGone(messageId) {
      const chatId = former.get(messageId)?.chatId;
      former.delete(messageId);
      if (chatId !== undefined) options.onGone(chatId);
    },
  });

  /** The leaf that is shown in place of a branch that goes: a version beside it, else the message that it answers. */
  function leafWithout(store: Store, message: Message): string | null {
    const version = neighborVersion(store, message);
    return version === null ? message.parentId : newestLeaf(store, version);
  }

  return {
    deleteMessage(messageId) {
      const message = getMessage(store, messageId);
      const chat = getChat(store, message.chatId);
      turns.refuseIfBusy(chat.id);
      const going = listBelow(store, messageId);
      transaction(store, () => {
        if (chat.leafId !== null && going.includes(chat.leafId))
          putChat(store, { ...chat, leafId: leafWithout(store, message) });
        deletions.delete(messageId);
      });
      // A reply that waits to be stored would come back with it.
      for (const id of going) unsaved.release(id);
      former.set(messageId, { chatId: chat.id, leafId: chat.leafId });
      publishAll(chat.id);
      return { undoMs: options.undoMs, count: going.length };
    },

    undoDeleteMessage(messageId) {
      const chatId = chatOfMessage(store, messageId);
      if (chatId === null || !isShown(store, chatId)) return { restored: false };
      const before = former.get(messageId);
      if (deletions.undo(messageId).length > 0) {
        former.delete(messageId);
        const chat = getChat(store, chatId);
        const leafId = before?.leafId ?? null;
        if (leafId !== null && leafId !== chat.leafId && isShownMessage(store, leafId) && !turns.isBusy(chatId))
          transaction(store, () => putChat(store, { ...chat, leafId }));
        publishAll(chatId);
      }
      // A caller who missed the first answer asks again: the message is back already.
      return { restored: isShownMessage(store, messageId) };
    },

    purgeHidden: deletions.purgeHidden,
    close: deletions.close,
  };
}
