/** How a model sits in memory: weights, cache and compute buffers against what is free. */
import type { Fit, FitVerdict } from '../../preload/contract/models.ts';
import type { ModelSummary } from './model-summary.ts';

export interface FreeMemory {
  readonly freeRamBytes: number;
  readonly totalRamBytes: number;
}

/** Tokens that a chat gets where the model allows: enough for a long talk, little enough that the cache stays small. */
export const DEFAULT_CONTEXT_SIZE = 8192;
/** The F16 cache that llama.cpp makes by default. */
const KV_ELEMENT_BYTES = 2;
/** llama.cpp's batch of tokens that one pass computes, by default. */
const BATCH_SIZE = 512;
/** What the engine's process takes before any model: measured resident size of the child with nothing loaded. */
const PROCESS_BYTES = 110_000_000;

/** The context a model is loaded with when nobody says otherwise. */
export function defaultContextSize(trainedContextLength: number | null): number {
  return Math.min(trainedContextLength ?? DEFAULT_CONTEXT_SIZE, DEFAULT_CONTEXT_SIZE);
}

function judge(neededBytes: number, memory: FreeMemory): { verdict: FitVerdict; reason: string } {
  const needed = gigabytes(neededBytes);
  if (neededBytes > memory.totalRamBytes * 0.95)
    return {
      verdict: 'too_big',
      reason: `Needs about ${needed}; this computer has ${gigabytes(memory.totalRamBytes)} of memory.`,
    };
  if (neededBytes > memory.freeRamBytes)
    return {
      verdict: 'tight',
      reason: `Needs about ${needed}; ${gigabytes(memory.freeRamBytes)} is free just now. Close other programs first, or take a smaller file.`,
    };
  if (neededBytes > memory.freeRamBytes * 0.85)
    return {
      verdict: 'tight',
      reason: `Needs about ${needed} of the ${gigabytes(memory.freeRamBytes)} that is free. Other programs may become slow.`,
    };
  return { verdict: 'fits', reason: `Needs about ${needed}; ${gigabytes(memory.freeRamBytes)} is free.` };
}

/** Decimal, as the Hub writes sizes. */
function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return value < 0.1 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${value.toFixed(value < 10 ? 1 : 0)} GB`;
}

function fit(
  parts: { weightsBytes: number; kvCacheBytes: number; computeBytes: number; contextSize: number; basis: Fit['basis'] },
  memory: FreeMemory,
): Fit {
  const needed = parts.weightsBytes + parts.kvCacheBytes + parts.computeBytes;
  return { ...parts, ...judge(needed, memory), ...memory };
}

/** From a header: exact weights, the cache that this context takes, and the buffers of one batch. */
export function fitFromSummary(
  summary: ModelSummary,
  memory: FreeMemory,
  contextSize = defaultContextSize(summary.contextLength),
): Fit {
  const kvCacheBytes = (summary.kvElementsPerToken ?? 0) * KV_ELEMENT_BYTES * contextSize;
  // One batch of logits and some activations as wide as the embedding, in F32.
  const computeBytes =
    PROCESS_BYTES + BATCH_SIZE * 4 * ((summary.vocabularySize ?? 32_000) + 8 * (summary.embeddingLength ?? 4096));
  return fit({ weightsBytes: summary.weightsBytes, kvCacheBytes, computeBytes, contextSize, basis: 'header' }, memory);
}

/**
 * From a file's size alone, before its header is known. The cache is taken as for a dense model with grouped heads:
 * about 128 KB a token for 8 billion parameters, less below.
 */
export function fitFromFileSize(
  file: { sizeBytes: number; parameterCount: number | null; contextLength: number | null },
  memory: FreeMemory,
): Fit {
  const contextSize = defaultContextSize(file.contextLength);
  const parameters = file.parameterCount ?? file.sizeBytes / 0.6; // about 4.8 bits a weight, the usual download
  const kvBytesPerToken = Math.min(131_072, (parameters / 8e9) ** 0.5 * 131_072);
  return fit(
    {
      weightsBytes: file.sizeBytes,
      kvCacheBytes: Math.round(kvBytesPerToken * contextSize),
      computeBytes: PROCESS_BYTES + Math.min(400_000_000, Math.round(file.sizeBytes * 0.1)),
      contextSize,
      basis: 'file_size',
    },
    memory,
  );
}
