/** What a model is told of a conversation that has outgrown its context: summaries, and messages that are found again. */
import { z } from 'zod';
import { call, stream } from '../wire/rpc.ts';
import type { ErrorBody } from '../wire/errors.ts';
import { MAX_SUMMARY_LENGTH } from './chat-limits.ts';

/** A summary of the messages of a branch from its beginning down to `untilMessageId`. */
export interface ConversationSummary {
  readonly id: string;
  readonly untilMessageId: string;
  readonly text: string;
  /** `edited`: the user changed what the model wrote. */
  readonly source: 'model' | 'edited';
  /** Off: the messages themselves count again. */
  readonly isOn: boolean;
  readonly modelName: string | null;
  readonly updatedAt: number;
}

/** A summary that is being written. */
export interface RunningSummary {
  /** Null until the model is loaded, whose context decides about it. */
  readonly untilMessageId: string | null;
  readonly text: string;
  /** UTF-16 units of the conversation that were read, and those to read. */
  readonly readChars: number;
  readonly totalChars: number;
}

export interface ChatMemory {
  readonly revision: number;
  /** In the order in which they were made. On a path the one that reaches furthest counts, of those that are on. */
  readonly summaries: readonly ConversationSummary[];
  readonly running: RunningSummary | null;
  /** Why the last summary was not made; null after another one, and after a stop. */
  readonly failure: ErrorBody | null;
  /** Summarizes by itself when the context is nearly full. */
  readonly automatic: boolean;
  /** Messages that were left out are quoted where a question needs them. */
  readonly findsAgain: boolean;
}

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
const chatInput = z.strictObject({ chatId: id });
const summaryInput = z.strictObject({ summaryId: id });

export const memoryRoutes = {
  /** What is remembered of a chat, again after each change. Throws not_found. */
  'memory.watch': stream(chatInput).emits<ChatMemory>(),
  /**
   * Begins to summarize what falls out of the shown path: all but its newest exchanges. An earlier summary of the path is gone on from. The
   * summary is stored when it is complete. Throws not_found, busy (one is being written), invalid_input (nothing falls out).
   */
  'memory.summarize': call(chatInput).returns<null>(),
  /** Ends the summary that is being written; nothing of it is kept. */
  'memory.stop': call(chatInput).returns<null>(),
  /** Throws not_found. */
  'memory.edit': call(
    z.strictObject({
      summaryId: id,
      text: z
        .string()
        .max(MAX_SUMMARY_LENGTH)
        .refine((text) => text.trim() !== '', { message: 'expected some text' })
        .optional(),
      isOn: z.boolean().optional(),
    }),
  ).returns<null>(),
  /** Removes a summary, so that its messages or an earlier summary count again. Throws not_found. */
  'memory.remove': call(summaryInput).returns<{ undoMs: number }>(),
  'memory.undoRemove': call(summaryInput).returns<{ restored: boolean }>(),
  'memory.update': call(
    z.strictObject({ chatId: id, automatic: z.boolean().optional(), findsAgain: z.boolean().optional() }),
  ).returns<null>(),
};
