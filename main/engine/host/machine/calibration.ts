/** Finding the thread counts and the size of a prompt's step that are fastest for a model on this machine, in less than 3 s. */
import type { Calibration } from '../../../../preload/contract/engine.ts';
import type { Measurement } from '../../protocol.ts';

/** What may be spent in all; a single measurement can overrun its part, so this stays well below the 3 s that are promised. */
const BUDGET_MS = 2200;
/** Below it a model is measured within moments, and one thread is nearly always what is found. */
const SMALL_BYTES = 64_000_000;
const SMALL_BUDGET_MS = 800;
/** For a model whose single steps are long: each is known before it begins, so less must be held back. */
const LARGE_BUDGET_MS = 2600;
/** Share of the budget for decoding; the rest is for prompts. */
const DECODE_SHARE = 0.5;
const LARGE_DECODE_SHARE = 0.65;
/** The least that one decode measurement takes, in tokens' time: a short prompt and four tokens. */
const DECODE_COST_TOKENS = 6;
/** Bytes a second that even a slow machine reads weights with. A model for which the usual measurements take too long is a large one. */
const SLOW_BYTES_PER_SECOND = 10e9;
/** Tokens' times that a large model must have, at that rate: one to warm up, one, and some that are hoped to be faster. */
const LARGE_COST_TOKENS = 3;
/** A prompt is read at least this many times as fast as a reply is written. */
const PROMPT_GAIN = 2;
const FIRST_STEP = 128;
const LEAST_STEP = 16;
const LEAST_LARGE_STEP = 4;
/** A shorter step is bound by memory as a single token is, and would find fewer threads enough for a prompt. */
const TELLING_STEP = 32;
/** One measurement is always made, however late it is. */
const LEAST_MEASURE_MS = 50;
/** So many times slower is no noise, even of a single token. */
const CLIFF = 8;
/** Decode speeds this near to the best may have changed places by noise: they are asked a second time. */
const NEAR = 0.6;
/** A setting must be this much faster than one with fewer threads to be worth their heat. */
const WORTH = 1.03;

/** Whether a model's first reply need not wait for its measurement, which would be most of its load. */
export const isMeasuredLater = (weightsBytes: number): boolean => weightsBytes < SMALL_BYTES;

export interface CalibrationOrder {
  readonly weightsBytes: number;
  /** Never more threads than this. */
  readonly cores: number;
  /** The largest step that the model was loaded for. */
  readonly batchSize: number;
  readonly now: () => number;
  /** Milliseconds that only rise; those of `performance` unless a test counts its own. */
  readonly elapsedMs?: () => number;
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
  const elapsedMs = order.elapsedMs ?? (() => performance.now());
  const begun = elapsedMs();
  const spent = (): number => elapsedMs() - begun;
  const isSmall = order.weightsBytes < SMALL_BYTES;
  const slowTokenMs = (order.weightsBytes / SLOW_BYTES_PER_SECOND) * 1000;
  const isLarge = slowTokenMs * DECODE_COST_TOKENS > BUDGET_MS;
  if (slowTokenMs * LARGE_COST_TOKENS > LARGE_BUDGET_MS) return null;
  const budgetMs = isSmall ? SMALL_BUDGET_MS : isLarge ? LARGE_BUDGET_MS : BUDGET_MS;
  // What is most likely first: one thread for a small model, where more fall off a cliff, all cores for a large one.
  const threads = isSmall ? threadCandidates(order.cores) : threadCandidates(order.cores).toReversed();
  const tried: Measurement[] = [];

  const decodeBudgetMs = budgetMs * (isLarge ? LARGE_DECODE_SHARE : DECODE_SHARE);
  /** A prompt of one token is computed as a reply's token is, and asks for nothing before it. */
  const singleToken = async (count: number): Promise<Measurement[]> => {
    const { measured } = await order.measure({
      ...{ decodeThreads: [], promptThreads: [count], batchSizes: [1], budgetMs },
    });
    return measured.map((one) => ({ ...one, phase: 'decode', batchSize: order.batchSize }));
  };
  const rounds = isSmall || isLarge ? 1 : 2;
  const writing = async (count: number): Promise<readonly Measurement[]> => {
    const { measured } = await order.measure({
      ...{ decodeThreads: [count], promptThreads: [], batchSizes: [] },
      budgetMs: decodeBudgetMs / threads.length / rounds,
    });
    return measured;
  };
  // The first token brings the weights into memory, and tells nothing but how long one takes at most.
  const first = isLarge ? (await singleToken(order.cores))[0] : undefined;
  for (const count of threads) {
    const best = fastest(tried, 'decode');
    // Slower with more threads already: still more will not be faster. Large models, with fewer.
    if ((isSmall || isLarge) && best && tried.at(-1) !== best) break;
    const tokenMs = 1000 / ((best ?? first)?.tokensPerSecond ?? Infinity);
    // Half as many threads may take twice as long.
    const costMs = isLarge ? tokenMs * (order.cores / count) : tokenMs * DECODE_COST_TOKENS;
    if (spent() + costMs > decodeBudgetMs) break;
    if (isLarge) {
      tried.push(...(await singleToken(count)));
      continue;
    }
    if (isSmall && best) {
      // Threads that wait for a core that others use take a hundred times as long: one token tells, and twelve would take seconds.
      const single = await singleToken(count);
      if (single.some((one) => one.tokensPerSecond * CLIFF < best.tokensPerSecond)) {
        tried.push(...single);
        break;
      }
    }
    tried.push(...(await writing(count)));
  }
  if (rounds > 1) {
    // A machine that has just loaded is slow for a moment, and any answer may have been disturbed: the better of two counts.
    const bestRate = fastest(tried, 'decode')?.tokensPerSecond ?? 0;
    const near = tried.filter(({ tokensPerSecond }) => tokensPerSecond > bestRate * NEAR);
    for (const before of near) {
      if (spent() + (1000 / before.tokensPerSecond) * DECODE_COST_TOKENS > decodeBudgetMs) break;
      for (const one of await writing(before.threads))
        if (one.tokensPerSecond > before.tokensPerSecond) tried[tried.indexOf(before)] = one;
    }
  }
  const decode = fastest(tried, 'decode');
  // One that nothing could be compared with is no finding.
  if (!decode || (isLarge && tried.length < Math.min(2, threads.length))) return null;

  // A clock of its own: a count that was far too slow for writing has used up more than its part.
  const promptBegun = elapsedMs();
  const left = (): number => budgetMs - decodeBudgetMs - (elapsedMs() - promptBegun);
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
  const leastStep = isLarge ? LEAST_LARGE_STEP : LEAST_STEP;
  let step = Math.min(FIRST_STEP, order.batchSize);
  while (step > leastStep && lasts(step) > left()) step = Math.floor(step / 2);
  // Where threads wait for each other so much that writing is half as fast, reading would only show it again, and take its time.
  const cliff = (count: number): boolean =>
    tried.some(
      (one) => one.phase === 'decode' && one.threads === count && one.tokensPerSecond * 2 < decode.tokensPerSecond,
    );
  const worthTrying = isLarge && step < TELLING_STEP ? [order.cores] : threads.filter((one) => !cliff(one));
  for (const count of worthTrying)
    if (!fastest(tried, 'prompt') || lasts(step) <= left()) await measurePrompt(count, step);
  const count = fastest(tried, 'prompt')?.threads ?? decode.threads;
  for (let size = step * 2; size <= order.batchSize && lasts(size) <= left(); size *= 2)
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
