/** One sample of a benchmark: the time of a prompt, and of a reply token by token, as llama-bench measures them. */
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import type { BenchOrder, BenchSample } from '../protocol.ts';
import { fillerTokens } from './measure.ts';

/**
 * Computes on `sequence` and overwrites its tokens. The logits of a prompt's last token and of each token of the reply are computed and
 * the likeliest token is taken, which llama-bench leaves out. Stops between two batches when `signal` fires.
 * @throws AppError `engine.context_full`, the reason of `signal`.
 */
export async function benchSample(
  model: LlamaModel,
  context: LlamaContext,
  sequence: LlamaContextSequence,
  { promptTokens, replyTokens }: BenchOrder,
  signal: AbortSignal,
): Promise<BenchSample> {
  const needed = Math.max(1, promptTokens) + replyTokens;
  // The last place of a context stays free.
  if (needed >= context.contextSize)
    throw new AppError(
      'engine.context_full',
      `The context has ${context.contextSize} tokens, and ${needed} are needed.`,
      {
        ...{ contextSize: context.contextSize, promptTokens, replyTokens },
      },
    );
  const filler = fillerTokens(model, Math.max(1, promptTokens));
  await sequence.clearHistory();
  const from = performance.now();
  // Batch by batch, so that a signal ends a long prompt. The last batch is computed with the first token's logits.
  let begun = 0;
  for (; begun + context.batchSize < promptTokens; begun += context.batchSize) {
    signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(filler.slice(begun, begun + context.batchSize));
  }
  const rest = filler.slice(begun);
  if (promptTokens === 0) return { promptMs: 0, replyMs: await timed(sequence, rest, replyTokens, signal) };
  const steps = sequence.evaluate([...rest], greedy);
  const { value: first } = await steps.next();
  const promptMs = performance.now() - from;
  await steps.return();
  if (replyTokens === 0 || first === undefined) return { promptMs, replyMs: 0 };
  return { promptMs, replyMs: await timed(sequence, [first], replyTokens, signal) };
}

/** A token that ends the turn is taken as any other. */
const greedy = { temperature: 0, yieldEogToken: true };

/** The time of so many steps of one token each, the first of which computes `tokens`. */
async function timed(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  count: number,
  signal: AbortSignal,
): Promise<number> {
  if (count === 0) return 0;
  const from = performance.now();
  let written = 0;
  for await (const _ of sequence.evaluate([...tokens], greedy)) {
    signal.throwIfAborted();
    if (++written >= count) break;
  }
  return performance.now() - from;
}
