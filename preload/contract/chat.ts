/** Chats. Each is a tree of messages with one shown path. Edits and regenerations add siblings; nothing is overwritten. */
import { z } from 'zod';
import { tagSchema, type ChatFolder } from './chat-order.ts';
import type { ErrorBody } from '../wire/errors.ts';
import { MAX_PARTS, MAX_TEXT_LENGTH, type Append, type MessagePart, type UserPart } from './message-parts.ts';
import { modelIdSchema } from './model.ts';
import { call, stream } from '../wire/rpc.ts';

const biasSchema = z.number().min(-100).max(100);
/** Texts that end a reply, at most: as many as KoboldCpp takes, which has the largest limit. */
export const MOST_STOP_TEXTS = 256;

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
  /** Null: a random one for each reply. */
  seed: z.int().min(0).max(4_294_967_295).nullable(),
  // All fields from here on are off when absent.
  presencePenalty: z.number().min(-2).max(2).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  /** The last tokens that penalties look at: 0 for none, null for the whole context. Absent: 64, and 4,096 without a repeat penalty. */
  penaltyTokens: z.int().min(0).max(1_000_000).nullable().optional(),
  /** XTC: with `probability`, leaves out all but the least likely token above `threshold`. */
  xtc: z.strictObject({ probability: z.number().min(0).max(1), threshold: z.number().min(0).max(0.5) }).optional(),
  /** DRY: penalizes repeated sequences. With `lastTokens` null it looks at the whole context. */
  dry: z
    .strictObject({
      strength: z.number().min(0).max(10),
      base: z.number().min(1).max(10),
      allowedLength: z.int().min(1).max(1000),
      lastTokens: z.int().min(0).max(1_000_000).nullable(),
      /** Texts across which nothing counts as repeated. Absent: line ends, colons, quotes and asterisks, as in llama.cpp, which reads 40 letters. */
      breakers: z.array(z.string().min(1).max(40)).max(16).optional(),
    })
    .optional(),
  /** The reply ends before the first of these. */
  stop: z.array(z.string().min(1).max(500)).max(MOST_STOP_TEXTS).optional(),
  /** `text` is tokenized, and `bias` is added to the logit of each of its tokens; `token` is one of the vocabulary. -100 forbids a token. */
  logitBias: z
    .array(
      z.union([
        z.strictObject({ text: z.string().min(1).max(200), bias: biasSchema }),
        z.strictObject({ token: z.int().min(0).max(4_294_967_295), bias: biasSchema }),
      ]),
    )
    .max(1024)
    .optional(),
  /** Before so many tokens the model cannot end its turn. */
  minTokens: z.int().min(0).max(1_000_000).optional(),
  /** Form that the reply must have: a GBNF grammar, or a JSON schema as JSON text. */
  grammar: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('gbnf'), text: z.string().min(1).max(100_000) }),
      z.strictObject({ kind: z.literal('json_schema'), text: z.string().min(2).max(100_000) }),
    ])
    .optional(),
  /** Number of alternatives reported with each token; absent: tokens are not reported at all. */
  logprobs: z.int().min(0).max(20).optional(),
});
export type Sampling = z.infer<typeof samplingSchema>;

/** A field that is off where it is absent, or null to switch it off where a lower layer has it on. */
const offByNull = <Schema extends z.ZodType>(field: z.ZodOptional<Schema>) => field.unwrap().nullable().optional();
const { shape } = samplingSchema;
/** Some values of a sampling, over those of a lower layer (`in-force.ts`). */
export const samplingOverridesSchema = z.strictObject({
  ...samplingSchema.partial().shape,
  presencePenalty: offByNull(shape.presencePenalty),
  frequencyPenalty: offByNull(shape.frequencyPenalty),
  xtc: offByNull(shape.xtc),
  dry: offByNull(shape.dry),
  stop: offByNull(shape.stop),
  logitBias: offByNull(shape.logitBias),
  minTokens: offByNull(shape.minTokens),
  grammar: offByNull(shape.grammar),
  logprobs: offByNull(shape.logprobs),
});
export type SamplingOverrides = z.infer<typeof samplingOverridesSchema>;

/** What happens when a conversation no longer fits: refuse, leave out the oldest exchanges, or cut the middle. */
export const contextPolicySchema = z.enum(['stop', 'roll', 'cut_middle']);
export type ContextPolicy = z.infer<typeof contextPolicySchema>;

/** The tokens of a reply's prompt by origin. Their sum is `promptTokens`. */
export interface ContextMakeUp {
  readonly systemTokens: number;
  readonly historyTokens: number;
  /** The user's last message. */
  readonly messageTokens: number;
  /** The template's marks around messages. */
  readonly templateTokens: number;
  /** The summary of what falls out, exchanges that were found again, and named texts. Absent where there are none. */
  readonly summaryTokens?: number;
  readonly recalledTokens?: number;
  readonly filesTokens?: number;
}

/** What stood in a prompt for messages of the conversation that did not fit any more. */
export interface MemoryUse {
  /** The first messages of the conversation, in whose place their summary stood; 0 without one. */
  readonly summarizedMessages: number;
  /** The messages that were left out and quoted again, in their order. */
  readonly recalledIds: readonly string[];
}

/** Token counts and times of one reply. */
export interface Timing {
  /** Tokens of the prompt, and how many of them the engine still had from an earlier reply. */
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly promptMs: number;
  readonly generatedTokens: number;
  readonly generateMs: number;
  /** Time from the send to the first text, including a load of the model. */
  readonly firstTokenMs: number;
  /** The part of `firstTokenMs` that passed until the model was loaded. Absent where it was in memory, and for replies of older versions. */
  readonly loadMs?: number;
  /** In tokens; 0 where a server elsewhere does not tell. */
  readonly contextSize: number;
  /** Tokens of the reply that were generated before it was continued; they are among `promptTokens`. Absent when nothing is known of them. */
  readonly continuedTokens?: number;
  /** Number of older messages that were left out because the context was full. */
  readonly omittedMessages: number;
  /** How an overflow of the context was handled; absent when everything fitted. */
  readonly overflow?: {
    readonly policy: ContextPolicy;
    readonly omittedTokens: number;
    /** Kept free for the reply, which is why something was left out. Absent for replies of older versions. */
    readonly reserveTokens?: number;
  };
  /** The template's own words for why it refused the tools of this chat, which the model got described in words instead. */
  readonly toolsRefused?: string;
  /** A server elsewhere did not count tokens: all counts of tokens are 0. Times are measured here. */
  readonly uncounted?: true;
  /** Samplers that were wanted and that a server elsewhere does not take, such as `topK`. */
  readonly samplersNotTaken?: readonly string[];
  readonly makeUp?: ContextMakeUp;
  /** Absent where the whole conversation was told. */
  readonly memory?: MemoryUse;
  /** Of the prompt's tokens. Absent for replies of older versions and of servers elsewhere. */
  readonly promptHash?: string;
  /** Drafted tokens of speculative decoding, and how many of them the model accepted. */
  readonly speculation?: {
    readonly kind: 'draft' | 'lookup';
    readonly draftedTokens: number;
    readonly acceptedTokens: number;
  };
  readonly endReason: 'end_of_turn' | 'tool_calls' | 'stop_text' | 'max_tokens' | 'context_full' | 'stopped' | 'failed';
  /** The seed that was used, whether given or random. */
  readonly seed: number;
}

/** A possible token at one position of a reply. `logprob` is the natural logarithm of its probability. */
export interface TokenAlternative {
  /** -1 where a server elsewhere does not tell. */
  readonly id: number;
  /** The bytes of a part of a character are U+FFFD. */
  readonly text: string;
  /** The bytes of such a token, where they are known. */
  readonly bytes?: readonly number[];
  readonly logprob: number;
}
/** A token of a reply with the alternatives to it, likeliest first. */
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
  /** In reading order. A reply grows at its end. */
  readonly parts: readonly MessagePart[];
  readonly status: MessageStatus;
  readonly error: ErrorBody | null;
  /** The model that wrote the reply; null in other messages. The name is stored, so it survives the model's deletion. */
  readonly modelId: string | null;
  readonly modelName: string | null;
  readonly sampling: Sampling | null;
  readonly timing: Timing | null;
  readonly createdAt: number;
  /** The user changed the text of this reply. */
  readonly edited?: true;
  /** Replies with the same value are shown side by side. */
  readonly comparison?: string;
  /** The persona that the reply was written as. The name is stored, so it survives the persona's deletion. Absent: none. */
  readonly persona?: { readonly id: string; readonly name: string };
}

/** A message that will be sent when the reply before it ended well. */
export interface QueuedMessage {
  /** The id that the message gets. */
  readonly id: string;
  readonly parts: readonly UserPart[];
  readonly createdAt: number;
}

export interface ChatSummary {
  readonly id: string;
  /** Empty until the first message. */
  readonly title: string;
  readonly pinned: boolean;
  /** The model chosen for this chat; null: none. */
  readonly modelId: string | null;
  /** The model for the next reply: the chosen one, else the one that ships with the app. */
  readonly usesModelId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** True while a reply is being written. */
  readonly busy: boolean;
  /** Null: in no folder. */
  readonly folderId: string | null;
  /** Shown in the archive alone. */
  readonly archived: boolean;
  /** In the order of the alphabet. */
  readonly tags: readonly string[];
}

export interface Chat extends ChatSummary {
  /** Empty: that of the persona or of the model's defaults, where there is one. */
  readonly systemPrompt: string;
  /** The chat's own values, over those of its persona, of the model's defaults and of the settings. Null: none. */
  readonly sampling: SamplingOverrides | null;
  /** The persona of the next replies. Null or absent: none. */
  readonly personaId?: string | null;
  readonly contextPolicy: ContextPolicy;
  /** The last message of the shown path; null for an empty chat. */
  readonly leafId: string | null;
}

export type ChatListEvent =
  | {
      readonly type: 'snapshot';
      readonly revision: number;
      readonly chats: readonly ChatSummary[];
      readonly folders: readonly ChatFolder[];
    }
  | { readonly type: 'chat'; readonly revision: number; readonly chat: ChatSummary }
  /** Of an act on many chats at once. */
  | {
      readonly type: 'many';
      readonly revision: number;
      readonly chats: readonly ChatSummary[];
      readonly removed: readonly string[];
    }
  | { readonly type: 'folders'; readonly revision: number; readonly folders: readonly ChatFolder[] }
  | { readonly type: 'removed'; readonly revision: number; readonly chatId: string };

/** `append` adds text to the last part or begins a new one. `message` inserts a message, or replaces the one with its id. */
export type ChatEvent =
  | {
      readonly type: 'snapshot';
      readonly revision: number;
      readonly chat: Chat;
      readonly messages: readonly Message[];
      readonly queued: readonly QueuedMessage[];
    }
  /** The messages that wait for the end of a reply, after each change of them. */
  | { readonly type: 'queue'; readonly revision: number; readonly queued: readonly QueuedMessage[] }
  | { readonly type: 'chat'; readonly revision: number; readonly chat: Chat }
  | { readonly type: 'message'; readonly revision: number; readonly message: Message }
  | ({ readonly type: 'append'; readonly revision: number; readonly messageId: string } & Append)
  | { readonly type: 'removed'; readonly revision: number };

interface HitFacts {
  readonly chatId: string;
  readonly chatTitle: string;
  readonly archived: boolean;
  /** Text around the hit; hits are between U+2068 and U+2069. */
  readonly snippet: string;
  /** Time of the message, or of the chat's last change for a title. */
  readonly at: number;
}
/** A chat or a message that matches a search: by its title or by its text. */
export type SearchHit =
  | (HitFacts & { readonly kind: 'title' })
  | (HitFacts & { readonly kind: 'message'; readonly messageId: string; readonly role: Message['role'] });

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
/** The id of a chat or a message. */
export const chatIdSchema = id;
const pixels = z.int().min(1).max(1_000_000).nullable();
const fileName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\\p{Cc}]+$/u, 'expected a file name');
const fileSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha256'),
  name: fileName,
  mediaType: z
    .string()
    .max(127)
    .regex(/^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/, 'expected a media type'),
  sizeBytes: z.int().min(0),
});
export const randomIdSchema = z.string().regex(/^[a-z0-9-]{32,64}$/, 'expected a random id');
/** The parts of a message that a user sends. Its files must be stored already. */
export const userPartsSchema: z.ZodType<readonly UserPart[]> = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), text: z.string().max(MAX_TEXT_LENGTH), name: fileName.optional() }),
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

/** The settings of a new chat. */
const freshChatSchema = z.strictObject({
  /** Null: the model that ships with the app. */
  modelId: modelIdSchema.nullable(),
  systemPrompt: z.string().max(200_000),
  /** Null: no values of its own. */
  sampling: samplingOverridesSchema.nullable(),
  personaId: id.nullable().optional(),
  /** Null: `roll`. */
  contextPolicy: contextPolicySchema.nullable(),
});
export type FreshChat = z.infer<typeof freshChatSchema>;

const chatInput = z.strictObject({ chatId: id });

/** The holds on files that were stored for a message, which gives them back: it refers to the files itself. */
export const holdsSchema = z.array(z.uuid()).max(MAX_PARTS);

/** Where a search looks; absent: everywhere. */
const searchFilters = z.strictObject({
  chatId: id.optional(),
  folderId: id.optional(),
  tag: tagSchema.optional(),
  archived: z.boolean().optional(),
});
export type SearchFilters = z.infer<typeof searchFilters>;

export const chatRoutes = {
  'chat.watchList': stream(z.strictObject({})).emits<ChatListEvent>(),
  /** Follows one chat. Ends after `removed`. Throws not_found. */
  'chat.watch': stream(chatInput).emits<ChatEvent>(),
  'chat.update': call(
    z.strictObject({
      chatId: id,
      title: z.string().min(1).max(200).optional(),
      pinned: z.boolean().optional(),
      modelId: modelIdSchema.optional(),
      systemPrompt: z.string().max(200_000).optional(),
      sampling: samplingOverridesSchema.nullable().optional(),
      personaId: id.nullable().optional(),
      contextPolicy: contextPolicySchema.optional(),
    }),
  ).returns<Chat>(),
  /** Hides the chat at once and deletes it after `undoMs`, unless undone. */
  'chat.delete': call(chatInput).returns<{ undoMs: number }>(),
  'chat.undoDelete': call(chatInput).returns<{ restored: boolean }>(),
  /**
   * Adds the user's message after `parentId` (default: the shown leaf) and starts the reply. The reply continues whether or not anybody
   * watches. With `fresh` the chat is created too. Everything is stored when this answers. Throws not_found, busy (a reply is being
   * written), invalid_input (a parent of another chat, a file that is not stored), disk.full. Later failures are in the reply's `error`.
   */
  'chat.send': call(
    z.strictObject({
      chat: z.union([z.strictObject({ id }), z.strictObject({ fresh: freshChatSchema })]),
      parts: userPartsSchema,
      parentId: id.nullable().optional(),
      /** The id that the message gets. A second call with it adds nothing and returns what the first did: its answer may have been lost. */
      messageId: randomIdSchema.optional(),
      holds: holdsSchema.optional(),
    }),
  ).returns<{ chatId: string; messageId: string; replyId: string }>(),
  /**
   * Adds a chat with these messages, each the parent of the next, and starts no reply. Everything is stored when this answers. Throws
   * disk.full.
   */
  'chat.import': call(
    z.strictObject({
      fresh: freshChatSchema,
      messages: z
        .array(z.strictObject({ role: z.enum(['user', 'assistant']), text: z.string().min(1).max(MAX_TEXT_LENGTH) }))
        .min(1)
        .max(5000),
    }),
  ).returns<{ chatId: string }>(),
  /**
   * Goes on with a reply that was cut (`canContinue`), by the chat's present model. The reply itself grows where that model began it and no
   * message follows; otherwise a sibling begins with its text. Throws not_found, busy, invalid_input, disk.full.
   */
  'chat.continue': call(z.strictObject({ messageId: id })).returns<{ replyId: string }>(),
  /**
   * Adds a sibling of the user's message with these parts, and starts its reply. A title that was made from the old first message is made
   * anew. A second call with the same `editId` adds nothing, as for `chat.send`.
   */
  'chat.edit': call(
    z.strictObject({
      messageId: id,
      parts: userPartsSchema,
      editId: randomIdSchema.optional(),
      holds: holdsSchema.optional(),
    }),
  ).returns<{
    messageId: string;
    replyId: string;
  }>(),
  /** Shows the branch of `messageId`, down to its newest leaf. */
  'chat.select': call(z.strictObject({ messageId: id })).returns<null>(),
  /** Ends the replies that are being written, or `replyId` of them, and keeps their text. Answers when the turns are over. */
  'chat.stop': call(z.strictObject({ chatId: id, replyId: id.optional() })).returns<null>(),
  /**
   * The tokens of a reply that was written with `sampling.logprobs`, including its reasoning. Only those of the last replies are kept, in
   * memory. Null when they are not kept, or while the reply is being written.
   */
  'chat.tokens': call(z.strictObject({ messageId: id })).returns<{ tokens: readonly TokenLogprob[] | null }>(),
  /**
   * Full-text search over titles and all messages: at most 50 titles, then at most 50 messages, the best of the newest first. Words in
   * quotation marks stand together, and a word after `-` must not be there.
   */
  'chat.search': call(z.strictObject({ query: z.string().min(1).max(300), ...searchFilters.shape })).returns<{
    hits: readonly SearchHit[];
  }>(),
};
