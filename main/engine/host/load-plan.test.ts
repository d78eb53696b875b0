import { describe, expect, it } from 'vitest';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import { SUMMARY_FORMAT, type ModelSummary } from '../../model-file/model-summary.ts';
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

describe('the sequences of a load', () => {
  // With 32 layers of 2 × 1,024 elements in F16 a sequence of 4,096 tokens has a cache of 0.54 GB.
  const layer = { weightsBytes: 125e6, keyElements: 1024, valueElements: 1024, windowTokens: null, stateBytes: 0 };
  const summary: ModelSummary = {
    ...{ format: SUMMARY_FORMAT, architecture: 'llama', name: null, quantization: null, license: null },
    ...{ parameterCount: 4e9, weightsBytes: 4e9, contextLength: 4096, inputBytes: 0, outputBytes: 0 },
    ...{ outputCopyBytes: 0, layers: Array.from({ length: 32 }, () => layer), embeddingLength: 1024 },
    ...{ feedForwardLength: 2048, headCount: 16, vocabularySize: 1000, hasChatTemplate: true, notes: [] },
  };
  const planIn = (freeGb: number, wish: number, settings: Partial<LoadSettings> = {}) =>
    planLoad(
      { ...defaultLoadSettings, ...settings },
      { ...facts, summary, memory: { totalRamBytes: 32e9, freeRamBytes: freeGb * 1e9 } },
      wish,
    ).plan;

  it('are as many as were wished for, where they fit beside the context that one would get', () => {
    expect(planIn(20, 4)).toMatchObject({ sequences: 4, contextSize: 4096 });
    expect(planIn(20, 1)).toMatchObject({ sequences: 1, contextSize: 4096 });
    expect(planIn(40, 99).sequences).toBe(32);
    // Beside 4 GB of weights and 0.1 GB of the process three caches stay below 85 % of the memory.
    const tight = planIn(6.9, 4);
    expect(tight).toEqual({ ...planIn(6.9, 1), sequences: tight.sequences });
    expect([tight.sequences, planIn(6.9, 2).sequences]).toEqual([3, 2]);
    expect(planIn(4, 4)).toEqual(planIn(4, 1));
  });

  it('are those of the settings where these name a number, and of a model that does not fit', () => {
    expect(planIn(40, 8, { sequences: 2 }).sequences).toBe(2);
    expect(planIn(1, 8).sequences).toBe(1);
  });

  it('push nothing off the GPU', () => {
    const gpu = { freeVramBytes: 6e9, totalVramBytes: 8e9 };
    const memory = { totalRamBytes: 64e9, freeRamBytes: 60e9, ...gpu };
    const one = planLoad(defaultLoadSettings, { ...facts, summary, memory }).plan;
    const four = planLoad(defaultLoadSettings, { ...facts, summary, memory }, 4).plan;
    expect(one.gpuLayers).toBe(33);
    expect(four).toMatchObject({ gpuLayers: 33, contextSize: one.contextSize });
    expect(four.sequences).toBeGreaterThan(1);
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
