/** How fast a loaded model reads and writes with each thread count and step: what calibration chooses from. Runs in the child. */
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import type { Measurement, Tuning } from '../protocol.ts';

export interface Candidates {
  readonly decodeThreads: readonly number[];
  readonly promptThreads: readonly number[];
  readonly batchSizes: readonly number[];
  /** No further candidate is begun after it. */
  readonly budgetMs: number;
}

/** Measures on a sequence that nobody needs, and leaves it holding anything. `tune` sets what the next batch is computed with. */
export async function measureSpeed(
  model: LlamaModel,
  context: LlamaContext,
  sequence: LlamaContextSequence,
  { decodeThreads, promptThreads, batchSizes, budgetMs }: Candidates,
  tune: (change: Partial<Tuning>) => void,
): Promise<Measurement[]> {
  const end = performance.now() + budgetMs;
  const measured: Measurement[] = [];
  const filler = fillerTokens(model, context.contextSize - 2);
  for (const threads of promptThreads)
    for (const batchSize of batchSizes.filter((size) => size <= context.batchSize && size <= filler.length)) {
      if (performance.now() >= end) break;
      tune({ promptThreads: threads, decodeThreads: threads, batchSize });
      await sequence.clearHistory();
      const from = performance.now();
      await sequence.evaluateWithoutGeneratingNewTokens(filler.slice(0, batchSize));
      measured.push({ phase: 'prompt', threads, batchSize, tokensPerSecond: rate(batchSize, from) });
    }
  for (const threads of decodeThreads) {
    if (performance.now() >= end) break;
    tune({ decodeThreads: threads, promptThreads: threads });
    await sequence.clearHistory();
    await sequence.evaluateWithoutGeneratingNewTokens(filler.slice(0, 8));
    const share = (end - performance.now()) / decodeThreads.length;
    const begun = performance.now();
    const tokenMs: number[] = [];
    // The model's own choice would end the turn: a fixed text is written one token at a time.
    for (const token of filler.slice(8, 8 + 64)) {
      const from = performance.now();
      await sequence.evaluateWithoutGeneratingNewTokens([token]);
      tokenMs.push(performance.now() - from);
      if (tokenMs.length >= 4 && performance.now() - begun > share) break;
    }
    // Of a context with no room for a single one nothing can be told.
    const usual = tokenMs.sort((a, b) => a - b)[tokenMs.length >> 1];
    if (usual !== undefined)
      measured.push({
        phase: 'decode',
        threads,
        batchSize: context.batchSize,
        tokensPerSecond: 1000 / Math.max(0.001, usual),
      });
  }
  return measured;
}

function rate(tokens: number, from: number): number {
  return tokens / (Math.max(0.01, performance.now() - from) / 1000);
}

/** Ordinary tokens to compute with. */
function fillerTokens(model: LlamaModel, count: number): Token[] {
  const tokens: Token[] = [];
  for (const token of model.iterateAllTokens()) {
    if (tokens.length >= 64) break;
    if (!model.isSpecialToken(token) && !model.isEogToken(token)) tokens.push(token);
  }
  return Array.from({ length: count }, (_, index) => tokens[(index * 7) % tokens.length] as Token);
}
