/**
 * Chats: the message tree, and turns that go on whether or not a window watches. A turn is journalled at least once a second while
 * it streams and stored before its end is told; what cannot be stored (a full disk) stays in memory and is tried again.
 */
import { randomUUID } from 'node:crypto';
import type {
  Chat,
  ChatEvent,
  ChatListEvent,
  ChatSummary,
  ContextPolicy,
  FreshChat,
  Message,
  Sampling,
  SearchHit,
  TokenLogprob,
} from '../../preload/contract/chat.ts';
import { textOf, type UserPart } from '../../preload/contract/message-parts.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { createFeed, type Feed } from '../base/feed.ts';
import { titleFrom } from './title.ts';
import type { RenderedPrompt } from '../engine/engine.ts';
import type { Inference } from '../inference/inference.ts';
import { getChat, listChats, markChatDeleted, purgeChats, putChat, type ChatRow } from '../store/chats.ts';
import {
  getMessage,
  listFilesOfHiddenChats,
  listMessages,
  markInterrupted,
  newestLeaf,
  pathTo,
  putMessage,
  searchChats,
} from '../store/messages.ts';
import type { Files } from '../store/files.ts';
import { transaction, type Store } from '../store/store.ts';
import { hasContent, promptMessages } from './prompt-messages.ts';
import { keepModel } from './keep-model.ts';
import { createChatStates } from './states.ts';
import { runTurn, type TurnOutcome } from './turn.ts';

export interface ChatOptions {
  readonly store: Store;
  /** The files that messages name. */
  readonly files: Files;
  readonly inference: Pick<Inference, 'generate' | 'prompt' | 'keep' | 'loaded' | 'saveState' | 'dropState'>;
  readonly builtInModelId: string;
  /** Of chats without their own. `again`: another version of a reply is wanted, which should be able to differ. */
  readonly defaultSampling: (modelId: string, again: boolean) => Sampling;
  readonly onModelUsed: (modelId: string) => void;
  /** Where states of chats are kept, and how much room they may take together. Absent: none are. */
  readonly states?: { readonly folder: string; readonly budgetBytes: () => number; readonly idleMs?: number };
  readonly now?: () => number;
  /** How long a deletion can be undone. */
  readonly undoMs?: number;
}

export interface ChatUpdate {
  readonly chatId: string;
  readonly title?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly modelId?: string | undefined;
  readonly systemPrompt?: string | undefined;
  readonly sampling?: Sampling | null | undefined;
  readonly contextPolicy?: ContextPolicy | undefined;
}

export interface Chats {
  watchList(signal: AbortSignal): AsyncGenerator<ChatListEvent>;
  watch(chatId: string, signal: AbortSignal): AsyncGenerator<ChatEvent>;
  create(modelId: string | null): Chat;
  update(update: ChatUpdate): Chat;
  delete(chatId: string): Promise<{ undoMs: number }>;
  undoDelete(chatId: string): { restored: boolean };
  /** @throws AppError `not_found`, `busy`, `invalid_input` (a parent of another chat), `disk.full`. */
  send(message: OutgoingMessage): { chatId: string; messageId: string; replyId: string };
  regenerate(messageId: string): { replyId: string };
  edit(messageId: string, parts: readonly UserPart[]): { messageId: string; replyId: string };
  select(messageId: string): null;
  stop(chatId: string): Promise<null>;
  search(query: string): { hits: SearchHit[] };
  /** The tokens of a reply, for as long as they are kept. Throws not_found. */
  tokens(messageId: string): { tokens: readonly TokenLogprob[] | null };
  /** The exact prompt that the next reply of the chat would get, from the shown path. Throws engine.not_loaded. */
  prompt(chatId: string): Promise<RenderedPrompt>;
  /** Stops every turn and stores it; purges what was deleted. */
  close(): Promise<void>;
}

export interface OutgoingMessage {
  readonly chat: { readonly id: string } | { readonly fresh: FreshChat };
  readonly parts: readonly UserPart[];
  /** Default: the shown leaf. */
  readonly parentId?: string | null | undefined;
}

interface RunningTurn {
  readonly abort: AbortController;
  done: Promise<void>;
  /** The reply as it is now, ahead of the journal. */
  message: Message;
}

const UNDO_MS = 10_000;
const SAVE_RETRY_MS = 3000;
/** Replies whose tokens are kept; with five alternatives each a long reply takes about a megabyte. */
const REPLIES_WITH_TOKENS = 50;

type Unnumbered<T> = T extends unknown ? Omit<T, 'revision'> : never;

/** Text that a slow window has not taken yet grows into one event; everything else keeps its order. */
function mergeAppends(waiting: Unnumbered<ChatEvent>, next: Unnumbered<ChatEvent>): Unnumbered<ChatEvent> | undefined {
  const sameText =
    waiting.type === 'append' &&
    next.type === 'append' &&
    waiting.messageId === next.messageId &&
    waiting.partIndex === next.partIndex &&
    waiting.partType === next.partType &&
    waiting.offset + waiting.text.length === next.offset;
  return sameText ? { ...waiting, text: waiting.text + next.text } : undefined;
}

/** Chats over a store and an engine. Replies that an earlier process left unfinished are marked as interrupted. */
export function createChats(options: ChatOptions): Chats {
  const { store, files, inference } = options;
  const now = options.now ?? Date.now;
  const undoMs = options.undoMs ?? UNDO_MS;
  const running = new Map<string, RunningTurn>();
  /** Finished replies that the disk had no room for, by message id. They shadow their rows. */
  const unsaved = new Map<string, Message>();
  /** By message id, the oldest first. */
  const tokensOf = new Map<string, { readonly chatId: string; readonly tokens: readonly TokenLogprob[] }>();
  const listFeed: Feed<Unnumbered<ChatListEvent>> = createFeed();
  const chatFeeds = new Map<string, Feed<Unnumbered<ChatEvent>>>();
  const purgeTimers = new Map<string, NodeJS.Timeout>();

  const deleted = purgeChats(store);
  markInterrupted(store);
  const states = options.states && createChatStates({ ...options.states, store, inference, now });
  for (const chatId of deleted) states?.forget(chatId);

  /** The one place that decides which model writes in a chat. */
  const modelOf = ({ modelId }: Pick<Chat, 'modelId'>): string => modelId ?? options.builtInModelId;
  const withBusy = (row: ChatRow): Chat => ({ ...row, busy: running.has(row.id) });
  const summary = ({ id, title, pinned, modelId, createdAt, updatedAt, busy }: Chat): ChatSummary => ({
    id,
    title,
    pinned,
    modelId,
    createdAt,
    updatedAt,
    busy,
  });
  const publish = (chatId: string, event: Unnumbered<ChatEvent>): void => chatFeeds.get(chatId)?.publish(event);
  const tellChat = (chatId: string): Chat => {
    const chat = withBusy(getChat(store, chatId));
    listFeed.publish({ type: 'chat', chat: summary(chat) });
    publish(chatId, { type: 'chat', chat });
    return chat;
  };
  const current = (message: Message): Message =>
    running.get(message.chatId)?.message.id === message.id
      ? (running.get(message.chatId)?.message ?? message)
      : (unsaved.get(message.id) ?? message);

  const saveRetry = setInterval(() => {
    for (const message of [...unsaved.values()]) {
      try {
        const saved: Message = message.error?.code === 'disk.full' ? { ...message, error: null } : message;
        transaction(store, () => putMessage(store, saved));
        unsaved.delete(message.id);
        publish(message.chatId, { type: 'message', message: saved });
      } catch (error) {
        if (isAppError(error, 'disk.full')) return;
        unsaved.delete(message.id); // its chat is gone: nothing is left to save it to
      }
    }
  }, SAVE_RETRY_MS);
  saveRetry.unref();

  /** The conversation down to a message; failed and empty replies have nothing to say to the model. */
  const conversation = (leafId: string): Message[] => pathTo(store, leafId).map(current).filter(hasContent);

  function keepTokens({ message, tokens }: TurnOutcome): void {
    if (tokens.length === 0) return;
    tokensOf.set(message.id, { chatId: message.chatId, tokens });
    for (const oldest of tokensOf.keys()) {
      if (tokensOf.size <= REPLIES_WITH_TOKENS) break;
      tokensOf.delete(oldest);
    }
  }

  function startTurn(chat: ChatRow, reply: Message, plainTemplate: boolean): void {
    const abort = new AbortController();
    const turn: RunningTurn = { abort, message: reply, done: Promise.resolve() };
    running.set(chat.id, turn);
    tellChat(chat.id);
    turn.done = runTurn({
      reply,
      history: conversation(reply.parentId ?? reply.id),
      systemPrompt: chat.systemPrompt,
      pathOfFile: files.pathOf,
      contextPolicy: chat.contextPolicy,
      plainTemplate,
      states,
      inference,
      signal: abort.signal,
      now,
      save: (message) => transaction(store, () => putMessage(store, message)),
      onMessage(message) {
        turn.message = message;
        publish(chat.id, { type: 'message', message });
      },
      onAppend(message, append) {
        turn.message = message;
        publish(chat.id, { type: 'append', messageId: message.id, ...append });
      },
    })
      .then((outcome) => {
        if (!outcome.saved) unsaved.set(outcome.message.id, outcome.message);
        keepTokens(outcome);
        const { modelId, timing } = outcome.message;
        if (!modelId || !timing) return;
        options.onModelUsed(modelId);
        states?.afterTurn(chat.id, modelId, timing.promptTokens + timing.generatedTokens);
      })
      .finally(() => {
        running.delete(chat.id);
        tellChatIfHere(chat.id);
      });
  }

  /** After a turn: the chat may be gone by then, or the database closed. */
  function tellChatIfHere(chatId: string): void {
    try {
      tellChat(chatId);
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }

  function refuseIfBusy(chatId: string): void {
    if (running.has(chatId))
      throw new AppError('busy', 'A reply is being written in this chat. Stop it first, or wait for its end.');
  }

  /** Stores new messages of one turn and shows them; the last one is the reply that is then written. */
  function begin(chat: ChatRow, messages: readonly Message[], reply: Message, plainTemplate = false): void {
    const title = chat.title === '' ? titleFrom(messages[0] ? textOf(messages[0]) : '') : chat.title;
    const updated: ChatRow = { ...chat, title, leafId: reply.id, updatedAt: now() };
    transaction(store, () => {
      putChat(store, updated);
      for (const message of [...messages, reply]) putMessage(store, message);
    });
    for (const message of [...messages, reply]) publish(chat.id, { type: 'message', message });
    startTurn(updated, reply, plainTemplate);
  }

  function newMessage(
    chat: ChatRow,
    parentId: string | null,
    given: Pick<Message, 'role' | 'parts' | 'status'>,
    again = false,
  ): Message {
    const isReply = given.role === 'assistant';
    const modelId = modelOf(chat);
    return {
      id: randomUUID(),
      chatId: chat.id,
      parentId,
      ...given,
      error: null,
      modelId: isReply ? modelId : null,
      modelName: null,
      sampling: isReply ? (chat.sampling ?? options.defaultSampling(modelId, again)) : null,
      timing: null,
      createdAt: now(),
    };
  }

  function newChat(fresh: FreshChat): ChatRow {
    const at = now();
    return {
      ...fresh,
      id: randomUUID(),
      title: '',
      pinned: false,
      contextPolicy: fresh.contextPolicy ?? 'roll',
      leafId: null,
      createdAt: at,
      updatedAt: at,
    };
  }

  /** The parts as they are stored: the sizes of files are the disk's. @throws AppError `invalid_input` for a file that is not here. */
  function withFiles(parts: readonly UserPart[]): readonly UserPart[] {
    return parts.map((part) => {
      if (part.type === 'text') return part;
      const sizeBytes = files.sizeOf(part.file.sha256);
      if (sizeBytes === null)
        throw new AppError('invalid_input', `${part.file.name} is not stored here.`, { field: 'parts' });
      return { ...part, file: { ...part.file, sizeBytes } };
    });
  }

  function sendAfter(
    chat: ChatRow,
    parentId: string | null,
    given: readonly UserPart[],
  ): { messageId: string; replyId: string } {
    const parts = withFiles(given);
    const message = newMessage(chat, parentId, { role: 'user', parts, status: 'complete' });
    const reply = newMessage(chat, message.id, { role: 'assistant', parts: [], status: 'pending' });
    begin(chat, [message], reply);
    files.settle(parts.flatMap((part) => (part.type === 'text' ? [] : [part.file.sha256])));
    return { messageId: message.id, replyId: reply.id };
  }

  function purge(chatId: string): void {
    clearTimeout(purgeTimers.get(chatId));
    purgeTimers.delete(chatId);
    const named = listFilesOfHiddenChats(store, chatId);
    for (const id of transaction(store, () => purgeChats(store, chatId))) states?.forget(id);
    files.deleteUnnamed(named);
    for (const [messageId, kept] of tokensOf) if (kept.chatId === chatId) tokensOf.delete(messageId);
  }

  async function* eventsOf(chatId: string, signal: AbortSignal): AsyncGenerator<ChatEvent> {
    let feed = chatFeeds.get(chatId);
    if (!feed) chatFeeds.set(chatId, (feed = createFeed(mergeAppends)));
    const events = feed.open(signal);
    try {
      // Nothing is awaited between opening the feed and reading the state: no event is lost or seen twice.
      const chat = withBusy(getChat(store, chatId));
      yield { type: 'snapshot', revision: 0, chat, messages: listMessages(store, chatId).map(current) };
      let revision = 0;
      for await (const event of events) {
        yield { ...event, revision: ++revision };
        if (event.type === 'removed') return;
      }
    } finally {
      events.close();
      if (feed.size() === 0 && chatFeeds.get(chatId) === feed) chatFeeds.delete(chatId);
    }
  }

  return {
    async *watchList(signal) {
      const feed = listFeed.open(signal);
      yield { type: 'snapshot', revision: 0, chats: listChats(store).map((row) => summary(withBusy(row))) };
      let revision = 0;
      for await (const event of feed) yield { ...event, revision: ++revision };
    },

    watch: (chatId, signal) => keepModel(eventsOf(chatId, signal), modelOf, inference.keep),

    create(modelId) {
      const chat = newChat({ modelId, systemPrompt: '', sampling: null, contextPolicy: null });
      transaction(store, () => putChat(store, chat));
      return tellChat(chat.id);
    },

    update({ chatId, ...patch }) {
      const chat = getChat(store, chatId);
      const given = Object.fromEntries(
        Object.entries(patch).filter(([, value]) => value !== undefined),
      ) as Partial<ChatRow>;
      transaction(store, () => putChat(store, { ...chat, ...given }));
      return tellChat(chatId);
    },

    async delete(chatId) {
      getChat(store, chatId);
      const turn = running.get(chatId);
      turn?.abort.abort();
      await turn?.done;
      transaction(store, () => markChatDeleted(store, chatId, now()));
      listFeed.publish({ type: 'removed', chatId });
      publish(chatId, { type: 'removed' });
      const timer = setTimeout(() => {
        try {
          purge(chatId);
        } catch {
          // No room to delete in: it stays hidden, and the next start purges it.
        }
      }, undoMs);
      timer.unref();
      purgeTimers.set(chatId, timer);
      return { undoMs };
    },

    undoDelete(chatId) {
      const timer = purgeTimers.get(chatId);
      if (!timer) return { restored: false };
      clearTimeout(timer);
      purgeTimers.delete(chatId);
      const restored = transaction(store, () => markChatDeleted(store, chatId, null));
      if (restored) tellChat(chatId);
      return { restored };
    },

    send({ chat: target, parts, parentId }) {
      const chat = 'id' in target ? getChat(store, target.id) : newChat(target.fresh);
      refuseIfBusy(chat.id);
      const after = parentId === undefined ? chat.leafId : parentId;
      if (after !== null && getMessage(store, after).chatId !== chat.id)
        throw new AppError('invalid_input', 'That message belongs to another chat.', { field: 'parentId' });
      return { chatId: chat.id, ...sendAfter(chat, after, parts) };
    },

    regenerate(messageId) {
      const old = getMessage(store, messageId);
      const chat = getChat(store, old.chatId);
      refuseIfBusy(chat.id);
      if (old.role !== 'assistant')
        throw new AppError('invalid_input', 'Only a reply can be written again.', { field: 'messageId' });
      const reply = newMessage(chat, old.parentId, { role: 'assistant', parts: [], status: 'pending' }, true);
      // What the model's own template could not render is tried in a plain form.
      begin(chat, [], reply, old.error?.code === 'template.invalid');
      return { replyId: reply.id };
    },

    edit(messageId, parts) {
      const old = getMessage(store, messageId);
      const chat = getChat(store, old.chatId);
      refuseIfBusy(chat.id);
      if (old.role !== 'user')
        throw new AppError('invalid_input', 'Only your own messages can be edited.', { field: 'messageId' });
      return sendAfter(chat, old.parentId, parts);
    },

    select(messageId) {
      const message = getMessage(store, messageId);
      const chat = getChat(store, message.chatId);
      transaction(store, () => putChat(store, { ...chat, leafId: newestLeaf(store, messageId) }));
      publish(chat.id, { type: 'chat', chat: withBusy(getChat(store, chat.id)) });
      return null;
    },

    async stop(chatId) {
      const turn = running.get(chatId);
      turn?.abort.abort();
      await turn?.done;
      return null;
    },

    async prompt(chatId) {
      const chat = getChat(store, chatId);
      const messages = promptMessages(
        chat.systemPrompt,
        chat.leafId === null ? [] : conversation(chat.leafId),
        files.pathOf,
      );
      return await inference.prompt(modelOf(chat), {
        input: { messages },
        policy: chat.contextPolicy,
      });
    },

    tokens(messageId) {
      const message = getMessage(store, messageId);
      return { tokens: tokensOf.get(message.id)?.tokens ?? null };
    },

    search: (query) => ({ hits: searchChats(store, query) }),

    async close() {
      clearInterval(saveRetry);
      for (const turn of running.values()) turn.abort.abort();
      await Promise.all([...running.values()].map((turn) => turn.done));
      await states?.close();
      for (const chatId of [...purgeTimers.keys()]) {
        try {
          purge(chatId);
        } catch {
          // As above: purged at the next start.
        }
      }
    },
  };
}
