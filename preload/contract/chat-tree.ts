/** Acts on the tree of a chat's messages: versions, branches, comparisons, deletions. */
import { z } from 'zod';
import { call } from '../wire/rpc.ts';
import { chatIdSchema, randomIdSchema, samplingSchema } from './chat.ts';
import type { PromptPiece } from './engine.ts';
import { MAX_TEXT_LENGTH } from './message-parts.ts';
import { modelIdSchema } from './model.ts';

const messageInput = z.strictObject({ messageId: chatIdSchema });

/** Who writes a reply, and how. */
const writerSchema = z.strictObject({
  modelId: modelIdSchema,
  /** Null: as the chat has it. */
  sampling: samplingSchema.nullable(),
});
export type Writer = z.infer<typeof writerSchema>;

/** The prompt of a reply that is written. It is made anew from what is stored now: prompts themselves are not kept. */
export interface SeenPrompt {
  readonly pieces: readonly PromptPiece[];
  readonly contextSize: number;
  /** Whether it has the very tokens that the model read then; null where that is not known: a reply of an older version. */
  readonly sameAsThen: boolean | null;
  /** The reply was continued, so that its last prompt had the beginning of the reply as well. */
  readonly isContinued: boolean;
}

export const chatTreeRoutes = {
  /**
   * Starts a sibling of the reply, or the first reply to a message of the user, with the chat's present model and sampling. `writer` takes
   * their place for this reply alone. Throws not_found, busy, invalid_input, disk.full.
   */
  'chat.regenerate': call(z.strictObject({ messageId: chatIdSchema, writer: writerSchema.optional() })).returns<{
    replyId: string;
  }>(),
  /**
   * Starts two siblings of the reply, or two replies to a message of the user, at once. They are shown side by side until one is kept. Where
   * memory does not hold both models, the second waits for the first. Throws not_found, busy, invalid_input, disk.full.
   */
  'chat.compare': call(
    z.strictObject({ messageId: chatIdSchema, writers: z.tuple([writerSchema, writerSchema]) }),
  ).returns<{ replyIds: readonly [string, string] }>(),
  /** Ends the comparison of this reply, and shows it. The other stays as a version; where it is still being written, it is stopped first. */
  'chat.keep': call(messageInput).returns<null>(),
  /**
   * Adds a sibling of the reply with this text, and shows it. Nothing is generated. A second call with the same `versionId` adds nothing.
   * Throws not_found, busy, invalid_input (it is no reply, or calls tools), disk.full.
   */
  'chat.editReply': call(
    z.strictObject({
      messageId: chatIdSchema,
      text: z
        .string()
        .max(MAX_TEXT_LENGTH)
        .refine((text) => text.trim() !== '', { message: 'expected some text' }),
      versionId: randomIdSchema.optional(),
    }),
  ).returns<{ messageId: string }>(),
  /** Adds a chat with copies of the messages down to this one, and with the settings of its chat. Throws not_found, busy, disk.full. */
  'chat.branch': call(z.strictObject({ messageId: chatIdSchema, title: z.string().min(1).max(200) })).returns<{
    chatId: string;
  }>(),
  /**
   * Hides the message and all that follows it at once, and deletes them after `undoMs`, unless undone. Other versions of it stay. Throws
   * not_found, busy, disk.full.
   */
  'chat.deleteMessage': call(messageInput).returns<{
    undoMs: number;
    /** Messages that are hidden, of all branches below the message. */
    count: number;
  }>(),
  /** What the model read before it wrote this reply. Throws not_found, invalid_input (no model wrote it), engine.not_loaded. */
  'chat.seenPrompt': call(messageInput).returns<SeenPrompt>(),
  'chat.undoDeleteMessage': call(messageInput).returns<{ restored: boolean }>(),
};
