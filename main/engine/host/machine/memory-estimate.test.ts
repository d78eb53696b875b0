import { describe, expect, it } from 'vitest';
import type { LoadRecords } from '../../../store/load-records.ts';
import { createMemoryEstimate } from './memory-estimate.ts';
import { bestRate, measureMemoryRate } from './memory-rate.ts';

/** A machine whose memory measures `rates`, one at each try. */
function setUp(rates: readonly (number | null)[], known: { ofModel?: number; ofMemory?: number } = {}) {
  const saved: [string, number][] = [];
  let tries = 0;
  const state = { busyCores: 0, isWorking: false };
  const measureOnce = createMemoryEstimate({
    records: {
      readBytesPerSecond: () => known.ofModel ?? null,
      memoryBytesPerSecond: () => known.ofMemory ?? saved.at(-1)?.[1] ?? null,
      saveMemoryRate: (machine: string, rate: number) => void saved.push([machine, rate]),
    } as unknown as LoadRecords,
    planner: { machine: async () => 'here' },
    busy: { cores: async () => state.busyCores, stop: () => {} },
    isWorking: () => state.isWorking,
    measure: async () => rates[tries++] ?? null,
  });
  return { measureOnce, saved, state, tries: () => tries };
}

describe('the memory of this machine', () => {
  it('is measured once, and kept for this machine', async () => {
    const { measureOnce, saved, tries } = setUp([20e9, 30e9]);
    await Promise.all([measureOnce(), measureOnce()]);
    await measureOnce();
    expect(saved).toEqual([['here', 20e9]]);
    expect(tries()).toBe(1);
  });

  it('is measured when neither a model nor another program computes', async () => {
    const { measureOnce, saved, state, tries } = setUp([20e9]);
    state.isWorking = true;
    await measureOnce();
    Object.assign(state, { isWorking: false, busyCores: 0.6 });
    await measureOnce();
    expect(tries()).toBe(0);
    state.busyCores = 0.2;
    await measureOnce();
    expect(saved).toEqual([['here', 20e9]]);
  });

  it('is not measured where a model tells more, or where it is known', async () => {
    for (const known of [{ ofModel: 15e9 }, { ofMemory: 20e9 }]) {
      const { measureOnce, tries } = setUp([20e9], known);
      await measureOnce();
      expect(tries()).toBe(0);
    }
  });

  it('is given up after three tries that found nothing', async () => {
    const { measureOnce, saved, tries } = setUp([null, null, null, 20e9]);
    for (let call = 0; call < 5; call++) await measureOnce();
    expect(tries()).toBe(3);
    expect(saved).toEqual([]);
  });
});

describe('a measurement of memory', () => {
  it('takes the best round, which ends with its slowest thread', () => {
    const rounds = [
      [40, 12, 10, 11],
      [20, 10, 30, 10],
    ];
    // 110 MB in 11 ms.
    expect(bestRate(rounds, 110e6)).toBe(10e9);
  });

  it('tells nothing from less than three rounds', () => {
    expect(bestRate([[10, 10]], 100e6)).toBeNull();
    expect(bestRate([], 100e6)).toBeNull();
  });

  it('reads with the threads that it is given, as long as it takes on a busy machine', async () => {
    const rate = await measureMemoryRate(2, { measureMs: 5000, limitMs: 50_000 });
    // From a tenth of one channel of DDR3 to the caches of a server.
    expect(rate).toBeGreaterThan(0.6e9);
    expect(rate).toBeLessThan(5e12);
  });

  it('is given up in time', async () => {
    expect(await measureMemoryRate(2, { measureMs: 60_000, limitMs: 20 })).toBeNull();
  });
});
