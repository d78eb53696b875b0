/** Finds the fastest thread counts and batch size for a model on this machine, in less than 3 s. */
import type { Calibration } from '../../../../preload/contract/engine.ts';
import type { Measurement } from '../../protocol.ts';

/** Time for all measurements. One of them can overrun its share, so this is well below the promised 3 s. */
const BUDGET_MS = 2200;
/** A model with fewer bytes of weights is small: it is measured within moments, and one thread is nearly always fastest. */
const SMALL_BYTES = 64_000_000;
const SMALL_BUDGET_MS = 800;
/** Budget for a large model. The time of each of its steps is estimated in advance, so a smaller reserve is enough. */
const LARGE_BUDGET_MS = 2600;
/** Share of the budget for decoding; the rest is for prompts. */
const DECODE_SHARE = 0.5;
const LARGE_DECODE_SHARE = 0.65;
/** Shortest time of a decode measurement as a number of decoded tokens: a short prompt and four tokens. */
const DECODE_COST_TOKENS = 6;
/** Rate at which even a slow machine reads weights. A model is large when decode measurements take too long at this rate. */
const SLOW_BYTES_PER_SECOND = 10e9;
/** Tokens that a large model must decode within its budget at that rate: one to warm up, and two to compare. */
const LARGE_COST_TOKENS = 3;
/** A prompt is evaluated at least this many times as fast as a reply is decoded. */
const PROMPT_GAIN = 2;
const FIRST_BATCH_TOKENS = 128;
const LEAST_BATCH_TOKENS = 16;
const LEAST_LARGE_BATCH_TOKENS = 4;
/** A shorter batch is bound by memory bandwidth, as a single token is, so it would find too few threads for a prompt. */
const CONCLUSIVE_BATCH_TOKENS = 32;
/** Time for one measurement that is made even after the budget is spent. */
const LEAST_MEASURE_MS = 50;
/** A decode speed that is lower by this factor is no noise, even measured on a single token. */
const CLIFF_FACTOR = 8;
/** Share of the best decode speed above which a candidate is measured again: noise may have changed their order. */
const NEAR_SHARE = 0.6;
/** Factor by which more threads must be faster to be chosen. */
const GAIN_FACTOR = 1.03;

const slowTokenMsOf = (weightsBytes: number): number => (weightsBytes / SLOW_BYTES_PER_SECOND) * 1000;
/** Whether the usual measurements of a model would take longer than they may. */
const isLargeModel = (weightsBytes: number): boolean => slowTokenMsOf(weightsBytes) * DECODE_COST_TOKENS > BUDGET_MS;

/** Why a model of this size has no measurement: its tokens take too long, or it computes none, as a model that only scores texts. */
export const whyUnmeasured = (weightsBytes: number): 'too_large_to_measure' | 'nothing_to_measure' =>
  isLargeModel(weightsBytes) ? 'too_large_to_measure' : 'nothing_to_measure';

/** Whether a model is measured after its first reply, because measuring would take most of its load time. */
export const isMeasuredLater = (weightsBytes: number): boolean => weightsBytes < SMALL_BYTES;

export interface CalibrationOrder {
  readonly weightsBytes: number;
  /** Limit for thread counts. */
  readonly cores: number;
  /** Limit for the batch size. */
  readonly batchSize: number;
  readonly now: () => number;
  /** A monotonic clock. Default: `performance.now`. */
  readonly elapsedMs?: () => number;
  /** Measures candidates on the loaded model. @throws AppError `busy` while it writes. */
  readonly measure: (candidates: {
    readonly decodeThreads: readonly number[];
    readonly promptThreads: readonly number[];
    readonly batchSizes: readonly number[];
    readonly budgetMs: number;
  }) => Promise<{ readonly measured: readonly Measurement[] }>;
}

/** Thread counts to try: one, powers of two, all cores, and all but one where there are more than four. */
export function threadCandidates(cores: number): readonly number[] {
  const counts = new Set([1, cores]);
  for (let count = 2; count < cores; count *= 2) counts.add(count);
  if (cores > 4) counts.add(cores - 1); // one core for the rest of the system
  return [...counts].sort((a, b) => a - b);
}

/** The fastest settings; null where nothing was measured, for which `whyUnmeasured` has the reason. Throws what `measure` throws. */
export async function findFastest(order: CalibrationOrder): Promise<Calibration | null> {
  const elapsedMs = order.elapsedMs ?? (() => performance.now());
  const begun = elapsedMs();
  const spent = (): number => elapsedMs() - begun;
  const isSmall = order.weightsBytes < SMALL_BYTES;
  const slowTokenMs = slowTokenMsOf(order.weightsBytes);
  const isLarge = isLargeModel(order.weightsBytes);
  if (slowTokenMs * LARGE_COST_TOKENS > LARGE_BUDGET_MS) return null;
  const budgetMs = isSmall ? SMALL_BUDGET_MS : isLarge ? LARGE_BUDGET_MS : BUDGET_MS;
  // The likeliest first: one thread for a small model, all cores for a larger one.
  const threads = isSmall ? threadCandidates(order.cores) : threadCandidates(order.cores).toReversed();
  const tried: Measurement[] = [];

  const decodeBudgetMs = budgetMs * (isLarge ? LARGE_DECODE_SHARE : DECODE_SHARE);
  /** Measures a prompt of one token, which is computed like one token of a reply and needs no prompt before it. */
  const singleToken = async (count: number): Promise<Measurement[]> => {
    const { measured } = await order.measure({
      ...{ decodeThreads: [], promptThreads: [count], batchSizes: [1], budgetMs },
    });
    return measured.map((one) => ({ ...one, phase: 'decode', batchSize: order.batchSize }));
  };
  const rounds = isSmall || isLarge ? 1 : 2;
  const measureDecode = async (count: number): Promise<readonly Measurement[]> => {
    const { measured } = await order.measure({
      ...{ decodeThreads: [count], promptThreads: [], batchSizes: [] },
      budgetMs: decodeBudgetMs / threads.length / rounds,
    });
    return measured;
  };
  // The first token also reads the weights into memory, so its time is only an upper limit.
  const first = isLarge ? (await singleToken(order.cores))[0] : undefined;
  for (const count of threads) {
    const best = fastest(tried, 'decode');
    // The last count was slower than an earlier one, so the next one will not be faster.
    if ((isSmall || isLarge) && best && tried.at(-1) !== best) break;
    const tokenMs = 1000 / ((best ?? first)?.tokensPerSecond ?? Infinity);
    // Half as many threads may take twice as long.
    const costMs = isLarge ? tokenMs * (order.cores / count) : tokenMs * DECODE_COST_TOKENS;
    if (spent() + costMs > decodeBudgetMs) {
      // All cores alone may be so slow because another program holds one of them, so half of them compute a token too.
      if (!isSmall && !isLarge && tried.length === 1) tried.push(...(await singleToken(order.cores >> 1)));
      break;
    }
    if (isLarge) {
      tried.push(...(await singleToken(count)));
      continue;
    }
    if (isSmall && best) {
      // More threads than free cores can be a hundred times slower, so a single token is measured first.
      const single = await singleToken(count);
      if (single.some((one) => one.tokensPerSecond * CLIFF_FACTOR < best.tokensPerSecond)) {
        tried.push(...single);
        break;
      }
    }
    tried.push(...(await measureDecode(count)));
  }
  if (rounds > 1) {
    // The better of two measurements counts: other programs may disturb one, and a machine is slow just after a load.
    const bestRate = fastest(tried, 'decode')?.tokensPerSecond ?? 0;
    const near = tried.filter(({ tokensPerSecond }) => tokensPerSecond > bestRate * NEAR_SHARE);
    for (const before of near) {
      if (spent() + (1000 / before.tokensPerSecond) * DECODE_COST_TOKENS > decodeBudgetMs) break;
      for (const one of await measureDecode(before.threads))
        if (one.tokensPerSecond > before.tokensPerSecond) tried[tried.indexOf(before)] = one;
    }
  }
  const decode = fastest(tried, 'decode');
  // A single candidate without any other to compare is no result.
  if (!decode || (isLarge && tried.length < Math.min(2, threads.length))) return null;

  // The time for prompts is counted apart, since a very slow decode candidate may have overrun its share.
  const promptBegun = elapsedMs();
  const left = (): number => budgetMs - decodeBudgetMs - (elapsedMs() - promptBegun);
  const measurePrompt = async (count: number, batchSize: number): Promise<void> => {
    const { measured } = await order.measure({
      ...{ decodeThreads: [], promptThreads: [count], batchSizes: [batchSize] },
      budgetMs: Math.max(LEAST_MEASURE_MS, left()),
    });
    tried.push(...measured);
  };
  const estimatedMs = (batchSize: number): number => {
    const known = fastest(tried, 'prompt')?.tokensPerSecond ?? decode.tokensPerSecond * PROMPT_GAIN;
    return (batchSize / known) * 1000;
  };
  // The batch with which thread counts are compared: halved until it fits in the time that is left.
  const leastTokens = isLarge ? LEAST_LARGE_BATCH_TOKENS : LEAST_BATCH_TOKENS;
  let tokens = Math.min(FIRST_BATCH_TOKENS, order.batchSize);
  while (tokens > leastTokens && estimatedMs(tokens) > left()) tokens = Math.floor(tokens / 2);
  // A thread count that decodes at less than half the best speed is no better for prompts.
  const isSlow = (count: number): boolean =>
    tried.some(
      (one) => one.phase === 'decode' && one.threads === count && one.tokensPerSecond * 2 < decode.tokensPerSecond,
    );
  const candidates =
    isLarge && tokens < CONCLUSIVE_BATCH_TOKENS ? [order.cores] : threads.filter((one) => !isSlow(one));
  for (const count of candidates)
    if (!fastest(tried, 'prompt') || estimatedMs(tokens) <= left()) await measurePrompt(count, tokens);
  const count = fastest(tried, 'prompt')?.threads ?? decode.threads;
  for (let size = tokens * 2; size <= order.batchSize && estimatedMs(size) <= left(); size *= 2)
    await measurePrompt(count, size);

  const prompt = fastest(tried, 'prompt');
  if (!prompt) return null;
  return {
    decodeThreads: decode.threads,
    promptThreads: prompt.threads,
    // A larger batch than those measured is no slower.
    batchSize: prompt.batchSize * 2 > largestTried(tried) ? order.batchSize : prompt.batchSize,
    decodeTokensPerSecond: decode.tokensPerSecond,
    promptTokensPerSecond: prompt.tokensPerSecond,
    tried,
    tookMs: spent(),
    at: order.now(),
  };
}

/** The fastest measurement of a phase. One with more threads or a larger batch must be faster by `GAIN_FACTOR` to be chosen. */
function fastest(tried: readonly Measurement[], phase: Measurement['phase']): Measurement | undefined {
  return tried
    .filter((one) => one.phase === phase && one.tokensPerSecond > 0)
    .sort((a, b) => a.threads - b.threads || a.batchSize - b.batchSize)
    .reduce<Measurement | undefined>(
      (best, one) => (!best || one.tokensPerSecond > best.tokensPerSecond * GAIN_FACTOR ? one : best),
      undefined,
    );
}

function largestTried(tried: readonly Measurement[]): number {
  return Math.max(...tried.filter(({ phase }) => phase === 'prompt').map(({ batchSize }) => batchSize));
}
