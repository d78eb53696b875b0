/** Finding the thread counts and the size of a prompt's step that are fastest for a model on this machine, in less than 3 s. */
import type { Calibration } from '../../preload/contract/engine.ts';
import type { Measurement } from './protocol.ts';

/** What may be spent in all; a single measurement can overrun its part, so this stays well below the 3 s that are promised. */
const BUDGET_MS = 2200;
/** A model of this size is measured within moments. */
const SMALL_BYTES = 64_000_000;
const SMALL_BUDGET_MS = 800;
/** Share of the budget for decoding; the rest is for prompts. */
const DECODE_SHARE = 0.5;
/** The least that one decode measurement takes, in tokens' time: a short prompt and four tokens. */
const DECODE_COST_TOKENS = 6;
/** Bytes a second that even a slow machine reads weights with. A model that takes too long at this rate is not measured. */
const SLOW_BYTES_PER_SECOND = 10e9;
/** A prompt is read at least this many times as fast as a reply is written. */
const PROMPT_GAIN = 2;
const FIRST_STEP = 128;
/** One measurement is always made, however late it is. */
const LEAST_MEASURE_MS = 50;
/** A setting must be this much faster than one with fewer threads to be worth their heat. */
const WORTH = 1.03;

export interface CalibrationOrder {
  readonly weightsBytes: number;
  /** Never more threads than this. */
  readonly cores: number;
  /** The largest step that the model was loaded for. */
  readonly batchSize: number;
  readonly now: () => number;
  /** Runs candidates on the loaded model. Throws busy while it writes. */
  readonly measure: (candidates: {
    readonly decodeThreads: readonly number[];
    readonly promptThreads: readonly number[];
    readonly batchSizes: readonly number[];
    readonly budgetMs: number;
  }) => Promise<{ readonly measured: readonly Measurement[] }>;
}

/** Thread counts to try: one, powers of two, one less than all cores where there are many, and all cores. */
export function threadCandidates(cores: number): readonly number[] {
  const counts = new Set([1, cores]);
  for (let count = 2; count < cores; count *= 2) counts.add(count);
  if (cores > 4) counts.add(cores - 1); // one core for the rest of the system
  return [...counts].sort((a, b) => a - b);
}

/** The fastest settings; null for a model that is too large to be measured in time. Throws what `measure` throws. */
export async function findFastest(order: CalibrationOrder): Promise<Calibration | null> {
  const begun = performance.now();
  const spent = (): number => performance.now() - begun;
  const isSmall = order.weightsBytes < SMALL_BYTES;
  const budgetMs = isSmall ? SMALL_BUDGET_MS : BUDGET_MS;
  if ((order.weightsBytes / SLOW_BYTES_PER_SECOND) * 1000 * DECODE_COST_TOKENS > budgetMs) return null;
  // What is most likely first: one thread for a small model, where more fall off a cliff, all cores for a large one.
  const threads = isSmall ? threadCandidates(order.cores) : threadCandidates(order.cores).toReversed();
  const tried: Measurement[] = [];

  const decodeBudgetMs = budgetMs * DECODE_SHARE;
  for (const count of threads) {
    const best = fastest(tried, 'decode');
    // Slower with more threads already: still more will not be faster.
    if (isSmall && best && tried.at(-1) !== best) break;
    const costMs = best ? (DECODE_COST_TOKENS / best.tokensPerSecond) * 1000 : 0;
    if (best && spent() + costMs > decodeBudgetMs) break;
    const { measured } = await order.measure({
      ...{ decodeThreads: [count], promptThreads: [], batchSizes: [] },
      budgetMs: decodeBudgetMs / threads.length,
    });
    tried.push(...measured);
  }
  const decode = fastest(tried, 'decode');
  if (!decode) return null;

  // A clock of its own: a count that was far too slow for writing has used up more than its part.
  const promptBegun = performance.now();
  const left = (): number => budgetMs - decodeBudgetMs - (performance.now() - promptBegun);
  const measurePrompt = async (count: number, batchSize: number): Promise<void> => {
    const { measured } = await order.measure({
      ...{ decodeThreads: [], promptThreads: [count], batchSizes: [batchSize] },
      budgetMs: Math.max(LEAST_MEASURE_MS, left()),
    });
    tried.push(...measured);
  };
  const lasts = (batchSize: number): number => {
    const known = fastest(tried, 'prompt')?.tokensPerSecond ?? decode.tokensPerSecond * PROMPT_GAIN;
    return (batchSize / known) * 1000;
  };
  // The smallest step that tells something and is over in time; a slow model's is a short one.
  let first = Math.min(FIRST_STEP, order.batchSize);
  while (first > 16 && lasts(first) > left()) first = Math.floor(first / 2);
  // Where threads wait for each other so much that writing is half as fast, reading would only show it again, and take its time.
  const cliff = (count: number): boolean =>
    tried.some(
      (one) => one.phase === 'decode' && one.threads === count && one.tokensPerSecond * 2 < decode.tokensPerSecond,
    );
  for (const count of threads.filter((one) => !cliff(one)))
    if (!fastest(tried, 'prompt') || lasts(first) <= left()) await measurePrompt(count, first);
  const count = fastest(tried, 'prompt')?.threads ?? decode.threads;
  for (let size = first * 2; size <= order.batchSize && lasts(size) <= left(); size *= 2)
    await measurePrompt(count, size);

  const prompt = fastest(tried, 'prompt');
  if (!prompt) return null;
  return {
    decodeThreads: decode.threads,
    promptThreads: prompt.threads,
    // Larger steps than could be tried in time are no slower.
    batchSize: prompt.batchSize * 2 > largestTried(tried) ? order.batchSize : prompt.batchSize,
    decodeTokensPerSecond: decode.tokensPerSecond,
    promptTokensPerSecond: prompt.tokensPerSecond,
    tried,
    tookMs: spent(),
    at: order.now(),
  };
}

/** Fewest threads and the smallest step first: what needs more must be faster by more than noise. */
function fastest(tried: readonly Measurement[], phase: Measurement['phase']): Measurement | undefined {
  return tried
    .filter((one) => one.phase === phase && one.tokensPerSecond > 0)
    .sort((a, b) => a.threads - b.threads || a.batchSize - b.batchSize)
    .reduce<Measurement | undefined>(
      (best, one) => (!best || one.tokensPerSecond > best.tokensPerSecond * WORTH ? one : best),
      undefined,
    );
}

function largestTried(tried: readonly Measurement[]): number {
  return Math.max(...tried.filter(({ phase }) => phase === 'prompt').map(({ batchSize }) => batchSize));
}
