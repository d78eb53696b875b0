/** What llama.cpp, as the product ships it, computes for a GGUF file: on the processor, with single precision in the KV cache. */
import { openLlama } from '../../native/library/llama.ts';
import { openSession } from '../../native/library/session.ts';
import { getLlama, LlamaLogLevel, type Llama, type Token } from 'node-llama-cpp';

export interface Computed {
  /** The logarithm of each token's probability after the last one. */
  readonly logprobs: Float64Array;
  /** The ids that greedy decoding adds. */
  readonly greedy: readonly number[];
}

let started: Promise<Llama> | undefined;

const startLlama = (): Promise<Llama> =>
  (started ??= getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.disabled, maxThreads: 2 }));

/** Loads the file for one prompt. */
export async function computeNext(modelPath: string, ids: readonly number[], greedyCount: number): Promise<Computed> {
  const llama = await startLlama();
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
  try {
    const context = await model.createContext({
      ...{ contextSize: 256, batchSize: 256, sequences: 1, threads: 1, flashAttention: false },
      ...{ experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' },
    });
    const sequence = context.getSequence();
    const greedy: number[] = [];
    const first = ids.slice(0, -1) as Token[];
    let last = ids.at(-1) as Token;
    const output = await sequence.controlledEvaluate([
      ...first,
      [last, { generateNext: { token: true, probabilities: true, options: { temperature: 0 } } }],
    ]);
    const next = output.at(-1)?.next;
    if (next?.probabilities === undefined) throw new Error('llama.cpp gave no probabilities.');
    const logprobs = new Float64Array(next.probabilities.size);
    for (const [token, probability] of next.probabilities) logprobs[token] = Math.log(probability);
    last = next.token as Token;
    while (greedy.length < greedyCount) {
      greedy.push(last);
      const step = await sequence.controlledEvaluate([
        [last, { generateNext: { token: true, options: { temperature: 0 } } }],
      ]);
      last = step.at(-1)?.next.token as Token;
    }
    return { logprobs, greedy };
  } finally {
    await model.dispose();
  }
}

/** The logits behind the last of `ids`, as `llama_get_logits` gives them; one thread, single precision in the cache. The first id is the one that begins a text. */
export async function computeLogits(modelPath: string, ids: readonly number[]): Promise<Float32Array> {
  using session = await openSession(openLlama(), {
    ...{ modelPath, threads: 1, chunkSize: 128, needsNextTokens: false },
    context: { type_k: 0, type_v: 0, flash_attn_type: 0 },
  });
  return (await session.evaluate(Int32Array.from(ids), ids.length - 1)).slice();
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

/** Logits as logarithms of probabilities. */
export function logSoftmax(logits: readonly number[]): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
  return Float64Array.from(logits, (logit) => logit - total);
}

export const largestDifference = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  if (left.length !== right.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < left.length; index++)
    largest = Math.max(largest, Math.abs((left[index] ?? NaN) - (right[index] ?? NaN)));
  return largest;
};
