/** Has summaries of conversations written, one at a time for each chat, and stores those that are complete. */
import { randomUUID } from 'node:crypto';
import type { Message, Sampling } from '../../../preload/contract/chat.ts';
import type { RunningSummary } from '../../../preload/contract/memory.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { summaryInForce } from '../../../preload/contract/summary-in-force.ts';
import { AppError, encodeError, isAppError, type ErrorBody } from '../../../preload/wire/errors.ts';
import type { Inference } from '../../inference/inference.ts';
import { hasChat, type ChatRow } from '../../store/chats.ts';
import { listSummaries, putSummary, type SummaryRow } from '../../store/summaries.ts';
import { transaction, type Store } from '../../store/store.ts';
import { summarize } from './summarize.ts';

export interface SummariesOptions {
  readonly store: Store;
  readonly inference: Pick<Inference, 'generate' | 'count' | 'render' | 'loaded'>;
  readonly now: () => number;
  readonly modelOf: (chat: Pick<ChatRow, 'modelId'>) => string;
  readonly samplingOf: (chat: ChatRow, modelId: string) => Sampling;
  /** The messages down to this one that have content for a model. */
  readonly conversation: (leafId: string | null) => readonly Message[];
  readonly onDefect: (error: unknown) => void;
  /** Called after each change of what `running` and `failure` say, and after a summary was stored. */
  readonly onChange: (chatId: string) => void;
}

export interface Summaries {
  running(chatId: string): RunningSummary | null;
  /** Why the last one was not made. */
  failure(chatId: string): ErrorBody | null;
  /** @throws AppError `busy`, `invalid_input` (nothing falls out). */
  begin(chat: ChatRow): void;
  /** Ends the one that is being written, of which nothing is stored. */
  stop(chatId: string): Promise<void>;
  /** The same for a chat that is deleted. */
  forget(chatId: string): void;
  stopAll(): Promise<void>;
}

interface Running {
  readonly abort: AbortController;
  done: Promise<void>;
  summary: RunningSummary;
}

/** The part of the context that the newest exchanges may take, which are not summarized. */
const KEPT_SHARE = 0.4;
/** Of a model elsewhere that does not tell its context. */
const UNKNOWN_CONTEXT = 4096;
const CHARS_PER_TOKEN = 3;

/** Summaries over a store and models. */
export function createSummaries(options: SummariesOptions): Summaries {
  const { store, inference, now, onChange } = options;
  const running = new Map<string, Running>();
  const failures = new Map<string, ErrorBody>();

  /**
   * What falls out of the shown path: all but its newest exchanges, from the end of the summary that counts.
   * @throws AppError `invalid_input` where that is nothing.
   */
  function falling(
    chat: ChatRow,
    contextSize: number,
  ): { readonly messages: readonly Message[]; readonly before: string | null } {
    const path = options.conversation(chat.leafId);
    const starts = path.flatMap(({ role }, index) => (role === 'user' && index > 0 ? [index] : []));
    const newest = starts.at(-1) ?? 0;
    let until = newest;
    let kept = path.slice(newest).reduce((sum, message) => sum + textOf(message).length, 0);
    for (const start of starts.slice(0, -1).toReversed()) {
      kept += path.slice(start, until).reduce((sum, message) => sum + textOf(message).length, 0);
      if (kept > contextSize * KEPT_SHARE * CHARS_PER_TOKEN) break;
      until = start;
    }
    const covered = summaryInForce(path.slice(0, -1), listSummaries(store, chat.id));
    const messages = path.slice(covered?.messages ?? 0, until);
    if (messages.length === 0)
      throw new AppError('invalid_input', 'There is nothing to summarize yet: the newest exchanges are always told.', {
        reason: 'nothing_to_summarize',
      });
    return { messages, before: covered?.summary.text ?? null };
  }

  /** The context of the chat's model, which is loaded for it. */
  async function contextOf(modelId: string, signal: AbortSignal): Promise<number> {
    const loaded = inference.loaded().find((model) => model.modelId === modelId);
    // 0 while it is being loaded.
    if (loaded && loaded.contextSize > 0) return loaded.contextSize;
    try {
      const probe = { input: { messages: [{ role: 'user', content: 'Hello' }] } } as const;
      const { contextSize } = await inference.render(modelId, probe, { signal, priority: 'api' });
      return contextSize ?? UNKNOWN_CONTEXT;
    } catch (error) {
      if (isAppError(error, 'unsupported')) return UNKNOWN_CONTEXT;
      throw error;
    }
  }

  function begin(chat: ChatRow): void {
    if (running.has(chat.id))
      throw new AppError('busy', 'This conversation is being summarized.', { reason: 'summary_running' });
    // Whatever the model's context is, the newest exchange is not summarized.
    falling(chat, 0);
    const entry: Running = {
      abort: new AbortController(),
      done: Promise.resolve(),
      summary: { untilMessageId: null, text: '', readChars: 0, totalChars: 0 },
    };
    running.set(chat.id, entry);
    failures.delete(chat.id);
    entry.done = write(chat, entry);
    onChange(chat.id);
  }

  async function write(chat: ChatRow, entry: Running): Promise<void> {
    const { signal } = entry.abort;
    try {
      const modelId = options.modelOf(chat);
      const contextSize = await contextOf(modelId, signal);
      const { messages, before } = falling(chat, contextSize);
      const untilMessageId = messages.at(-1)?.id ?? '';
      entry.summary = { ...entry.summary, untilMessageId };
      const made = await summarize(
        {
          ...{ inference, modelId, messages, before, contextSize },
          sampling: options.samplingOf(chat, modelId),
          onProgress(progress) {
            entry.summary = { ...entry.summary, ...progress };
            onChange(chat.id);
          },
        },
        signal,
      );
      signal.throwIfAborted();
      const at = now();
      const row: SummaryRow = {
        ...{
          id: randomUUID(),
          chatId: chat.id,
          text: made.text,
          source: 'model',
          isOn: true,
          modelName: made.modelName,
        },
        ...{ untilMessageId, createdAt: at, updatedAt: at },
      };
      // The chat may have been deleted meanwhile.
      if (hasChat(store, chat.id)) transaction(store, () => putSummary(store, row));
    } catch (error) {
      if (!signal.aborted) {
        if (!isAppError(error)) options.onDefect(error);
        failures.set(chat.id, encodeError(error));
      }
    } finally {
      running.delete(chat.id);
      onChange(chat.id);
    }
  }

  async function stop(chatId: string): Promise<void> {
    const entry = running.get(chatId);
    entry?.abort.abort();
    await entry?.done;
  }

  return {
    running: (chatId) => running.get(chatId)?.summary ?? null,
    failure: (chatId) => failures.get(chatId) ?? null,
    begin,
    stop,
    forget(chatId) {
      running.get(chatId)?.abort.abort();
      failures.delete(chatId);
    },
    stopAll: async () => void (await Promise.all([...running.keys()].map(stop))),
  };
}
