/** The contract between the host and an engine child: the product's own rpc over the child's IPC channel. */
import type { ContextMakeUp, ContextPolicy, Sampling, Timing, TokenLogprob } from '../../preload/contract/chat.ts';
import type { PromptPiece } from '../../preload/contract/engine.ts';
import type { LoadNote } from '../../preload/contract/load-notes.ts';
import type { KvCacheType } from '../../preload/contract/model.ts';
import type { ToolCall, ConversationInput } from '../chat-format/messages.ts';
import { call, stream, trusted } from '../../preload/wire/rpc.ts';

/**
 * Environment variable of a child: the set of llama.cpp libraries that it starts. A child starts them before it gets a model, so this
 * cannot be a setting of the load. Default: `cpu`. `auto` is node-llama-cpp's own choice.
 */
export const BACKEND_VARIABLE = 'HEARTH_ENGINE_BACKEND';
/** Environment variable of a child: `FOLDER#VERSION` of the llama.cpp packages that were fetched on demand. */
export const PACKAGES_VARIABLE = 'HEARTH_ENGINE_PACKAGES';
export type ChildBackend = 'cpu' | 'auto' | 'cuda' | 'vulkan' | 'metal';

/** The contract's LoadSettings with all defaults resolved. */
export interface LoadRequest {
  readonly modelPath: string;
  /** Tokens of one sequence; the context holds `sequences` times as many. */
  readonly contextSize: number;
  readonly sequences: number;
  readonly gpuLayers: number;
  readonly kvCacheType: KvCacheType;
  readonly flashAttention: boolean | 'auto';
  /** Limit for the tokens of one step. */
  readonly batchSize: number;
  /** Upper bounds; the child takes no more than the machine's physical cores. */
  readonly decodeThreads: number;
  readonly promptThreads: number;
  readonly mmap: boolean;
  readonly mlock: boolean;
  readonly speculation:
    | { readonly kind: 'off' }
    | { readonly kind: 'lookup' }
    | { readonly kind: 'draft'; readonly modelPath: string; readonly gpuLayers: number };
  readonly loras: readonly { readonly path: string; readonly scale: number }[];
  /** Folder for states of system prompts, which the child keeps for as long as it lives; null keeps none. */
  readonly scratchFolder: string | null;
}

/** The loaded model, with the settings that it really has. */
export interface LoadedInfo {
  readonly contextSize: number;
  readonly trainedContextSize: number;
  readonly sequences: number;
  readonly decodeThreads: number;
  readonly promptThreads: number;
  readonly batchSize: number;
  readonly kvCacheType: KvCacheType;
  readonly flashAttention: boolean;
  readonly gpuLayers: number;
  readonly layerCount: number;
  /** "CPU", or the GPU's name. */
  readonly device: string;
  /** Of the device's memory, for weights and context together; 0 without a GPU. */
  readonly vramBytes: number;
  readonly hasChatTemplate: boolean;
  /** A template that does not work, a draft model that does not match. */
  readonly notes: readonly LoadNote[];
  /** Equal for loads that may exchange states: model file, settings that shape the state, llama.cpp's build. */
  readonly stateKey: string;
}

export type LoadEvent =
  { readonly type: 'progress'; readonly progress: number } | { readonly type: 'ready'; readonly info: LoadedInfo };

/**
 * A conversation for the model's chat template, a raw text or its tokens to continue, or a prefix and suffix to fill in between. Tokens are
 * taken as they are: nothing is put before them. What the model writes to a raw prompt is all content, marks of reasoning included.
 */
export type GenerateInput =
  | ConversationInput
  | { readonly rawPrompt: string | readonly number[] }
  | { readonly prefix: string; readonly suffix: string };

/** A chat's state on disk, as `saveState` returned it. A state that does not match in every respect is not used. */
export interface StateFile {
  readonly path: string;
  readonly stateKey: string;
  readonly tokenCount: number;
  readonly tokenHash: string;
  readonly sizeBytes: number;
}

export interface GenerateRequest {
  /** Chosen by the caller, for `stop`. */
  readonly requestId?: string;
  readonly input: GenerateInput;
  readonly sampling: Sampling;
  /** The chat whose state in the context is continued. Absent: the reply belongs to no chat, and any free sequence may be used. */
  readonly chatKey?: string;
  /** Used where it has more of the prompt than the context. */
  readonly state?: StateFile;
  /** Windows are served before API work. Default: window. */
  readonly priority?: 'window' | 'api';
  /** API work is fair between clients. */
  readonly client?: string;
  /** Default: roll. */
  readonly policy?: ContextPolicy;
  /** Uses the plain form of a prompt instead of the model's own template, after a `template.invalid`. */
  readonly plainTemplate?: boolean;
  /** A chat template (Jinja) in place of the model's own, for this request. */
  readonly template?: string;
  /** Variables for the chat template, such as `enable_thinking` or `reasoning_effort`. Names that the template has anyway are refused. */
  readonly templateOptions?: Readonly<Record<string, string | number | boolean>>;
  /** Reports the prompt's tokens, each with so many alternatives (0 to 20), before the reply. None of them is taken from an earlier reply. */
  readonly promptLogprobs?: number;
}

/** What the prompt of a reply is made of. */
export type PromptRequest = Pick<
  GenerateRequest,
  'input' | 'policy' | 'plainTemplate' | 'template' | 'templateOptions'
>;

/** A token of a prompt with its probability behind the tokens before it. The first token has none. */
export type PromptToken = TokenLogprob | { readonly id: number; readonly text: string; readonly logprob: null };

/** Counts in tokens, times in milliseconds since the request reached the child. */
export type GenerateResult = Omit<Timing, 'firstTokenMs' | 'endReason'> & {
  readonly endReason: Exclude<Timing['endReason'], 'failed'>;
  /** The calls in the reply, in order; absent when there are none. The text does not contain them. */
  readonly toolCalls?: readonly ToolCall[];
  /** The stop text that ended the reply. */
  readonly stopText?: string;
  /** Those of `reusedTokens` that came from a file. */
  readonly restoredTokens: number;
  /** Spent waiting for a free sequence. */
  readonly queuedMs: number;
  /** Those of `generatedTokens` that are reasoning, its marks included. Absent where a provider elsewhere does not tell. */
  readonly reasoningTokens?: number;
};

export type GenerateEvent =
  /**
   * The request waits for a sequence behind `ahead` others. With `waitMs` it is a server elsewhere that has no room and is asked again
   * after that time; it does not tell how many are ahead, and `ahead` is 0.
   */
  | { readonly type: 'queued'; readonly ahead: number; readonly waitMs?: number }
  /** The reply has its sequence, and its prompt is being evaluated. A server elsewhere tells the prompt's length at the end: it is 0 here. */
  | { readonly type: 'prompt'; readonly promptTokens: number; readonly omittedMessages: number }
  /** With `promptLogprobs`: the next of the prompt's tokens, in order. All come before the first text. */
  | { readonly type: 'prompt_tokens'; readonly tokens: readonly PromptToken[] }
  | {
      readonly type: 'text';
      readonly content: string;
      readonly reasoning: string;
      /** All content of earlier events was reasoning: only now came the mark that ends it, and none had begun it. */
      readonly contentWasReasoning?: true;
      /** With `sampling.logprobs`: the tokens since the last event. */
      readonly logprobs?: readonly TokenLogprob[];
    }
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  /** Text that looks like a call and is not one. `text` is in the reply's text as well. */
  | { readonly type: 'malformed_tool_call'; readonly text: string; readonly reason: string }
  | { readonly type: 'end'; readonly result: GenerateResult };

export interface RenderedPrompt {
  readonly text: string;
  readonly pieces: readonly PromptPiece[];
  readonly contextSize: number;
  readonly promptTokens: number;
  /** As in the result of a reply to this prompt. */
  readonly promptHash?: string;
  readonly omittedMessages: number;
  /** The first of them, counted from 0 without the system text. */
  readonly omittedFrom: number;
  readonly makeUp: ContextMakeUp;
  readonly overflow?: NonNullable<Timing['overflow']>;
}

/** Thread counts and step size. Valid from the next batch on. */
export interface Tuning {
  readonly decodeThreads: number;
  readonly promptThreads: number;
  /** At most the batch size that the model was loaded with. */
  readonly batchSize: number;
}

export interface Measurement {
  readonly phase: 'decode' | 'prompt';
  readonly threads: number;
  readonly batchSize: number;
  readonly tokensPerSecond: number;
}

/** What one sample of a benchmark computes, as llama-bench's tests `pp` and `tg`: from an empty context, with these threads. */
export interface BenchOrder {
  readonly promptTokens: number;
  /** Tokens of a reply, which follow the prompt, or one token where there is none. */
  readonly replyTokens: number;
  readonly threads: number;
}

/** 0 for what was not ordered. */
export interface BenchSample {
  readonly promptMs: number;
  readonly replyMs: number;
}

/**
 * Tokens of a context for vectors. Pooling needs all tokens of a text at once, so it is evaluated in one batch, whose buffers take memory
 * beside that of the load: a few hundred kilobytes per token for a large model. `marks`: around a query and a document.
 */
export const VECTOR_TOKENS = { least: 512, most: 8192, marks: 16 } as const;

export interface ChildMemory {
  readonly rssBytes: number;
  readonly vramBytes: number;
}

export interface Pulse {
  readonly activeSequences: number;
  readonly queued: number;
  /**
   * For how long a batch has been due without one being computed; null while none is due. Waits for a reader, for a slot and for a
   * state on disk do not count. It grows without end in a child that hangs.
   */
  readonly idleMs: number | null;
  /** For how long one token has been being chosen, in milliseconds; null while none is. */
  readonly samplingMs: number | null;
  /** The same where a grammar chooses it; absent while none does. */
  readonly grammarMs?: number;
}

/** The devices that a child's libraries found. Bytes are of all GPUs together. */
export interface DeviceReport {
  readonly backend: Exclude<ChildBackend, 'auto'>;
  readonly gpuNames: readonly string[];
  readonly totalVramBytes: number;
  readonly freeVramBytes: number;
  /** The GPU shares the computer's memory. */
  readonly unifiedMemory: boolean;
  /** Instruction sets of the processor that are in use, such as AVX2. */
  readonly cpuFeatures: readonly string[];
}

type Nothing = Record<never, never>;

export const childContract = {
  load: stream(trusted<LoadRequest>()).emits<LoadEvent>(),
  /**
   * With `maxTokens` 0 only the prompt is evaluated. Throws busy (the queue is full), engine.context_full, template.invalid, invalid_input (a malformed grammar), unsupported (an
   * image or audio that the model does not take).
   */
  generate: stream(trusted<GenerateRequest>()).emits<GenerateEvent>(),
  /** Stops the reply of that id, or all of them. Their streams still end with an `end`. */
  stop: call(trusted<{ readonly requestId?: string }>()).returns<null>(),
  /** The prompt that `generate` would evaluate, in pieces by origin. */
  prompt: call(trusted<PromptRequest>()).returns<RenderedPrompt>(),
  /** Memory of the child, in bytes. */
  memory: call(trusted<Nothing>()).returns<ChildMemory>(),
  ping: call(trusted<Nothing>()).returns<Pulse>(),
  /** Throws engine.start_failed when the libraries cannot be opened. */
  devices: call(trusted<Nothing>()).returns<DeviceReport>(),
  setTuning: call(trusted<Tuning>()).returns<Tuning>(),
  /**
   * Measures each candidate on a sequence that is cleared for it, for at most `budgetMs` in all. The tuning is the same afterwards.
   * Throws busy while a reply is written or waits.
   */
  measure: call(
    trusted<{
      readonly decodeThreads: readonly number[];
      readonly promptThreads: readonly number[];
      readonly batchSizes: readonly number[];
      readonly budgetMs: number;
    }>(),
  ).returns<{ readonly measured: readonly Measurement[] }>(),
  /** One sample of a benchmark. Throws busy while a reply is written or waits, engine.context_full where the context has too few tokens. */
  bench: call(trusted<BenchOrder>()).returns<BenchSample>(),
  /** Writes the state of a chat to a file; null when the context does not hold it, or its reply is being written. */
  saveState: call(trusted<{ readonly chatKey: string; readonly path: string }>()).returns<StateFile | null>(),
  /** Drops a chat's state from the context. */
  dropState: call(trusted<{ readonly chatKey: string }>()).returns<null>(),
  /** Throws invalid_input for a text that is too long. */
  tokenize: call(
    trusted<{
      readonly text: string;
      readonly special: boolean;
      readonly withEnds?: boolean;
      readonly asPieces?: boolean;
    }>(),
  ).returns<{
    readonly tokens: readonly { readonly id: number; readonly text: string; readonly bytes?: readonly number[] }[];
  }>(),
  /** Throws invalid_input for too many tokens, and for a number that is no token of the vocabulary. */
  detokenize: call(
    trusted<{ readonly tokens: readonly number[]; readonly special: boolean; readonly asPieces?: boolean }>(),
  ).returns<{
    readonly text: string;
  }>(),
  /** One vector per text, in order. `dimensions` cuts them and normalizes again; `normalize` default true. */
  embed: call(
    trusted<{
      readonly texts: readonly string[];
      readonly dimensions?: number;
      readonly normalize?: boolean;
    }>(),
  ).returns<{ readonly vectors: readonly (readonly number[])[]; readonly tokens: number }>(),
  /** One score from 0 to 1 per document, in order. Throws unsupported unless the model is a reranker. */
  rerank: call(trusted<{ readonly query: string; readonly documents: readonly string[] }>()).returns<{
    readonly scores: readonly number[];
  }>(),
};
export type ChildContract = typeof childContract;
