/**
 * A chat of the app, as a terminal leads it. Everything is stored by the app before it is answered, and shows in its window. Where the
 * connection is lost, because the app that it went to has ended, the chat goes on with the next one.
 */
import { randomUUID } from 'node:crypto';
import type { Chat, ChatEvent, FreshChat, Message } from '../../../preload/contract/chat.ts';
import type { HearthClient } from '../../../preload/contract/contract.ts';
import { reasoningOf, textOf, withAppend } from '../../../preload/contract/message-parts.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { CommandApp } from '../app-of-folder.ts';

/** What of a chat can be set before and during it. */
export type ChatSettings = Pick<FreshChat, 'modelId' | 'systemPrompt' | 'sampling'>;

export interface ReplyPieces {
  /** The reply waits for its model, of which this share, from 0 to 1, is loaded. */
  onLoading(name: string, progress: number): void;
  /** The next piece of the answer. */
  onText(text: string): void;
  onReasoning(text: string): void;
  /** What was written as the answer so far was reasoning; the answer begins anew. */
  onAnew(): void;
}

/** A message of a saved conversation. */
export interface PlainMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface Conversation {
  settings(): ChatSettings;
  /** Changes the chat, or what it will begin with. Throws not_found for a chat that was deleted in the window. */
  change(settings: Partial<ChatSettings>): Promise<void>;
  /** Sends a message and follows its reply to the end; `pieces` get it meanwhile. The reply says how it ended, also with an error. */
  send(text: string, pieces: ReplyPieces): Promise<Message>;
  /** Another version of the last reply. Throws not_found without one. */
  retry(pieces: ReplyPieces): Promise<Message>;
  /** The next message takes the place of the last one, which stays in the chat as another version. Answers its text; null without one. */
  undo(): string | null;
  /** Ends the reply that is being written, and keeps its text. Never throws. */
  stop(): Promise<void>;
  /** The conversation as it is shown. */
  messages(): Promise<readonly PlainMessage[]>;
  /** Begins a chat with these messages. */
  load(messages: readonly PlainMessage[]): Promise<void>;
  /** The next message begins a new chat. */
  clear(): void;
  /** Goes on with the chat that was changed last; null without any. */
  resume(): Promise<Chat | null>;
  close(): Promise<void>;
}

/** A message of the user with its reply. */
interface Turn {
  readonly text: string;
  readonly parentId: string | null;
  readonly replyId: string;
}

/** Leads chats by the app that `open` answers, which is called again when its connection is lost. */
export async function openConversation(open: () => Promise<CommandApp>, begin: ChatSettings): Promise<Conversation> {
  let app = await open();
  let settings = begin;
  let chatId: string | null = null;
  let turns: Turn[] = [];
  /** Where the next message goes; undefined: behind what is shown. */
  let parentId: string | null | undefined;

  /** Does `work`, and once more with the next app where this one has ended. */
  async function withApp<T>(work: (client: HearthClient) => Promise<T>): Promise<T> {
    try {
      return await work(app.client);
    } catch (error) {
      if (!isAppError(error, 'disconnected')) throw error;
      await app.close().catch(() => {});
      app = await open();
      return await work(app.client);
    }
  }
  const follow = (id: string, replyId: string, pieces: ReplyPieces): Promise<Message> => {
    const shown = createShown(pieces);
    return withApp(async (client) => {
      const over = new AbortController();
      void followLoad(client, over.signal, pieces);
      try {
        return await followReply(client, id, replyId, shown);
      } finally {
        over.abort();
      }
    });
  };
  async function snapshot(id: string): Promise<Extract<ChatEvent, { type: 'snapshot' }>> {
    return await withApp(async (client) => {
      for await (const event of client.stream('chat.watch', { chatId: id }))
        if (event.type === 'snapshot') return event;
      throw new AppError('not_found', 'This chat is gone.');
    });
  }
  async function begun(id: string): Promise<Chat> {
    const { chat, messages } = await snapshot(id);
    chatId = id;
    parentId = undefined;
    settings = { modelId: chat.modelId, systemPrompt: chat.systemPrompt, sampling: chat.sampling };
    turns = turnsOf(pathOf(messages, chat.leafId));
    return chat;
  }

  return {
    settings: () => settings,
    async change(changed) {
      const id = chatId;
      const { modelId, ...others } = changed;
      if (id !== null)
        await withApp((client) =>
          client.call('chat.update', { chatId: id, ...others, ...(typeof modelId === 'string' && { modelId }) }),
        );
      settings = { ...settings, ...changed };
    },
    async send(text, pieces) {
      // With an id of its own it is stored once, also where the answer to the first try was lost.
      const messageId = randomUUID();
      const chat = chatId === null ? { fresh: { ...settings, contextPolicy: null } } : { id: chatId };
      const parts = [{ type: 'text' as const, text }];
      const given = parentId;
      const sent = await withApp((client) =>
        client.call('chat.send', { chat, parts, messageId, ...(given !== undefined && { parentId: given }) }),
      );
      const before = given === undefined ? (turns.at(-1)?.replyId ?? null) : given;
      chatId = sent.chatId;
      parentId = undefined;
      turns.push({ text, parentId: before, replyId: sent.replyId });
      return await follow(sent.chatId, sent.replyId, pieces);
    },
    async retry(pieces) {
      const id = chatId;
      const last = turns.at(-1);
      if (id === null || last === undefined) throw new AppError('not_found', 'There is no reply to write again.');
      const { replyId } = await withApp((client) => client.call('chat.regenerate', { messageId: last.replyId }));
      turns = [...turns.slice(0, -1), { ...last, replyId }];
      // What was taken back stood behind the version before.
      parentId = undefined;
      return await follow(id, replyId, pieces);
    },
    undo() {
      const last = turns.pop();
      if (last === undefined) return null;
      parentId = last.parentId;
      return last.text;
    },
    async stop() {
      const id = chatId;
      if (id !== null) await app.client.call('chat.stop', { chatId: id }).catch(() => null);
    },
    async messages() {
      if (chatId === null) return [];
      const { chat, messages } = await snapshot(chatId);
      const leafId = parentId === undefined ? chat.leafId : parentId;
      return pathOf(messages, leafId).flatMap((message) =>
        message.role === 'user' || message.role === 'assistant' ? { role: message.role, text: textOf(message) } : [],
      );
    },
    async load(messages) {
      const fresh = { ...settings, contextPolicy: null };
      const loaded = await withApp((client) => client.call('chat.import', { fresh, messages: [...messages] }));
      await begun(loaded.chatId);
    },
    clear() {
      chatId = null;
      parentId = undefined;
      turns = [];
    },
    async resume() {
      const chats = await withApp(async (client) => {
        for await (const event of client.stream('chat.watchList', {}))
          if (event.type === 'snapshot') return event.chats;
        throw new AppError('disconnected', 'The connection to Hearth was lost.');
      });
      const latest = chats.toSorted((a, b) => b.updatedAt - a.updatedAt)[0];
      return latest === undefined ? null : await begun(latest.id);
    },
    close: async () => await app.close(),
  };
}

/** Tells the pieces of a reply that were not told yet. */
function createShown(pieces: ReplyPieces): (message: Pick<Message, 'parts'>) => void {
  let text = '';
  let reasoning = '';
  return (message) => {
    const [newText, newReasoning] = [textOf(message), reasoningOf(message)];
    if (!newText.startsWith(text)) {
      pieces.onAnew();
      text = '';
      reasoning = newReasoning;
    }
    if (newReasoning.length > reasoning.length) pieces.onReasoning(newReasoning.slice(reasoning.length));
    if (newText.length > text.length) pieces.onText(newText.slice(text.length));
    [text, reasoning] = [newText, newReasoning];
  };
}

/** Tells of a model that is loaded meanwhile. Never throws: the reply itself says what went wrong. */
async function followLoad(client: HearthClient, signal: AbortSignal, { onLoading }: ReplyPieces): Promise<void> {
  try {
    for await (const { loaded } of client.stream('engine.watch', {}, { signal }))
      for (const { name, status, progress } of loaded) if (status === 'loading') onLoading(name, progress);
  } catch {
    // As promised.
  }
}

/** Follows a reply until it has ended. @throws AppError `disconnected`, `not_found` where its chat is gone. */
async function followReply(
  client: HearthClient,
  chatId: string,
  replyId: string,
  onReply: (reply: Message) => void,
): Promise<Message> {
  let reply: Message | undefined;
  for await (const event of client.stream('chat.watch', { chatId })) {
    switch (event.type) {
      case 'snapshot':
        reply = event.messages.find(({ id }) => id === replyId);
        break;
      case 'message':
        if (event.message.id === replyId) reply = event.message;
        break;
      case 'append':
        if (event.messageId === replyId && reply) {
          const parts = withAppend(reply.parts, event);
          // A piece before it was missed: the whole message comes again.
          if (parts) reply = { ...reply, parts };
        }
        break;
      case 'chat':
      case 'queue':
        continue;
      case 'removed':
        throw new AppError('not_found', 'This chat was deleted.');
      default:
        return event satisfies never;
    }
    if (!reply) continue;
    onReply(reply);
    if (reply.status !== 'pending' && reply.status !== 'streaming') return reply;
  }
  throw new AppError('disconnected', 'The connection to Hearth was lost.');
}

/** The messages from the first one to this leaf. */
function pathOf(messages: readonly Message[], leafId: string | null): readonly Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: Message[] = [];
  for (let id = leafId; id !== null; id = path.at(-1)?.parentId ?? null) {
    const message = byId.get(id);
    if (message === undefined || path.length > messages.length) break;
    path.push(message);
  }
  return path.reverse();
}

/** The turns on a path: each message of the user with the last reply before the next. */
function turnsOf(path: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of path) {
    if (message.role === 'user') turns.push({ text: textOf(message), parentId: message.parentId, replyId: '' });
    const last = turns.at(-1);
    if (message.role === 'assistant' && last) turns[turns.length - 1] = { ...last, replyId: message.id };
  }
  return turns.filter(({ replyId }) => replyId !== '');
}
