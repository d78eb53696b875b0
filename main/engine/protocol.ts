/** What the host and an engine child say to each other: the product's own rpc over the child's IPC channel. */
import type { Sampling } from '../../preload/contract/chat.ts';
import { call, stream, type Schema } from '../../preload/contract/rpc.ts';

export interface LoadRequest {
  readonly modelPath: string;
  /** Tokens. */
  readonly contextSize: number;
  /** Upper bound; the child takes no more than the machine's physical cores. */
  readonly threads: number;
}

export interface LoadedInfo {
  readonly contextSize: number;
  readonly trainedContextSize: number;
  readonly threads: number;
  readonly gpuLayers: number;
  readonly layerCount: number;
  readonly device: string;
  readonly hasChatTemplate: boolean;
}

export type LoadEvent =
  { readonly type: 'progress'; readonly progress: number } | { readonly type: 'ready'; readonly info: LoadedInfo };

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface GenerateRequest {
  /** A conversation for the model's chat template, or a text to go on with as it is. */
  readonly input: { readonly messages: readonly PromptMessage[] } | { readonly rawPrompt: string };
  readonly sampling: Sampling;
}

/** Counts in tokens, times in milliseconds since the request reached the child. */
export interface GenerateResult {
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly promptMs: number;
  readonly generatedTokens: number;
  readonly generateMs: number;
  readonly omittedMessages: number;
  readonly endReason: 'end_of_turn' | 'max_tokens' | 'context_full' | 'stopped';
  readonly seed: number;
}

export type GenerateEvent =
  /** The template is rendered and the prompt is counted: the child is alive and computes. */
  | { readonly type: 'prompt'; readonly promptTokens: number; readonly omittedMessages: number }
  | { readonly type: 'text'; readonly content: string; readonly reasoning: string }
  | { readonly type: 'end'; readonly result: GenerateResult };

/** Both ends are this program's own processes: types suffice. */
function trusted<T>(): Schema<T> {
  return { safeParse: (value) => ({ success: true, data: value as T }) };
}

export const childContract = {
  load: stream(trusted<LoadRequest>()).emits<LoadEvent>(),
  generate: stream(trusted<GenerateRequest>()).emits<GenerateEvent>(),
  /** Ends the reply that is being written; its stream then ends by itself with what is there. */
  stop: call(trusted<Record<never, never>>()).returns<null>(),
  /** Resident memory of the child, in bytes. */
  memory: call(trusted<Record<never, never>>()).returns<number>(),
};
export type ChildContract = typeof childContract;
