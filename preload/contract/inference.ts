/** Models for programs of this computer, such as Hearth's command line: replies, vectors, scores and tokens, without a chat. */
import { z } from 'zod';
import { contextPolicySchema, samplingSchema, type ContextMakeUp, type Timing, type TokenLogprob } from './chat.ts';
import { MAX_PARTS, MAX_TEXT_LENGTH } from './message-parts.ts';
import { modelIdSchema } from './model.ts';
import type { ErrorBody } from '../wire/errors.ts';
import { call, stream } from '../wire/rpc.ts';

/** How a reply ended, with counts in tokens and times in milliseconds since the request reached the model. */
export type ReplyResult = Omit<Timing, 'firstTokenMs' | 'endReason'> & {
  /** Absent where a provider does not tell it. */
  readonly makeUp?: ContextMakeUp;
  readonly endReason: Exclude<Timing['endReason'], 'failed'>;
  /** Absent when there are none. The text does not contain them. */
  readonly toolCalls?: readonly ReplyCall[];
  /** The stop text that ended the reply. */
  readonly stopText?: string;
  /** Those of `reusedTokens` that came from a file. */
  readonly restoredTokens: number;
  /** Spent waiting for a free sequence. */
  readonly queuedMs: number;
  /** Those of `generatedTokens` that are reasoning; absent where that is not known. */
  readonly reasoningTokens?: number;
};

export interface ReplyCall {
  readonly id: string;
  readonly name: string;
  /** The JSON text of an object. */
  readonly arguments: string;
}

export type ReplyStep =
  /** The model was found, and is being opened. */
  | { readonly type: 'found'; readonly name: string }
  /** The model is in memory and stays there until the end. `afterLoad`: it was loaded for this reply. */
  | { readonly type: 'opened'; readonly afterLoad?: boolean }
  /** The request waits for a sequence behind `ahead` others. */
  | { readonly type: 'queued'; readonly ahead: number }
  | { readonly type: 'prompt'; readonly promptTokens: number; readonly omittedMessages: number }
  /** With `promptLogprobs`: the next of the prompt's tokens. */
  | {
      readonly type: 'prompt_tokens';
      readonly tokens: readonly (
        TokenLogprob | { readonly id: number; readonly text: string; readonly logprob: null }
      )[];
    }
  | {
      readonly type: 'text';
      readonly content: string;
      readonly reasoning: string;
      /** All content of earlier events was reasoning: only now came the mark that ends it, and none had begun it. */
      readonly contentWasReasoning?: true;
      readonly logprobs?: readonly TokenLogprob[];
    }
  | { readonly type: 'tool_call'; readonly call: ReplyCall }
  /** Text that looks like a call and is not one. `text` is in the reply's text as well. */
  | { readonly type: 'malformed_tool_call'; readonly text: string; readonly reason: string }
  | { readonly type: 'end'; readonly result: ReplyResult };

const text = z.string().max(MAX_TEXT_LENGTH);
const MAX_MESSAGES = 5000;
/** Texts of one request for vectors or scores. */
export const MAX_TEXTS = 2048;

const textPart = z.strictObject({ type: z.literal('text'), text });
const callId = z.string().min(1).max(128);
const toolName = z.string().regex(/^[\w.-]{1,64}$/, 'expected letters, digits, _, - and .');

/** Files are named by paths, which never come from a page, so a message has texts, calls and results only. */
const partSchema = z.discriminatedUnion('type', [
  textPart,
  z.strictObject({
    type: z.literal('tool_call'),
    call: z.strictObject({ id: callId, name: toolName, arguments: text }),
  }),
  z.strictObject({
    type: z.literal('tool_result'),
    callId,
    name: toolName,
    parts: z.array(textPart).max(MAX_PARTS),
  }),
]);

const conversationSchema = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        content: z.union([text, z.array(partSchema).max(MAX_PARTS)]),
      }),
    )
    .min(1)
    .max(MAX_MESSAGES),
  /** The reply goes on from here, and its events do not repeat it. */
  begun: z.strictObject({ reasoning: text, text }).exactOptional(),
  tools: z
    .array(
      z.strictObject({
        name: toolName,
        description: z.string().max(20_000).exactOptional(),
        /** The JSON schema of an object. */
        parameters: z.record(z.string().max(200), z.unknown()).exactOptional(),
      }),
    )
    .max(256)
    .exactOptional(),
  toolChoice: z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: toolName })]).exactOptional(),
});

/** A conversation for the model's chat template, a raw text to continue, or a prefix and suffix to fill in between. */
const inputSchema = z.union([
  conversationSchema,
  z.strictObject({ rawPrompt: text }),
  z.strictObject({ prefix: text, suffix: text }),
]);

const order = {
  modelId: modelIdSchema,
  /** The program that asks. Programs are served in turn, and after the windows. */
  client: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'expected a name')
    .exactOptional(),
  /** How long the model stays in memory after its last use; 0: not at all; null: for good. Absent: as the settings say. */
  keepMs: z.int().min(0).max(31_536_000_000).nullable().exactOptional(),
};
const template = {
  policy: contextPolicySchema.exactOptional(),
  /** A chat template in place of the model's own. */
  template: z.string().max(1_000_000).exactOptional(),
  /** Variables for the chat template, such as `enable_thinking`. */
  templateOptions: z
    .record(z.string().regex(/^[A-Za-z_]\w{0,63}$/), z.union([z.string().max(10_000), z.number(), z.boolean()]))
    .exactOptional(),
};

/** Why a reply cannot be held to a form, and where in its text that shows, from line 1 and column 1. */
export interface FormProblem {
  readonly error: ErrorBody;
  readonly line?: number;
  readonly column?: number;
}

export const inferenceRoutes = {
  /** A reply, as it is written; the last event is `end`. Leaving ends the reply. Throws model.*, engine.*, template.invalid, busy. */
  'inference.generate': stream(
    z.strictObject({
      ...order,
      ...template,
      input: inputSchema,
      sampling: samplingSchema,
      /** Reports the prompt's tokens, each with so many alternatives. */
      promptLogprobs: z.int().min(0).max(20).exactOptional(),
    }),
  ).emits<ReplyStep>(),
  /** One vector per text, in order; `dimensions` cuts each and normalizes it again. Throws model.*, engine.*, unsupported. */
  'inference.embed': call(
    z.strictObject({
      ...order,
      texts: z.array(text).min(1).max(MAX_TEXTS),
      dimensions: z.int().min(1).max(100_000).exactOptional(),
      normalize: z.boolean().exactOptional(),
    }),
  ).returns<{ readonly vectors: readonly (readonly number[])[]; readonly tokens: number }>(),
  /** One score from 0 to 1 per document, in order. Throws model.*, engine.*, unsupported for a model that is no reranker. */
  'inference.rerank': call(
    z.strictObject({ ...order, query: text, documents: z.array(text).min(1).max(MAX_TEXTS) }),
  ).returns<{ readonly scores: readonly number[] }>(),
  /**
   * The tokens of a text. `special`: texts of special tokens become those tokens; `withEnds`: also those that the vocabulary puts around a
   * text. Throws model.*, engine.*, invalid_input, unsupported.
   */
  'inference.tokenize': call(
    z.strictObject({ ...order, text, special: z.boolean(), withEnds: z.boolean().exactOptional() }),
  ).returns<{
    readonly tokens: readonly { readonly id: number; readonly text: string }[];
  }>(),
  /** The text of tokens. Throws model.*, engine.*, invalid_input for ids outside of the vocabulary. */
  'inference.detokenize': call(
    z.strictObject({ ...order, ids: z.array(z.int().min(0).max(16_777_216)).max(1_000_000) }),
  ).returns<{ readonly text: string }>(),
  /** The number of tokens of a text, or of the prompt of a reply. Throws model.*, engine.*, template.invalid. */
  'inference.count': call(
    z.strictObject({
      ...order,
      of: z.union([z.strictObject({ text }), z.strictObject({ input: inputSchema, ...template })]),
    }),
  ).returns<{ readonly tokens: number }>(),
  /** Whether a reply can be held to a grammar or a JSON schema. Null: it can. */
  'inference.checkForm': call(z.strictObject({ form: samplingSchema.shape.grammar.unwrap() })).returns<{
    readonly problem: FormProblem | null;
  }>(),
};
