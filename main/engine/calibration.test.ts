import { describe, expect, it } from 'vitest';
import { findFastest, threadCandidates, type CalibrationOrder } from './calibration.ts';
import type { Measurement } from './protocol.ts';

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
    const { order, asked } = machine((phase, threads) => (threads === 1 ? 2200 : 51) * (phase === 'decode' ? 1 : 10), {
      weightsBytes: 1e6,
      cores: 2,
    });
    expect(await findFastest(order)).toMatchObject({ decodeThreads: 1, promptThreads: 1 });
    expect(asked.filter(({ phase }) => phase === 'decode').map(({ threads }) => threads)).toEqual([1, 2]);
  });

  it('prefers fewer threads where more gain nothing but noise', async () => {
    const { order } = machine((_phase, threads) => 1000 + threads);
    expect(await findFastest(order)).toMatchObject({ decodeThreads: 1, promptThreads: 1 });
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

  it('does not measure what cannot be measured in time', async () => {
    const { order, asked } = machine(() => 1, { weightsBytes: 40e9 });
    expect(await findFastest(order)).toBeNull();
    expect(asked).toEqual([]);
  });
});
