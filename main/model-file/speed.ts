/**
 * The speed of a model's replies, from the bytes that one token reads and the rate at which this machine reads them. Decoding waits
 * for memory: each token passes all weights once, and a processor computes faster than memory delivers.
 */
import { LEAST_PREDICTED_BYTES } from '../../preload/contract/speed.ts';
import type { ModelSummary } from './model-summary.ts';

/**
 * Share of the rate of a plain search through memory at which quantized weights are read. 0.57 to 1.04 was measured, and a prediction with
 * this share is within 30 % of both (docs/performance.md).
 */
export const ESTIMATED_SHARE = 0.74;
/** Tokens of a typical chat. An automatic context may be four times as large, and most chats never fill it. */
export const TYPICAL_CONTEXT = 8192;

/**
 * Bytes of weights that one token reads: all but the token embeddings, of which it needs one row, and the experts that it does not pass.
 * Embeddings that double as the output layer are read as a whole.
 */
export function weightsReadPerToken(summary: Pick<ModelSummary, 'layers' | 'outputBytes' | 'outputCopyBytes'>): number {
  const inLayers = summary.layers.reduce((sum, layer) => sum + layer.weightsBytes - (layer.idleBytes ?? 0), 0);
  return inLayers + summary.outputBytes + summary.outputCopyBytes;
}

/** The rate in bytes per second at which a measured model read its weights from main memory; null for one that is too small to tell. */
export function readRate(summary: ModelSummary, decodeTokensPerSecond: number): number | null {
  const bytes = weightsReadPerToken(summary);
  return bytes >= LEAST_PREDICTED_BYTES && decodeTokensPerSecond > 0 ? bytes * decodeTokensPerSecond : null;
}

/** The rest of what a prediction needs. */
export interface Reading {
  readonly weightsReadBytes: number;
  /** The KV cache of one chat's whole context. */
  readonly kvCacheBytes: number;
  readonly contextSize: number;
  /** Layers on a GPU, whose rate is not measured. */
  readonly gpuLayers: number;
}

/** Tokens per second of a reply; null while this machine's rate is not known, or does not tell. */
export function predictSpeed(reading: Reading, readBytesPerSecond: number | undefined): number | null {
  // A typical chat, or the context if it has fewer tokens, is read half on average, as it fills.
  const share = Math.min(1, TYPICAL_CONTEXT / Math.max(1, reading.contextSize)) / 2;
  const bytes = reading.weightsReadBytes + reading.kvCacheBytes * share;
  if (readBytesPerSecond === undefined || reading.gpuLayers > 0) return null;
  // A small model is faster than memory, because it stays in the processor's cache.
  return bytes >= LEAST_PREDICTED_BYTES ? readBytesPerSecond / bytes : null;
}
