/**
 * Chats: the message tree, and turns that continue whether or not a window watches. A turn is journaled at least once a second and stored
 * before its end is published. A reply that cannot be stored (a full disk) stays in memory and is tried again.
 */
import type {
  Chat,
  ChatEvent,
  ChatListEvent,
  ContextPolicy,
  FreshChat,
  SearchFilters,
  SamplingOverrides,
  SearchHit,
  TokenLogprob,
} from '../../preload/contract/chat.ts';
import type { UserPart } from '../../preload/contract/message-parts.ts';
import { setTitleBy } from '../store/chat-order.ts';
import { getChat, isShown, putChat, type ChatRow } from '../store/chats.ts';
import { findQuestion, getMessage } from '../store/messages.ts';
import { searchChats } from '../store/search.ts';
import { listSentTexts } from '../store/sent-texts.ts';
import { transaction } from '../store/store.ts';
import { createHiddenChats, type HiddenChats } from './hidden-chats.ts';
import { importedMessages, type ImportedMessage } from './imported.ts';
import { keepModel } from './keep-model.ts';
import type { Memory } from './memory/memory.ts';
import type { MessageDeletions } from './message-deletions.ts';
import type { ChatOrder } from './order.ts';
import type { Framing } from './personas/framing.ts';
import { createPrompts, type Prompts } from './prompts.ts';
import type { MessageQueue } from './queue.ts';
import { createChatParts, type ChatOptions } from './chat-parts.ts';
import type { Versions } from './versions.ts';

export interface ChatUpdate {
  readonly chatId: string;
  readonly title?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly modelId?: string | undefined;
  readonly systemPrompt?: string | undefined;
  readonly sampling?: SamplingOverrides | null | undefined;
  readonly personaId?: string | null | undefined;
  readonly contextPolicy?: ContextPolicy | undefined;
}

export interface Chats
  extends
    Versions,
    HiddenChats,
    Prompts,
    Pick<MessageDeletions, 'deleteMessage' | 'undoDeleteMessage'>,
    Pick<MessageQueue, 'enqueue' | 'takeQueued' | 'sendQueued'> {
  /** Folders, tags, the archive, and acts on many chats at once. */
  readonly order: Omit<ChatOrder, 'close'>;
  watchList(signal: AbortSignal): AsyncGenerator<ChatListEvent>;
  watch(chatId: string, signal: AbortSignal): AsyncGenerator<ChatEvent>;
  update(update: ChatUpdate): Chat;
  delete(chatId: string): Promise<{ undoMs: number }>;
  undoDelete(chatId: string): { restored: boolean };
  /** @throws AppError `not_found`, `busy`, `invalid_input` (a parent of another chat), `disk.full`. */
  send(message: OutgoingMessage): { chatId: string; messageId: string; replyId: string };
  /** Adds a chat with these messages, and starts no reply. @throws AppError `disk.full`. */
  import(fresh: FreshChat, messages: readonly ImportedMessage[]): { chatId: string };
  /**
   * Adds a chat that begins with the persona's opening messages. `modelId` null: the persona's, or that of the newest chat. @throws AppError
   * `not_found`, `disk.full`.
   */
  startWithPersona(personaId: string, modelId: string | null): { chatId: string };
  /** What the next reply of a chat is told of lorebooks. @throws AppError `not_found`. */
  framing(chatId: string): Framing;
  select(messageId: string): null;
  /** `replyId`: only this reply of a comparison. */
  stop(chatId: string, replyId?: string): Promise<null>;
  search(wanted: { readonly query: string } & SearchFilters): { hits: SearchHit[] };
  /** What the user typed in sent messages, newest first. */
  sentTexts(wanted: Parameters<typeof listSentTexts>[1]): readonly string[];
  /** The tokens of a reply, for as long as they are kept. Throws not_found. */
  tokens(messageId: string): { tokens: readonly TokenLogprob[] | null };
  /** What is told of conversations that outgrow their context. */
  readonly memory: Omit<Memory, 'tell' | 'afterReply' | 'forget' | 'close'>;
  /** Stops and stores every turn, and purges deleted chats. */
  close(): Promise<void>;
  /** Tries to store replies that could not be stored. Never throws. */
  storeUnsaved(): void;
}

export interface OutgoingMessage {
  readonly chat: { readonly id: string } | { readonly fresh: FreshChat };
  readonly parts: readonly UserPart[];
  /** Default: the shown leaf. */
  readonly parentId?: string | null | undefined;
  /** Default: a new one. A second message with it adds nothing and returns the ids of the first. */
  readonly messageId?: string | undefined;
  /** The holds on files that were stored for this message. */
  readonly holds?: readonly string[] | undefined;
}

/** Chats over a store and models. Replies that an earlier process left unfinished are marked as interrupted. */
export function createChats(options: ChatOptions): Chats {
  const parts = createChatParts(options);
  const { store, inference, undoMs, personas, modelOf, feeds, tokens, turns, unsaved, tree, memory, states } = parts;
  const { deletions, messageDeletions, order, titles, replies, queue, versions, begin } = parts;
  const { shown, list, publishChat, snapshotOf, now } = parts;

  return {
    order,
    watchList: (signal) => feeds.watchList(signal, list),

    watch(chatId, signal) {
      return keepModel(
        feeds.watch(chatId, signal, () => snapshotOf(chatId)),
        inference.keep,
      );
    },

    update({ chatId, ...patch }) {
      const chat = getChat(store, chatId);
      const given = Object.fromEntries(
        Object.entries(patch).filter(([, value]) => value !== undefined),
      ) as Partial<ChatRow>;
      transaction(store, () => {
        putChat(store, { ...chat, ...given });
        if (patch.title !== undefined) setTitleBy(store, chatId, 'user');
      });
      return publishChat(chatId);
    },

    async delete(chatId) {
      getChat(store, chatId);
      await turns.stop(chatId);
      deletions.delete(chatId);
      feeds.publishToList({ type: 'removed', chatId });
      feeds.publish(chatId, { type: 'removed' });
      return { undoMs };
    },

    undoDelete(chatId) {
      const restored = deletions.undo(chatId).length > 0;
      if (restored) publishChat(chatId);
      // A caller who missed the first answer asks again: the chat is back already.
      return { restored: restored || isShown(store, chatId) };
    },

    send({ chat: target, parts, parentId, messageId, holds }) {
      const first = messageId === undefined ? null : findQuestion(store, messageId);
      if (first !== null) return first;
      const chat = 'id' in target ? getChat(store, target.id) : tree.newChat(target.fresh);
      turns.refuseIfBusy(chat.id);
      return { chatId: chat.id, ...replies.ask(chat, tree.parentIn(chat, parentId), parts, messageId, holds) };
    },

    import(fresh, messages) {
      const chat = tree.newChat(fresh);
      tree.add(chat, importedMessages(tree, chat, messages));
      publishChat(chat.id);
      return { chatId: chat.id };
    },

    ...versions,
    ...{ enqueue: queue.enqueue, takeQueued: queue.takeQueued, sendQueued: queue.sendQueued },
    deleteMessage: messageDeletions.deleteMessage,
    undoDeleteMessage: messageDeletions.undoDeleteMessage,
    startWithPersona: begin,
    framing(chatId) {
      const chat = getChat(store, chatId);
      return personas.frame(chat, modelOf(chat), tree.conversation(chat.leafId));
    },

    select(messageId) {
      const chat = getChat(store, getMessage(store, messageId).chatId);
      tree.select(chat, messageId);
      feeds.publish(chat.id, { type: 'chat', chat: shown(getChat(store, chat.id)) });
      return null;
    },

    async stop(chatId, replyId) {
      await turns.stop(chatId, replyId);
      return null;
    },

    ...createPrompts({ store, memory, inference, modelOf }),

    tokens: (messageId) => ({ tokens: tokens.find(getMessage(store, messageId).id) }),

    search: ({ query, ...filters }) => ({ hits: transaction(store, () => searchChats(store, query, filters)) }),

    memory,
    ...createHiddenChats({ store, deletions, feeds, now, list }),
    sentTexts: (wanted) => listSentTexts(store, wanted),
    storeUnsaved: unsaved.retry,
    async close() {
      await Promise.all([turns.stopAll(), memory.close()]);
      await titles.close();
      order.close();
      unsaved.close();
      await states?.close();
      await Promise.all([deletions.close(), messageDeletions.close()]);
    },
  };
}
