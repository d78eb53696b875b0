/** The contract between main and the native child, over the child's IPC channel. A child does one piece of work and is ended, or keeps one vocabulary. */
import type { EncodedToken } from '../preload/contract/convert.ts';
import { call, stream, trusted } from '../preload/wire/rpc.ts';

export interface QuantizeSettings {
  /** A GGUF file, or the first shard of a model. */
  readonly inputPath: string;
  /** A name of llama.cpp's file types, such as `Q4_K_M`. */
  readonly fileType: string;
  readonly threads: number;
  /** Every tensor in the file's type, instead of the mixture that llama.cpp chooses. */
  readonly pure?: boolean;
  /** Names of ggml's types, such as `Q6_K`. Null or absent: as the mixture has it. */
  readonly outputTensorType?: string | null;
  readonly embeddingTensorType?: string | null;
  /** Types of the tensors whose names match a regular expression; the first match counts. */
  readonly tensorTypes?: readonly { readonly pattern: string; readonly type: string }[];
  /** Layers to leave out, counted from 0. */
  readonly pruneLayers?: readonly number[];
  /** Leaves `output.weight` as it is. */
  readonly keepOutputTensor?: boolean;
  /** Writes as many shards as the input has, instead of one file. */
  readonly keepSplit?: boolean;
  /** Whether tensors that are quantized already may be quantized again. */
  readonly allowRequantize?: boolean;
  /** An importance matrix in a GGUF file. */
  readonly imatrixPath?: string | null;
}

export interface QuantizeRequest extends QuantizeSettings {
  /** Ends with `.gguf`. Several shards get their numbers before that. */
  readonly outputPath: string;
}

export interface QuantizedTensor {
  readonly name: string;
  /** In ggml's order. */
  readonly shape: readonly number[];
  readonly fromType: string;
  readonly toType: string;
  /** In the output. */
  readonly sizeBytes: number;
}

export interface QuantizePlan {
  readonly tensors: readonly QuantizedTensor[];
  /** Exactly what the output will have, for each of its files. */
  readonly fileBytes: readonly number[];
  readonly sizeBytes: number;
  /** The first tensor whose type is of no use without an importance matrix for it. */
  readonly needsImatrix: string | null;
}

export type QuantizeEvent =
  | {
      readonly type: 'tensor';
      /** From 0. */
      readonly index: number;
      readonly count: number;
      readonly name: string;
      /** Bytes of the output before this tensor, and all of them. */
      readonly doneBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly type: 'done';
      /** Names of the files that were written into the folder of `outputPath`, and their sizes. */
      readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
    };

export interface ImatrixRequest {
  readonly modelPath: string;
  readonly outputPath: string;
  readonly text: string;
  /** Recorded in the file as the data set. */
  readonly textName: string;
  readonly threads: number;
  /** Tokens of a chunk; less for a model that was trained on shorter texts. */
  readonly chunkSize: number;
  /** Null: as many as the text has. */
  readonly chunkLimit: number | null;
}

export type ImatrixEvent =
  | { readonly type: 'progress'; readonly chunk: number; readonly chunkCount: number }
  | { readonly type: 'done'; readonly chunkCount: number; readonly entryCount: number; readonly sizeBytes: number };

export interface EvaluateRequest {
  readonly modelPath: string;
  readonly text: string;
  readonly threads: number;
  /** As for an importance matrix. The second half of each chunk is measured. */
  readonly chunkSize: number;
  readonly chunkLimit: number | null;
  /** `write`: keeps what this model answers in a file. `compare`: compares with what another one answered. */
  readonly reference: { readonly kind: 'write' | 'compare'; readonly path: string } | null;
}

/** Means with their standard errors, as llama-perplexity defines them. */
export interface Evaluation {
  readonly tokenCount: number;
  readonly chunkCount: number;
  readonly perplexity: number;
  readonly perplexityError: number;
  /** In nats; null without a reference. */
  readonly klDivergence: number | null;
  readonly klDivergenceError: number | null;
  /** The share of positions where the likeliest token is the reference's, from 0 to 1. */
  readonly topAgreement: number | null;
  readonly topAgreementError: number | null;
  readonly promptTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
}

export type EvaluateEvent =
  | {
      readonly type: 'progress';
      readonly chunk: number;
      readonly chunkCount: number;
      /** So far; null before the first chunk is done. */
      readonly perplexity: number | null;
    }
  | ({ readonly type: 'done' } & Evaluation);

export interface TokenizeRequest {
  readonly modelPath: string;
  readonly texts: readonly string[];
  /** Whether the tokens are added that the model wants around a text. */
  readonly addSpecialTokens: boolean;
}

export interface TokenizeResult {
  /** Of each text, in order. Places are in UTF-16 units, and null for a token that no text stands for. */
  readonly results: readonly { readonly tokens: readonly EncodedToken[] }[];
  /** Tokens of the tokenizer, without those that only fill the model's table up. */
  readonly vocabularySize: number;
}

export interface DetokenizeRequest {
  readonly modelPath: string;
  readonly batch: readonly (readonly number[])[];
  readonly skipSpecialTokens: boolean;
}

export interface DetokenizeResult {
  readonly texts: readonly string[];
}

export const nativeContract = {
  ping: call(trusted<Record<string, never>>()).returns<null>(),
  'native.plan': call(trusted<QuantizeSettings>()).returns<QuantizePlan>(),
  'native.quantize': stream(trusted<QuantizeRequest>()).emits<QuantizeEvent>(),
  'native.imatrix': stream(trusted<ImatrixRequest>()).emits<ImatrixEvent>(),
  'native.evaluate': stream(trusted<EvaluateRequest>()).emits<EvaluateEvent>(),
  'native.tokenize': call(trusted<TokenizeRequest>()).returns<TokenizeResult>(),
  'native.detokenize': call(trusted<DetokenizeRequest>()).returns<DetokenizeResult>(),
};
export type NativeContract = typeof nativeContract;
