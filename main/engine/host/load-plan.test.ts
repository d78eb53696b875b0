import { describe, expect, it } from 'vitest';
import { defaultLoadSettings, planLoad, settingsKey, type LoadPlan, type PlanFacts } from './load-plan.ts';

const facts: PlanFacts = {
  ...{ weightsBytes: 8e9, summary: null, fallbackContextSize: 4096, calibration: null, cores: 4 },
  ...{ memory: { totalRamBytes: 32e9, freeRamBytes: 20e9 }, measured: () => null, backend: 'cpu' },
};

describe('a load plan', () => {
  it('has no more threads than there are cores, whoever chose them', () => {
    const threadsOf = (threads: number | 'auto', measured?: number) => {
      const calibration = measured === undefined ? null : { decodeThreads: measured, promptThreads: measured };
      const { plan } = planLoad(
        { ...defaultLoadSettings, threads },
        {
          ...facts,
          calibration: calibration as PlanFacts['calibration'],
        },
      );
      return [plan.decodeThreads, plan.promptThreads];
    };
    expect(threadsOf(3)).toEqual([3, 3]);
    expect(threadsOf(64)).toEqual([4, 4]);
    expect(threadsOf('auto', 2)).toEqual([2, 2]);
    expect(threadsOf('auto', 16)).toEqual([4, 4]);
    expect(threadsOf(1, 2)).toEqual([1, 1]);
  });

  it('uses what was measured with the same key, and only that', () => {
    const { plan } = planLoad(defaultLoadSettings, facts);
    const key = settingsKey(plan, 'cpu');
    const measured = (settings: string) => (settings === key ? { ramBytes: 5e9, vramBytes: 0 } : null);
    expect(planLoad(defaultLoadSettings, { ...facts, measured }).fit).toMatchObject({
      basis: 'measured',
      ramBytes: 5e9,
    });
    expect(planLoad({ ...defaultLoadSettings, sequences: 2 }, { ...facts, measured }).fit.basis).toBe('file_size');
  });
});

describe('the speed of a load', () => {
  const speedOn = (totalVramBytes: number, readBytesPerSecond?: number): number | null => {
    const calibration = {
      ...{ decodeThreads: 1, promptThreads: 1, batchSize: 512, decodeTokensPerSecond: 40, promptTokensPerSecond: 90 },
      ...{ tried: [], tookMs: 1, at: 1, ...(readBytesPerSecond !== undefined && { readBytesPerSecond }) },
    };
    const memory = { ...facts.memory, freeVramBytes: totalVramBytes, totalVramBytes };
    return planLoad(defaultLoadSettings, { ...facts, calibration, memory }).fit.tokensPerSecond;
  };

  it('is the one that was measured, where that was without a GPU', () => {
    expect(speedOn(0)).toBe(40);
    // The rate of main memory is kept only of models that were in main memory.
    expect(speedOn(8e9, 30e9)).toBe(40);
    expect(speedOn(8e9)).toBeNull();
  });
});

describe('the key of a measurement', () => {
  it('differs where the memory may, and not with the threads', () => {
    const { plan } = planLoad(defaultLoadSettings, facts);
    const others: Partial<LoadPlan>[] = [
      ...[{ contextSize: 1 }, { sequences: 2 }, { gpuLayers: 3 }, { kvCacheType: 'Q8_0' as const }],
      ...[{ flashAttention: false }, { batchSize: 64 }, { mmap: false }, { mlock: true }],
    ];
    const keys = [plan, ...others.map((change) => ({ ...plan, ...change }))].map((one) => settingsKey(one, 'cpu'));
    expect(new Set([...keys, settingsKey(plan, 'cuda')]).size).toBe(others.length + 2);
    expect(settingsKey({ ...plan, decodeThreads: 9, promptThreads: 9 }, 'cpu')).toBe(keys[0]);
  });
});
