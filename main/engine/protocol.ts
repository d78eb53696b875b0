/** What the host and an engine child say to each other: the product's own rpc over the child's IPC channel. */
import type { ContextMakeUp, ContextPolicy, Sampling, Timing, TokenLogprob } from '../../preload/contract/chat.ts';
import type { PromptPiece } from '../../preload/contract/engine.ts';
import type { KvCacheType } from '../../preload/contract/model.ts';
import { call, stream, type Schema } from '../../preload/wire/rpc.ts';

/**
 * Environment variable of a child: which set of llama.cpp libraries it starts. It starts them before a model is named, so this
 * cannot be part of the load. `cpu` when absent; `auto` takes what node-llama-cpp finds.
 */
export const BACKEND_VARIABLE = 'HEARTH_ENGINE_BACKEND';
/** Environment variable of a child: `FOLDER#VERSION` of llama.cpp packages that were fetched on demand. */
export const PACKAGES_VARIABLE = 'HEARTH_ENGINE_PACKAGES';
export type ChildBackend = 'cpu' | 'auto' | 'cuda' | 'vulkan' | 'metal';

/** The contract's LoadSettings with every choice made. */
export interface LoadRequest {
  readonly modelPath: string;
  /** Tokens of one sequence; the context takes `sequences` times as many. */
  readonly contextSize: number;
  readonly sequences: number;
  readonly gpuLayers: number;
  readonly kvCacheType: KvCacheType;
  readonly flashAttention: boolean | 'auto';
  /** Tokens that are evaluated at once. */
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
  /** Where the child may keep states of system prompts for as long as it lives; null keeps none. */
  readonly scratchFolder: string | null;
}

/** What the load became. */
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
  /** Plain sentences for people: a template that is set aside, a draft model that does not match. */
  readonly notes: readonly string[];
  /** Same for states that may be exchanged: model file, settings that shape the state, llama.cpp's build. */
  readonly stateKey: string;
}

export type LoadEvent =
  { readonly type: 'progress'; readonly progress: number } | { readonly type: 'ready'; readonly info: LoadedInfo };

/** A function that the model may call. `parameters` is the JSON schema of an object. */
export interface ToolDefinition {
  /** Letters, digits, `_`, `-` and `.`, 64 at most. */
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  /** Nine letters and digits: what Mistral's templates insist on, and others take. */
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A file of a message, to be read by the child. */
export interface PromptFile {
  readonly path: string;
  /** For people. */
  readonly name: string;
  readonly mediaType: string;
}
export interface PromptText {
  readonly type: 'text';
  readonly text: string;
}
export type PromptMedia = PromptFile & { readonly type: 'image' | 'audio' };

export type PromptPart =
  | PromptText
  | PromptMedia
  /** Of an assistant's message. */
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  /** Of a tool's message: what the function answered. */
  | {
      readonly type: 'tool_result';
      readonly callId: string;
      readonly name: string;
      readonly parts: readonly (PromptText | PromptMedia)[];
    };

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** A string stands for one part of text. */
  readonly content: string | readonly PromptPart[];
}

/** `none` leaves the tools out; `required` and a name force one call, by a grammar that also small models cannot leave. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export interface ConversationInput {
  readonly messages: readonly PromptMessage[];
  readonly tools?: readonly ToolDefinition[];
  /** Default: auto. */
  readonly toolChoice?: ToolChoice;
}

/** A conversation for the model's chat template, a text to go on with as it is, or a hole in a text to fill. */
export type GenerateInput =
  ConversationInput | { readonly rawPrompt: string } | { readonly prefix: string; readonly suffix: string };

/** A chat's state on disk, as `saveState` answered it. A state that does not match in every respect is not used. */
export interface StateFile {
  readonly path: string;
  readonly stateKey: string;
  readonly tokenCount: number;
  readonly tokenHash: string;
  readonly sizeBytes: number;
}

export interface GenerateRequest {
  /** Chosen by the caller, for `stop`; one that nobody stops needs none. */
  readonly requestId?: string;
  readonly input: GenerateInput;
  readonly sampling: Sampling;
  /** Whose state in the context this goes on from and becomes; absent: nobody's, and any free one may be used. */
  readonly chatKey?: string;
  /** Used when the context holds nothing better of this chat. */
  readonly state?: StateFile;
  /** A window goes before API work. Default: window. */
  readonly priority?: 'window' | 'api';
  /** Who asks: API work is fair between these. */
  readonly client?: string;
  /** Default: roll. */
  readonly policy?: ContextPolicy;
  /** Takes the plain form of turns in place of the model's own template, after a `template.invalid`. */
  readonly plainTemplate?: boolean;
}

/** Counts in tokens, times in milliseconds since the request reached the child. */
export type GenerateResult = Omit<Timing, 'firstTokenMs' | 'endReason'> & {
  readonly makeUp: ContextMakeUp;
  readonly endReason: Exclude<Timing['endReason'], 'failed'>;
  /** The calls in the reply, in order; absent when there are none. The reply's text is without them. */
  readonly toolCalls?: readonly ToolCall[];
  /** The stop text that ended it. */
  readonly stopText?: string;
  /** Of `reusedTokens`, those that came from a file. */
  readonly restoredTokens: number;
  /** Waited for a free sequence. */
  readonly queuedMs: number;
};

export type GenerateEvent =
  /** It waits for a sequence behind `ahead` others. */
  | { readonly type: 'queued'; readonly ahead: number }
  /** The template is rendered and the prompt is counted: the child is alive and computes. */
  | { readonly type: 'prompt'; readonly promptTokens: number; readonly omittedMessages: number }
  | {
      readonly type: 'text';
      readonly content: string;
      readonly reasoning: string;
      /** With `sampling.logprobs`: the tokens since the last event. */
      readonly logprobs?: readonly TokenLogprob[];
    }
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  /** What looks like a call and is none; `text` is part of the reply's text, and came as such. */
  | { readonly type: 'malformed_tool_call'; readonly text: string; readonly reason: string }
  | { readonly type: 'end'; readonly result: GenerateResult };

export interface RenderedPrompt {
  readonly text: string;
  readonly pieces: readonly PromptPiece[];
  readonly contextSize: number;
  readonly promptTokens: number;
  readonly omittedMessages: number;
  readonly makeUp: ContextMakeUp;
  readonly overflow?: NonNullable<Timing['overflow']>;
}

/** Thread counts and the size of a step, from the next batch on. */
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

export interface ChildMemory {
  readonly rssBytes: number;
  readonly vramBytes: number;
}

export interface Pulse {
  readonly activeSequences: number;
  readonly queued: number;
  /** Since the last batch was computed while there is work; null while there is none. A child that hangs grows this. */
  readonly idleMs: number | null;
}

/** What a child's libraries found on this machine. Bytes are of all its GPUs together. */
export interface DeviceReport {
  readonly backend: Exclude<ChildBackend, 'auto'>;
  readonly gpuNames: readonly string[];
  readonly totalVramBytes: number;
  readonly freeVramBytes: number;
  /** The GPU's memory is the computer's own. */
  readonly unifiedMemory: boolean;
  /** Instructions of the processor that are in use, such as AVX2. */
  readonly cpuFeatures: readonly string[];
}

/** Both ends are this program's own processes: types suffice. */
function trusted<T>(): Schema<T> {
  return { safeParse: (value) => ({ success: true, data: value as T }) };
}
type Nothing = Record<never, never>;

export const childContract = {
  load: stream(trusted<LoadRequest>()).emits<LoadEvent>(),
  /**
   * Throws busy (the queue is full), engine.context_full, template.invalid, invalid_input (a grammar that is none), unsupported (an
   * image or audio that the model does not take).
   */
  generate: stream(trusted<GenerateRequest>()).emits<GenerateEvent>(),
  /** Ends the reply of that id, or every one; their streams then end by themselves with what is there. */
  stop: call(trusted<{ readonly requestId?: string }>()).returns<null>(),
  /** The prompt that `generate` would make of this, in pieces by origin; nothing is evaluated. */
  prompt: call(trusted<Pick<GenerateRequest, 'input' | 'policy' | 'plainTemplate'>>()).returns<RenderedPrompt>(),
  /** Memory of the child, in bytes. */
  memory: call(trusted<Nothing>()).returns<ChildMemory>(),
  ping: call(trusted<Nothing>()).returns<Pulse>(),
  /** Throws engine.start_failed when the libraries cannot be opened. */
  devices: call(trusted<Nothing>()).returns<DeviceReport>(),
  setTuning: call(trusted<Tuning>()).returns<Tuning>(),
  /**
   * Measures each of the candidates on a sequence that is cleared for it, for at most `budgetMs` in all, and changes nothing
   * for good. Throws busy while anything is written.
   */
  measure: call(
    trusted<{
      readonly decodeThreads: readonly number[];
      readonly promptThreads: readonly number[];
      readonly batchSizes: readonly number[];
      readonly budgetMs: number;
    }>(),
  ).returns<{ readonly measured: readonly Measurement[] }>(),
  /** Writes the state of a chat to a file; null when the context holds none of it, or it is being written. */
  saveState: call(trusted<{ readonly chatKey: string; readonly path: string }>()).returns<StateFile | null>(),
  /** Forgets a chat's state in the context. */
  dropState: call(trusted<{ readonly chatKey: string }>()).returns<null>(),
  tokenize: call(trusted<{ readonly text: string; readonly special: boolean }>()).returns<{
    readonly tokens: readonly { readonly id: number; readonly text: string }[];
  }>(),
  detokenize: call(trusted<{ readonly tokens: readonly number[]; readonly special: boolean }>()).returns<{
    readonly text: string;
  }>(),
  /** One vector per text, in order. `dimensions` cuts and normalises again; `normalize` default true. */
  embed: call(
    trusted<{
      readonly texts: readonly string[];
      readonly dimensions?: number;
      readonly normalize?: boolean;
    }>(),
  ).returns<{ readonly vectors: readonly (readonly number[])[]; readonly tokens: number }>(),
  /** One score from 0 to 1 per document, in order. Throws unsupported for a model that is no reranker. */
  rerank: call(trusted<{ readonly query: string; readonly documents: readonly string[] }>()).returns<{
    readonly scores: readonly number[];
  }>(),
};
export type ChildContract = typeof childContract;
