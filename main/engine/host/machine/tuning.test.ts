import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../../../preload/contract/engine.ts';
import type { Measurement } from '../../protocol.ts';
import { defaultLoadSettings } from '../load-plan.ts';
import { newInstance, usable, type Instance } from '../instance.ts';
import { createTuning, type Tuning } from './tuning.ts';

/** An instance whose child measures the same speed whatever it is asked. */
function loadedInstance(weightsBytes: number): Instance {
  const modelId = 'owner/name/file.gguf';
  const instance = newInstance(
    { modelId, name: 'Name', path: '/file.gguf', weightsBytes, contextSize: 512 },
    defaultLoadSettings,
    false,
    0,
  );
  const call = async (route: string, { decodeThreads, promptThreads, batchSizes }: Record<string, number[]>) => {
    if (route !== 'measure') return {};
    const one = (phase: 'decode' | 'prompt', threads: number, batchSize: number): Measurement => ({
      ...{ phase, threads, batchSize, tokensPerSecond: 1000 },
    });
    return {
      measured: [
        ...(decodeThreads ?? []).map((threads) => one('decode', threads, 512)),
        ...(promptThreads ?? []).flatMap((threads) => (batchSizes ?? []).map((size) => one('prompt', threads, size))),
      ],
    };
  };
  const child = { client: { call }, explain: async (thrown: unknown) => thrown };
  const loaded = { info: { gpuLayers: 0, layerCount: 2, batchSize: 512 }, calibration: null };
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
    busy: { cores: () => busyCores, stop: () => {} },
    records: {
      settings: () => null,
      saveSettings: () => {},
      calibration: () => null,
      saveCalibration: (_modelId, _machine, calibration) => void saved.push(calibration),
      measured: () => null,
      saveMeasured: () => {},
    },
    now: () => 7,
  });
  return { tuning, saved };
}

describe('a small model', () => {
  it('is measured after its load, once, and it is kept', async () => {
    const instance = loadedInstance(3_000_000);
    const { tuning, saved } = tuningOf(instance);
    await tuning.calibrateUnused();
    await tuning.calibrateUnused();
    expect(saved).toEqual([expect.objectContaining({ decodeThreads: 1, decodeTokensPerSecond: 1000, at: 7 })]);
    expect(instance.state.calibration).toEqual(saved[0]);
    expect([instance.running, instance.ownWorks]).toEqual([0, 0]);
  });

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

it('a model that was to be measured in its load is not measured after it', async () => {
  const { tuning, saved } = tuningOf(loadedInstance(500_000_000));
  await tuning.calibrateUnused();
  expect(saved).toEqual([]);
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
