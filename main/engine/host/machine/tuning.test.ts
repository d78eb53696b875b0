import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../../../preload/contract/engine.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import { SUMMARY_FORMAT, type ModelSummary } from '../../../model-file/model-summary.ts';
import type { Measurement } from '../../protocol.ts';
import { defaultLoadSettings } from '../load-plan.ts';
import { newInstance, usable, type Instance } from '../instance.ts';
import { createTuning, type Tuning } from './tuning.ts';

/** An instance whose child measures the same speed whatever it is asked, unless `measures` says something else. */
function loadedInstance(
  weightsBytes: number,
  measures: (measured: readonly Measurement[]) => readonly Measurement[] = (measured) => measured,
): Instance {
  const modelId = 'owner/name/file.gguf';
  const instance = newInstance(
    { modelId, name: 'Name', path: '/file.gguf', weightsBytes, contextSize: 512 },
    defaultLoadSettings,
    { ifRoom: false },
    0,
  );
  const call = async (route: string, { decodeThreads, promptThreads, batchSizes }: Record<string, number[]>) => {
    if (route !== 'measure') return {};
    const one = (phase: 'decode' | 'prompt', threads: number, batchSize: number): Measurement => ({
      ...{ phase, threads, batchSize, tokensPerSecond: 1000 },
    });
    return {
      measured: measures([
        ...(decodeThreads ?? []).map((threads) => one('decode', threads, 512)),
        ...(promptThreads ?? []).flatMap((threads) => (batchSizes ?? []).map((size) => one('prompt', threads, size))),
      ]),
    };
  };
  const child = { client: { call }, explain: async (thrown: unknown) => thrown };
  const loaded = { info: { gpuLayers: 0, layerCount: 2, batchSize: 512 }, calibration: null, isUnmeasurable: false };
  return Object.assign(instance, { child, loaded }) as unknown as Instance;
}

function tuningOf(instance: Instance, busyCores = 0): { tuning: Tuning; saved: Calibration[] } {
  const saved: Calibration[] = [];
  const tuning = createTuning({
    residents: {
      instances: () => [instance],
      change: (one, patch) => void (one.state = { ...one.state, ...patch }),
      work(one) {
        one.ownWorks++;
        return () => void one.ownWorks--;
      },
    },
    planner: { machine: async () => 'machine' },
    busy: { cores: async () => busyCores, stop: () => {} },
    records: {
      settings: () => null,
      saveSettings: () => {},
      calibration: () => null,
      saveCalibration: (_modelId, _machine, calibration) => void saved.push(calibration),
      readBytesPerSecond: () => null,
      memoryBytesPerSecond: () => null,
      saveMemoryRate: () => {},
      measured: () => null,
      saveMeasured: () => {},
    },
    now: () => 7,
  });
  return { tuning, saved };
}

/** Two layers of 500 MB and an output of 200 MB: one token reads 1.2 GB; the 300 MB of embeddings are not read. */
const large: ModelSummary = {
  ...{ format: SUMMARY_FORMAT, architecture: 'llama', name: null, quantization: null, license: null },
  ...{ parameterCount: 1e9, weightsBytes: 1.5e9, contextLength: 4096 },
  layers: Array.from({ length: 2 }, () => ({
    ...{ weightsBytes: 500e6, keyElements: 64, valueElements: 64, windowTokens: null, stateBytes: 0 },
  })),
  ...{ inputBytes: 300e6, outputBytes: 200e6, outputCopyBytes: 0, embeddingLength: 64, feedForwardLength: 128 },
  ...{ headCount: 4, vocabularySize: 1000, hasChatTemplate: false, notes: [] },
};

describe("this machine's rate of reading", () => {
  const rateOf = async (summary: ModelSummary | undefined, gpuLayers: number): Promise<readonly unknown[]> => {
    const instance = loadedInstance(large.weightsBytes);
    const model = { ...instance.model, ...(summary && { summary }) };
    const { loaded } = usable(instance);
    Object.assign(instance, { model, loaded: { ...loaded, info: { ...loaded.info, gpuLayers } } });
    const { tuning, saved } = tuningOf(instance);
    const found = await tuning.calibrate(usable(instance));
    expect(saved).toEqual([found]);
    return saved.map(({ readBytesPerSecond }) => readBytesPerSecond);
  };

  it('is what a token of the measured model reads times its tokens per second', async () => {
    // 1.2 GB at 1,000 tokens/s.
    expect(await rateOf(large, 0)).toEqual([1.2e12]);
  });

  it('is not kept where a part of the model is on a GPU, where its header is not known, and for a small model', async () => {
    expect(await rateOf(large, 1)).toEqual([undefined]);
    expect(await rateOf(undefined, 0)).toEqual([undefined]);
    const layers = large.layers.map((layer) => ({ ...layer, weightsBytes: 1e6 }));
    expect(await rateOf({ ...large, layers, outputBytes: 1e6 }, 0)).toEqual([undefined]);
  });
});

describe('a model that was not measured in its load', () => {
  it.each([3_000_000, 500_000_000])(
    'with %d bytes is measured after it, once, and it is kept',
    async (weightsBytes) => {
      const instance = loadedInstance(weightsBytes);
      const { tuning, saved } = tuningOf(instance);
      await tuning.calibrateUnused();
      await tuning.calibrateUnused();
      expect(saved).toEqual([expect.objectContaining({ decodeThreads: 1, decodeTokensPerSecond: 1000, at: 7 })]);
      expect(instance.state.calibration).toEqual(saved[0]);
      expect([instance.running, instance.ownWorks]).toEqual([0, 0]);
    },
  );

  it('is left alone while somebody uses it, and while other programs compute', async () => {
    for (const [change, busyCores] of [
      [{ leases: 1 }, 0],
      [{ running: 1 }, 0],
      [{ ownWorks: 1 }, 0],
      [{}, 1.5],
    ] as const) {
      const { tuning, saved } = tuningOf(Object.assign(loadedInstance(3_000_000), change), busyCores);
      await tuning.calibrateUnused();
      expect(saved).toEqual([]);
    }
  });
});

it('is measured once for all who ask meanwhile', async () => {
  const instance = loadedInstance(3_000_000);
  const { tuning, saved } = tuningOf(instance);
  const [one, other] = await Promise.all([tuning.calibrate(usable(instance)), tuning.calibrate(usable(instance))]);
  expect(other).toBe(one);
  expect(saved).toEqual([one]);
  await tuning.calibrate(usable(instance));
  expect(saved).toHaveLength(2);
  await expect(tuning.calibrate(usable(Object.assign(instance, { running: 1 })))).rejects.toMatchObject({
    code: 'busy',
    data: { reason: 'model_writing' },
  });
});

describe('a model of which nothing can be measured', () => {
  it('is not measured again and again, and the user is told that it cannot be', async () => {
    let measurements = 0;
    const instance = loadedInstance(3_000_000, () => {
      measurements++;
      return [];
    });
    const { tuning, saved } = tuningOf(instance);
    await tuning.calibrateUnused();
    const first = measurements;
    expect(first).toBeGreaterThan(0);
    await tuning.calibrateUnused();
    expect([measurements, saved]).toEqual([first, []]);
    await expect(tuning.calibrate(usable(instance))).rejects.toMatchObject({ data: { reason: 'nothing_to_measure' } });
    const large = loadedInstance(50_000_000_000);
    await expect(tuningOf(large).tuning.calibrate(usable(large))).rejects.toMatchObject({
      data: { reason: 'too_large_to_measure' },
    });
  });

  it('is measured later when it was in use, and not when the child failed', async () => {
    for (const [code, isAskedAgain] of [
      ['busy', true],
      ['unsupported', false],
    ] as const) {
      let measurements = 0;
      const instance = loadedInstance(3_000_000, () => {
        measurements++;
        throw new AppError(code, 'The script says so.');
      });
      const { tuning } = tuningOf(instance);
      await tuning.calibrateUnused();
      await tuning.calibrateUnused();
      expect(measurements).toBe(isAskedAgain ? 2 : 1);
    }
  });
});
