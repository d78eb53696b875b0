/**
 * The memory of chats that outgrow their context: summaries of what falls out, which the user sees, edits and takes back, and messages that
 * are found again. The entry of this folder.
 */
import type { Message } from '../../../preload/contract/chat.ts';
import { NEARLY_FULL } from '../../../preload/contract/chat-limits.ts';
import type { ChatMemory } from '../../../preload/contract/memory.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { createFeed, type Feed } from '../../base/feed.ts';
import { getChat, hasChat, type ChatRow } from '../../store/chats.ts';
import {
  deleteSummary,
  getMemoryChoice,
  getSummary,
  listSummaries,
  putMemoryChoice,
  putSummary,
  type MemoryChoice,
  type SummaryRow,
} from '../../store/summaries.ts';
import { transaction } from '../../store/store.ts';
import type { ChatPersonas } from '../personas/personas.ts';
import type { PathOfFile } from '../prompt-messages.ts';
import { createSummaries, type SummariesOptions } from './summaries.ts';
import { tell, type Told } from './told.ts';

export interface MemoryOptions extends Omit<SummariesOptions, 'onChange'> {
  readonly pathOfFile: PathOfFile;
  /** What a chat's prompt has beside its messages. */
  readonly frame: ChatPersonas['frame'];
  readonly undoMs: number;
}

export interface Memory {
  watch(chatId: string, signal: AbortSignal): AsyncGenerator<ChatMemory>;
  /** @throws AppError `not_found`, `busy`, `invalid_input` (nothing falls out). */
  summarize(chatId: string): null;
  stop(chatId: string): Promise<null>;
  /** @throws AppError `not_found`, `disk.full`. */
  edit(change: {
    readonly summaryId: string;
    readonly text?: string | undefined;
    readonly isOn?: boolean | undefined;
  }): null;
  remove(summaryId: string): { undoMs: number };
  undoRemove(summaryId: string): { restored: boolean };
  update(
    change: { readonly chatId: string } & { readonly [Key in keyof MemoryChoice]?: MemoryChoice[Key] | undefined },
  ): null;
  /** What a model is told of the conversation down to `leafId`. Loads the model where it must be asked. Throws what inference throws. */
  tell(chat: ChatRow, leafId: string | null, modelId: string, signal?: AbortSignal): Promise<Told>;
  /** Call it after a reply. Begins a summary where the chat's user chose that and its context is nearly full. Never throws. */
  afterReply(reply: Message): void;
  /** Ends what is written for the chat, which is deleted. */
  forget(chatId: string): void;
  close(): Promise<void>;
}

/** Of a new chat: nothing is summarized unasked, and what was left out is found again. */
const defaults: MemoryChoice = { automatic: false, findsAgain: true };

/** Memory over a store and models. */
export function createMemory(options: MemoryOptions): Memory {
  const { store, inference, now } = options;
  const feeds = new Map<string, Feed<true>>();
  const removed = new Map<string, { readonly row: SummaryRow; readonly timer: NodeJS.Timeout }>();
  const publish = (chatId: string): void => feeds.get(chatId)?.publish(true);
  const summaries = createSummaries({ ...options, onChange: publish });

  function read(chatId: string): Omit<ChatMemory, 'revision'> {
    return {
      ...(getMemoryChoice(store, chatId) ?? defaults),
      summaries: listSummaries(store, chatId).map(({ chatId: _chat, createdAt: _at, ...summary }) => summary),
      running: summaries.running(chatId),
      failure: summaries.failure(chatId),
    };
  }

  return {
    async *watch(chatId, signal) {
      getChat(store, chatId);
      let feed = feeds.get(chatId);
      // Only the newest state counts.
      if (!feed) feeds.set(chatId, (feed = createFeed((waiting) => waiting)));
      const changes = feed.open(signal);
      try {
        let revision = 0;
        yield { revision, ...read(chatId) };
        for await (const _ of changes) {
          if (!hasChat(store, chatId)) return;
          yield { revision: ++revision, ...read(chatId) };
        }
      } finally {
        changes.close();
        if (feed.size() === 0 && feeds.get(chatId) === feed) feeds.delete(chatId);
      }
    },

    summarize(chatId) {
      summaries.begin(getChat(store, chatId));
      return null;
    },
    async stop(chatId) {
      await summaries.stop(chatId);
      return null;
    },

    edit({ summaryId, text, isOn }) {
      const before = getSummary(store, summaryId);
      const isNew = text !== undefined && text !== before.text;
      const after: SummaryRow = {
        ...before,
        ...(isNew ? { text, source: 'edited' } : {}),
        ...(isOn === undefined ? {} : { isOn }),
        updatedAt: now(),
      };
      transaction(store, () => putSummary(store, after));
      publish(before.chatId);
      return null;
    },

    remove(summaryId) {
      const row = getSummary(store, summaryId);
      transaction(store, () => deleteSummary(store, summaryId));
      const timer = setTimeout(() => removed.delete(summaryId), options.undoMs);
      timer.unref();
      removed.set(summaryId, { row, timer });
      publish(row.chatId);
      return { undoMs: options.undoMs };
    },

    undoRemove(summaryId) {
      const entry = removed.get(summaryId);
      const isHere = entry !== undefined && options.conversation(entry.row.untilMessageId).length > 0;
      if (!isHere || !hasChat(store, entry.row.chatId)) return { restored: false };
      transaction(store, () => putSummary(store, entry.row));
      clearTimeout(entry.timer);
      removed.delete(summaryId);
      publish(entry.row.chatId);
      return { restored: true };
    },

    update({ chatId, automatic, findsAgain }) {
      getChat(store, chatId);
      const before = getMemoryChoice(store, chatId) ?? defaults;
      transaction(store, () =>
        putMemoryChoice(store, chatId, {
          automatic: automatic ?? before.automatic,
          findsAgain: findsAgain ?? before.findsAgain,
        }),
      );
      publish(chatId);
      return null;
    },

    async tell(chat, leafId, modelId, signal) {
      const path = options.conversation(leafId);
      return await tell(
        {
          ...{ chat, modelId, inference, path, pathOfFile: options.pathOfFile },
          framing: options.frame(chat, modelId, path),
          summaries: listSummaries(store, chat.id),
          findsAgain: (getMemoryChoice(store, chat.id) ?? defaults).findsAgain,
        },
        signal,
      );
    },

    afterReply({ chatId, timing, status }) {
      if (status !== 'complete' || !timing || timing.contextSize === 0) return;
      const share = (timing.promptTokens + timing.generatedTokens) / timing.contextSize;
      if (share < NEARLY_FULL && timing.omittedMessages === 0) return;
      try {
        if (!(getMemoryChoice(store, chatId) ?? defaults).automatic || summaries.running(chatId)) return;
        summaries.begin(getChat(store, chatId));
      } catch (error) {
        // Nothing to summarize, or a chat that is gone.
        if (!isAppError(error)) options.onDefect(error);
      }
    },

    forget(chatId) {
      summaries.forget(chatId);
      for (const [id, { row, timer }] of removed)
        if (row.chatId === chatId) {
          clearTimeout(timer);
          removed.delete(id);
        }
    },

    async close() {
      await summaries.stopAll();
      for (const { timer } of removed.values()) clearTimeout(timer);
    },
  };
}
