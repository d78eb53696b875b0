/** Measures a loaded model's prompt and decode speed with each thread count and step size, for the host's calibration. */
import type { LlamaContext, LlamaContextSequence, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { Measurement, Tuning } from '../protocol.ts';

export interface Candidates {
  readonly decodeThreads: readonly number[];
  readonly promptThreads: readonly number[];
  readonly batchSizes: readonly number[];
  /** When it is spent, no further candidate is measured. */
  readonly budgetMs: number;
}

/** Measures on `sequence` and overwrites its tokens. `tune` applies to the next batch. */
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
      await evaluateWithLogits(sequence, filler.slice(0, batchSize));
      measured.push({ phase: 'prompt', threads, batchSize, tokensPerSecond: rate(batchSize, from) });
    }
  for (const threads of decodeThreads) {
    if (performance.now() >= end) break;
    tune({ decodeThreads: threads, promptThreads: threads });
    await sequence.clearHistory();
    await evaluateWithLogits(sequence, filler.slice(0, 8));
    const share = (end - performance.now()) / decodeThreads.length;
    const begun = performance.now();
    const tokenMs: number[] = [];
    // The model itself might end its turn, so the tokens of a fixed text are evaluated one at a time.
    for (const token of filler.slice(8, 8 + 64)) {
      const from = performance.now();
      await evaluateWithLogits(sequence, [token]);
      tokenMs.push(performance.now() - from);
      if (tokenMs.length >= 4 && performance.now() - begun > share) break;
    }
    // Undefined for a context that is too small for a single token.
    const median = tokenMs.sort((a, b) => a - b)[tokenMs.length >> 1];
    if (median !== undefined)
      measured.push({
        phase: 'decode',
        threads,
        batchSize: context.batchSize,
        tokensPerSecond: 1000 / Math.max(0.001, median),
      });
  }
  return measured;
}

/**
 * Evaluates as a reply does, with the logits of the last token. Where none are asked for, llama.cpp leaves out the output layer, which is
 * much of what a token reads in a model with a large vocabulary. Nothing is chosen from the logits: so no token can end the turn, and a
 * model that has none, as one for embeddings, is measured as well.
 */
async function evaluateWithLogits(sequence: LlamaContextSequence, tokens: Token[]): Promise<void> {
  const options: SequenceEvaluateOptions & { readonly _noSampling: true } = { _noSampling: true };
  await sequence.evaluate(tokens, options).next();
}

function rate(tokens: number, from: number): number {
  return tokens / (Math.max(0.01, performance.now() - from) / 1000);
}

/** Ordinary tokens, neither special nor an end of turn. */
export function fillerTokens(model: LlamaModel, count: number): Token[] {
  const tokens: Token[] = [];
  for (const token of model.iterateAllTokens()) {
    if (tokens.length >= 64) break;
    if (!model.isSpecialToken(token) && !model.isEogToken(token)) tokens.push(token);
  }
  return Array.from({ length: count }, (_, index) => tokens[(index * 7) % tokens.length] as Token);
}
