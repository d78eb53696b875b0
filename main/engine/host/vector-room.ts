/** The memory of a context for vectors, before it is made: the child has one for embeddings and one for ranking, beside that of replies. */
import os from 'node:os';
import type { InputOf } from '../../../preload/wire/rpc.ts';
import { estimateLoad } from '../../model-file/fit.ts';
import type { MemoryUse } from '../../model-file/memory.ts';
import { VECTOR_TOKENS, type ChildContract } from '../protocol.ts';
import type { UsableInstance } from './instance.ts';

export type VectorRoute = 'embed' | 'rerank';

/** The context that a request may need at most, in tokens: a token has at least one byte. */
export function vectorTokensOf(
  input: InputOf<ChildContract, 'embed'> | InputOf<ChildContract, 'rerank'>,
  { loaded }: Pick<UsableInstance, 'loaded'>,
): number {
  const bytes = 'texts' in input ? longest(input.texts) : Buffer.byteLength(input.query) + longest(input.documents);
  const tokens = 2 ** Math.ceil(Math.log2(bytes + VECTOR_TOKENS.marks));
  return Math.min(loaded.info.contextSize, Math.max(VECTOR_TOKENS.least, Math.min(VECTOR_TOKENS.most, tokens)));
}

/** What the model takes with a context of so many tokens that it did not have when its memory was measured; null without its header. */
export function useWithVectors(
  { model, loaded, state }: Pick<UsableInstance, 'model' | 'loaded' | 'state'>,
  tokens: number,
): MemoryUse | null {
  const { summary } = model;
  if (!summary) return null;
  const { kvCacheBytes, computeBytes } = estimateLoad(
    summary,
    // The library gives it the default cache, and pooling needs all tokens in one batch.
    {
      ...{ contextSize: tokens, batchSize: tokens, sequences: 1 },
      ...{ kvCacheType: 'F16', flashAttention: false, gpuLayers: 0 },
    },
    { totalRamBytes: os.totalmem(), freeRamBytes: 0 },
  );
  const gpuShare = loaded.info.gpuLayers / Math.max(1, loaded.info.layerCount);
  const more = kvCacheBytes + computeBytes;
  return { ramBytes: state.memoryBytes + more * (1 - gpuShare), vramBytes: state.vramBytes + more * gpuShare };
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => Buffer.byteLength(text)));
