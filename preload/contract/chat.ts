/** Chats: a tree of messages each, of which one path is shown. Edits and regenerations are siblings; nothing is overwritten. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import type { Append, MessagePart, UserPart } from './message-parts.ts';
import { modelIdSchema } from './model.ts';
import { call, stream } from '../wire/rpc.ts';

export const samplingSchema = z.strictObject({
  /** 0 is greedy. */
  temperature: z.number().min(0).max(5),
  /** 0 is off. */
  topK: z.int().min(0).max(1000),
  /** 1 is off. */
  topP: z.number().min(0).max(1),
  /** 0 is off. */
  minP: z.number().min(0).max(1),
  /** 1 is off. */
  repeatPenalty: z.number().min(0.5).max(3),
  /** Null: until the model ends its turn or the context is full. */
  maxTokens: z.int().min(1).max(1_000_000).nullable(),
  /** Null: another one each time. */
  seed: z.int().min(0).max(4_294_967_295).nullable(),
  // What follows is off when it is absent.
  presencePenalty: z.number().min(-2).max(2).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  /** XTC: with `probability`, leaves out all but the least likely token above `threshold`. */
  xtc: z.strictObject({ probability: z.number().min(0).max(1), threshold: z.number().min(0).max(0.5) }).optional(),
  /** DRY: against repeated sequences. `lastTokens` null looks at the whole context. */
  dry: z
    .strictObject({
      strength: z.number().min(0).max(10),
      base: z.number().min(1).max(10),
      allowedLength: z.int().min(1).max(1000),
      lastTokens: z.int().min(0).max(1_000_000).nullable(),
    })
    .optional(),
  /** The reply ends before the first of these. */
  stop: z.array(z.string().min(1).max(500)).max(16).optional(),
  /** Added to a token's logit; `text` is tokenized and each of its tokens gets the bias. -100 forbids. */
  logitBias: z
    .array(z.strictObject({ text: z.string().min(1).max(200), bias: z.number().min(-100).max(100) }))
    .max(100)
    .optional(),
  /** What the reply must look like: a GBNF grammar, or a JSON schema as JSON text. */
  grammar: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('gbnf'), text: z.string().min(1).max(100_000) }),
      z.strictObject({ kind: z.literal('json_schema'), text: z.string().min(2).max(100_000) }),
    ])
    .optional(),
  /** How many alternatives are told with each token; absent tells none. */
  logprobs: z.int().min(0).max(20).optional(),
});
export type Sampling = z.infer<typeof samplingSchema>;

/** What is done when a conversation no longer fits: refuse, leave out the oldest turns, or cut the middle. */
export const contextPolicySchema = z.enum(['stop', 'roll', 'cut_middle']);
export type ContextPolicy = z.infer<typeof contextPolicySchema>;

/** What the prompt of a reply was made of, in tokens; together `promptTokens`. */
export interface ContextMakeUp {
  readonly systemTokens: number;
  readonly historyTokens: number;
  /** The last message of the user. */
  readonly messageTokens: number;
  /** Marks of roles and turns, from the model's template. */
  readonly templateTokens: number;
}

/** Counts and times of one reply. Milliseconds and tokens. */
export interface Timing {
  /** Tokens of the prompt, and how many of them the engine still had from the turn before. */
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly promptMs: number;
  readonly generatedTokens: number;
  readonly generateMs: number;
  /** From the send to the first text, a load of the model included. */
  readonly firstTokenMs: number;
  readonly contextSize: number;
  /** Messages at the start of the conversation that were left out because the context was full. */
  readonly omittedMessages: number;
  /** How the overflow was met; absent when all fitted. `omittedTokens` is what the omitted part took. */
  readonly overflow?: { readonly policy: ContextPolicy; readonly omittedTokens: number };
  readonly makeUp?: ContextMakeUp;
  /** Tokens that were drafted (speculative decoding), and those of them that the model accepted. */
  readonly speculation?: {
    readonly kind: 'draft' | 'lookup';
    readonly draftedTokens: number;
    readonly acceptedTokens: number;
  };
  /** Why the reply ended. */
  readonly endReason: 'end_of_turn' | 'tool_calls' | 'stop_text' | 'max_tokens' | 'context_full' | 'stopped' | 'failed';
  /** The seed that was used, also where it was drawn. */
  readonly seed: number;
}

/** What could stand at a place of a reply. `logprob` is the natural logarithm of its probability. */
export interface TokenAlternative {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
}
/** A token of a reply, with what else could have stood there, likeliest first. */
export interface TokenLogprob extends TokenAlternative {
  readonly alternatives: readonly TokenAlternative[];
}

export type MessageStatus = 'pending' | 'streaming' | 'complete' | 'stopped' | 'failed' | 'interrupted';

export interface Message {
  readonly id: string;
  readonly chatId: string;
  /** Null for the first message of a branch. */
  readonly parentId: string | null;
  /** A reply that calls tools is a chain of assistant and tool messages, each the parent of the next. */
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** In their order. A reply grows at its end. */
  readonly parts: readonly MessagePart[];
  readonly status: MessageStatus;
  readonly error: ErrorBody | null;
  /** Of a reply: the model that wrote it. The name stays readable after the model is deleted. */
  readonly modelId: string | null;
  readonly modelName: string | null;
  readonly sampling: Sampling | null;
  readonly timing: Timing | null;
  readonly createdAt: number;
}

export interface ChatSummary {
  readonly id: string;
  /** Empty until the first message. */
  readonly title: string;
  readonly pinned: boolean;
  /** Null: none was chosen for it. */
  readonly modelId: string | null;
  /** The model that its next reply is written by: the chosen one, else the one that ships with the app. */
  readonly usesModelId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** True while a reply is being written. */
  readonly busy: boolean;
}

export interface Chat extends ChatSummary {
  readonly systemPrompt: string;
  /** Null: the default sampling of the settings. */
  readonly sampling: Sampling | null;
  readonly contextPolicy: ContextPolicy;
  /** The last message of the path that is shown; null for an empty chat. */
  readonly leafId: string | null;
}

export type ChatListEvent =
  | { readonly type: 'snapshot'; readonly revision: number; readonly chats: readonly ChatSummary[] }
  | { readonly type: 'chat'; readonly revision: number; readonly chat: ChatSummary }
  | { readonly type: 'removed'; readonly revision: number; readonly chatId: string };

/** `append` adds text to a part, or begins one, at most every 16-30 ms; `message` replaces or inserts. */
export type ChatEvent =
  | { readonly type: 'snapshot'; readonly revision: number; readonly chat: Chat; readonly messages: readonly Message[] }
  | { readonly type: 'chat'; readonly revision: number; readonly chat: Chat }
  | { readonly type: 'message'; readonly revision: number; readonly message: Message }
  | ({ readonly type: 'append'; readonly revision: number; readonly messageId: string } & Append)
  | { readonly type: 'removed'; readonly revision: number };

interface HitFacts {
  readonly chatId: string;
  readonly chatTitle: string;
  /** Text around the hit; hits are between U+2068 and U+2069. */
  readonly snippet: string;
  /** When the message was written, or the chat last changed. */
  readonly at: number;
}
/** A chat whose title has the words, or a message that has them in its text. */
export type SearchHit =
  | (HitFacts & { readonly kind: 'title' })
  | (HitFacts & { readonly kind: 'message'; readonly messageId: string; readonly role: Message['role'] });

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
/** UTF-16 units of all texts of a message together. */
const MAX_TEXT_LENGTH = 2_000_000;
const MAX_PARTS = 100;

const pixels = z.int().min(1).max(1_000_000).nullable();
const fileSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha256'),
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^/\\\p{Cc}]+$/u, 'expected a file name'),
  mediaType: z
    .string()
    .max(127)
    .regex(/^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/, 'expected a media type'),
  sizeBytes: z.int().min(0),
});
/** What a user sends, in its order. The files must have been stored before. */
export const userPartsSchema: z.ZodType<readonly UserPart[]> = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), text: z.string().max(MAX_TEXT_LENGTH) }),
      z.strictObject({ type: z.literal('attachment'), file: fileSchema }),
      z.strictObject({ type: z.literal('image'), file: fileSchema, width: pixels, height: pixels }),
      z.strictObject({ type: z.literal('audio'), file: fileSchema, durationMs: z.number().min(0).nullable() }),
    ]),
  )
  .max(MAX_PARTS)
  .refine((parts) => parts.some((part) => part.type !== 'text' || part.text.trim() !== ''), {
    message: 'expected some text or a file',
  })
  .refine(
    (parts) => parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0) <= MAX_TEXT_LENGTH,
    {
      message: 'expected less text',
    },
  );

/** What a chat begins with. */
export const freshChatSchema = z.strictObject({
  /** Null: the model that ships with the app, until another one is chosen. */
  modelId: modelIdSchema.nullable(),
  systemPrompt: z.string().max(200_000),
  /** Null: the default sampling of the settings. */
  sampling: samplingSchema.nullable(),
  /** Null: `roll`. */
  contextPolicy: contextPolicySchema.nullable(),
});
export type FreshChat = z.infer<typeof freshChatSchema>;

const chatInput = z.strictObject({ chatId: id });

export const chatRoutes = {
  'chat.watchList': stream(z.strictObject({})).emits<ChatListEvent>(),
  /** One chat while it is open. Ends after `removed`. Throws not_found. */
  'chat.watch': stream(chatInput).emits<ChatEvent>(),
  'chat.update': call(
    z.strictObject({
      chatId: id,
      title: z.string().min(1).max(200).optional(),
      pinned: z.boolean().optional(),
      modelId: modelIdSchema.optional(),
      systemPrompt: z.string().max(200_000).optional(),
      sampling: samplingSchema.nullable().optional(),
      contextPolicy: contextPolicySchema.optional(),
    }),
  ).returns<Chat>(),
  /** Hides the chat now and really deletes it after `undoMs`, unless undone. */
  'chat.delete': call(chatInput).returns<{ undoMs: number }>(),
  'chat.undoDelete': call(chatInput).returns<{ restored: boolean }>(),
  /**
   * Adds the user's message after `parentId` (default: the shown leaf) and starts the reply, which goes on whether or not
   * anybody watches. A fresh chat is made with it. All is stored when this answers. Throws not_found, busy (a reply is being
   * written), invalid_input (a parent of another chat, a file that is not stored), disk.full. What goes wrong later is in the
   * reply's `error`.
   */
  'chat.send': call(
    z.strictObject({
      chat: z.union([z.strictObject({ id }), z.strictObject({ fresh: freshChatSchema })]),
      parts: userPartsSchema,
      parentId: id.nullable().optional(),
    }),
  ).returns<{ chatId: string; messageId: string; replyId: string }>(),
  /** A sibling of the reply, with the chat's model and sampling of now. */
  'chat.regenerate': call(z.strictObject({ messageId: id })).returns<{ replyId: string }>(),
  /** A sibling of the user's message with other parts, and its reply. */
  'chat.edit': call(z.strictObject({ messageId: id, parts: userPartsSchema })).returns<{
    messageId: string;
    replyId: string;
  }>(),
  /** Shows the branch that `messageId` is on, down to its newest leaf. */
  'chat.select': call(z.strictObject({ messageId: id })).returns<null>(),
  /** Ends the reply that is being written; what is there is kept. Answers when the engine is quiet. */
  'chat.stop': call(chatInput).returns<null>(),
  /**
   * The tokens of a reply that was written with `sampling.logprobs`, its reasoning included. Kept for the last replies until Hearth
   * is closed; null when they are not kept, or it is still being written.
   */
  'chat.tokens': call(z.strictObject({ messageId: id })).returns<{ tokens: readonly TokenLogprob[] | null }>(),
  /** Full-text search over titles and the text of all messages: titles first, then the best, 50 of each. */
  'chat.search': call(z.strictObject({ query: z.string().min(1).max(300) })).returns<{ hits: readonly SearchHit[] }>(),
};
