import { describe, expect, it } from 'vitest';
import { findFastest, threadCandidates, type CalibrationOrder } from './calibration.ts';
import type { Measurement } from '../../protocol.ts';

/** A machine whose speed follows from a formula; measuring takes no time. */
function machine(
  speed: (phase: Measurement['phase'], threads: number, batchSize: number) => number,
  order: Partial<CalibrationOrder> = {},
): { order: CalibrationOrder; asked: Measurement[] } {
  const asked: Measurement[] = [];
  return {
    asked,
    order: {
      weightsBytes: 500e6,
      cores: 8,
      batchSize: 512,
      now: () => 7,
      async measure({ decodeThreads, promptThreads, batchSizes }) {
        const measured = [
          ...decodeThreads.map((threads) => ({ phase: 'decode' as const, threads, batchSize: 512 })),
          ...promptThreads.flatMap((threads) =>
            batchSizes.map((batchSize) => ({ phase: 'prompt' as const, threads, batchSize })),
          ),
        ].map((one) => ({ ...one, tokensPerSecond: speed(one.phase, one.threads, one.batchSize) }));
        asked.push(...measured);
        return { measured };
      },
      ...order,
    },
  };
}

describe('finding the fastest settings', () => {
  it('tries counts between one and all cores, and no more', () => {
    expect(threadCandidates(1)).toEqual([1]);
    expect(threadCandidates(2)).toEqual([1, 2]);
    expect(threadCandidates(8)).toEqual([1, 2, 4, 7, 8]);
  });

  it('picks threads for writing and for reading apart, and the step that reads fastest', async () => {
    const { order } = machine((phase, threads, batchSize) =>
      phase === 'decode' ? 1000 - 100 * Math.abs(threads - 4) : threads * 1000 * (batchSize === 256 ? 2 : 1),
    );
    expect(await findFastest(order)).toMatchObject({
      decodeThreads: 4,
      promptThreads: 8,
      batchSize: 256,
      decodeTokensPerSecond: 1000,
      at: 7,
    });
  });

  it('takes one thread for a small model that falls off a cliff with two, and asks no further', async () => {
    const { order, asked } = machine(
      (phase, threads, batchSize) => (threads === 1 ? 2200 : 51) * (phase === 'decode' || batchSize === 1 ? 1 : 10),
      {
        weightsBytes: 1e6,
        cores: 2,
      },
    );
    const found = await findFastest(order);
    expect(found).toMatchObject({ decodeThreads: 1, promptThreads: 1 });
    expect(found?.tried.filter(({ phase }) => phase === 'decode').map(({ threads }) => threads)).toEqual([1, 2]);
    // A single token is enough to see the cliff.
    expect(asked.filter(({ threads }) => threads === 2).map(({ batchSize }) => batchSize)).toEqual([1]);
  });

  it('prefers fewer threads where more gain nothing but noise', async () => {
    const { order } = machine((_phase, threads) => 1000 + threads);
    expect(await findFastest(order)).toMatchObject({ decodeThreads: 1, promptThreads: 1 });
  });

  it('believes the better of two answers: a machine that has just loaded is slow for a moment', async () => {
    for (const disturbed of [0, 1, 2, 3]) {
      let answers = 0;
      const { order, asked } = machine(
        (phase, threads) => (phase === 'decode' && answers++ === disturbed ? 0.7 : 1) * (threads === 2 ? 100 : 90),
        { cores: 2 },
      );
      const found = await findFastest(order);
      expect(found).toMatchObject({ decodeThreads: 2, decodeTokensPerSecond: 100 });
      expect(found?.tried.filter(({ phase }) => phase === 'decode')).toMatchObject([
        { threads: 2, tokensPerSecond: 100 },
        { threads: 1, tokensPerSecond: 90 },
      ]);
      expect(asked.filter(({ phase }) => phase === 'decode')).toHaveLength(4);
    }
  });

  it('asks a slow model only for what is over in time', async () => {
    const { order, asked } = machine((phase) => (phase === 'decode' ? 20 : 40), { weightsBytes: 3e9, cores: 2 });
    const found = await findFastest(order);
    expect(found).not.toBeNull();
    const promisedMs = asked.reduce(
      (sum, one) => sum + ((one.phase === 'decode' ? 6 : one.batchSize) / one.tokensPerSecond) * 1000,
      0,
    );
    expect(promisedMs).toBeLessThan(6000);
    expect(found?.batchSize).toBe(512); // not tried, so not lowered
  });

  /** One whose clock goes on by the time that each measurement says that it takes; a token is its weights read once, and `cores` can read them together. */
  function slowMachine(bytesPerSecond: number, weightsBytes: number, cores: number): ReturnType<typeof machine> {
    const rate = (phase: Measurement['phase'], threads: number, batchSize: number): number =>
      (bytesPerSecond / weightsBytes) *
      Math.min(1, threads / (cores / 2)) *
      (phase === 'prompt' ? batchSize ** 0.5 : 1);
    const made = machine(rate, { weightsBytes, cores });
    const { measure } = made.order;
    let elapsedMs = 0;
    return {
      asked: made.asked,
      order: {
        ...made.order,
        elapsedMs: () => elapsedMs,
        async measure(candidates) {
          const answer = await measure(candidates);
          const ms = answer.measured.map(
            (one) => ((one.phase === 'prompt' ? one.batchSize : 6) / one.tokensPerSecond) * 1000,
          );
          elapsedMs += ms[0] ?? 0;
          return answer;
        },
      },
    };
  }

  it('asks a large model for single tokens, and finds within the 3 s that half of the cores read as fast', async () => {
    const { order, asked } = slowMachine(20e9, 5e9, 8);
    const found = await findFastest(order);
    expect(found).toMatchObject({ decodeThreads: 4, decodeTokensPerSecond: 4, promptThreads: 8, batchSize: 512 });
    expect(found?.tried.filter(({ phase }) => phase === 'decode').map(({ threads }) => threads)).toEqual([8, 7, 4]);
    expect(asked.every(({ phase }) => phase === 'prompt')).toBe(true);
    const askedMs = asked.reduce((sum, one) => sum + (one.batchSize / one.tokensPerSecond) * 1000, 0);
    expect(askedMs).toBeLessThan(3000);
  });

  it('does not take all cores where they are very slow because another program holds one', async () => {
    // As a model of 189 MB was measured on a busy machine with two cores.
    const { order } = machine((_phase, threads) => (threads === 1 ? 78.8 : 0.6), { weightsBytes: 189e6, cores: 2 });
    let elapsedMs = 0;
    const found = await findFastest({
      ...order,
      elapsedMs: () => elapsedMs,
      async measure(candidates) {
        const answer = await order.measure(candidates);
        for (const one of answer.measured)
          elapsedMs += ((one.phase === 'prompt' ? one.batchSize : 6) / one.tokensPerSecond) * 1000;
        return answer;
      },
    });
    expect(found).toMatchObject({ decodeThreads: 1, promptThreads: 1, decodeTokensPerSecond: 78.8 });
  });

  it('gives up on a large model after one token, where further ones would not be over in time', async () => {
    const { order, asked } = slowMachine(4e9, 5e9, 8);
    expect(await findFastest(order)).toBeNull();
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('does not measure what cannot be measured in time', async () => {
    const { order, asked } = machine(() => 1, { weightsBytes: 40e9 });
    expect(await findFastest(order)).toBeNull();
    expect(asked).toEqual([]);
  });
});
