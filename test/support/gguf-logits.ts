/** What llama.cpp, as the product ships it, computes for a GGUF file: on the processor, with single precision in the KV cache. */
import { openLlama } from '../../native/library/llama.ts';
import { openSession } from '../../native/library/session.ts';
import { getLlama, LlamaLogLevel, type Llama, type Token } from 'node-llama-cpp';

let started: Promise<Llama> | undefined;

const startLlama = (): Promise<Llama> =>
  (started ??= getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.disabled, maxThreads: 2 }));

/** The ids that greedy decoding adds to one prompt. Loads the file for it. */
export async function computeGreedy(
  modelPath: string,
  ids: readonly number[],
  count: number,
): Promise<readonly number[]> {
  const llama = await startLlama();
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
  try {
    const context = await model.createContext({
      ...{ contextSize: 256, batchSize: 256, sequences: 1, threads: 1, flashAttention: false },
      ...{ experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' },
    });
    const sequence = context.getSequence();
    const greedy: number[] = [];
    const next = { generateNext: { token: true, options: { temperature: 0 } } } as const;
    let input: Parameters<typeof sequence.controlledEvaluate>[0] = [
      ...(ids.slice(0, -1) as Token[]),
      [ids.at(-1) as Token, next],
    ];
    while (greedy.length < count) {
      const token = (await sequence.controlledEvaluate(input)).at(-1)?.next.token;
      if (token === undefined || token === null) throw new Error('llama.cpp gave no token.');
      greedy.push(token);
      input = [[token, next]];
    }
    return greedy;
  } finally {
    await model.dispose();
  }
}

/** The logits behind the last of `ids`, as `llama_get_logits` gives them; one thread, single precision in the cache. */
export async function computeLogits(modelPath: string, ids: readonly number[]): Promise<Float32Array> {
  using session = await openSession(openLlama(), {
    ...{ modelPath, threads: 1, chunkSize: 128, needsNextTokens: false },
    context: { type_k: 0, type_v: 0, flash_attn_type: 0 },
  });
  return (await session.evaluate(Int32Array.from(ids), ids.length - 1, 'given')).slice();
}

/** The pooled vector that llama.cpp gives for the tokens of a text, by the file's `pooling_type`; of the last token without one. */
export async function computeVector(modelPath: string, ids: readonly number[]): Promise<readonly number[]> {
  const llama = await startLlama();
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
  try {
    const context = await model.createEmbeddingContext({ contextSize: 128, batchSize: 128, threads: 1 });
    return (await context.getEmbeddingFor(ids as Token[])).vector;
  } finally {
    await model.dispose();
  }
}

export const largestDifference = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  if (left.length !== right.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < left.length; index++)
    largest = Math.max(largest, Math.abs((left[index] ?? NaN) - (right[index] ?? NaN)));
  return largest;
};
