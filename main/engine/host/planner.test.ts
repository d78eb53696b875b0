import { describe, expect, it } from 'vitest';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { FreeMemory } from '../../model-file/fit.ts';
import { SUMMARY_FORMAT, type ModelSummary } from '../../model-file/model-summary.ts';
import type { LoadRecords } from '../../store/load-records.ts';
import type { DeviceReport } from '../protocol.ts';
import { noAuxiliaryFiles } from './auxiliary-files.ts';
import { defaultLoadSettings } from './load-plan.ts';
import type { Probed } from './machine/hardware.ts';
import { createPlanner, type Occupant, type Planner, type PlannerOptions } from './planner.ts';

const GPU: FreeMemory = { freeRamBytes: 10e9, totalRamBytes: 16e9, freeVramBytes: 8e9, totalVramBytes: 12e9 };

/** A loaded model that the system counts little of as resident; `pid` undefined so that nothing is read of a process. */
const loaded: Occupant = {
  ...{ modelId: 'a/b/c.gguf', ramBytes: 0.5e9, vramBytes: 4e9, lastUsedAt: 0, busy: true, working: false, kept: false },
  pid: undefined,
};

const noGpu: Probed = { backend: 'cpu', report: null, problems: new Map() };

function planner(
  memory: FreeMemory,
  budgetBytes: number | null = null,
  probe = (): Probed => noGpu,
  records: LoadRecords | null = null,
  occupant: Occupant = loaded,
  options: Partial<PlannerOptions> = {},
): Planner {
  return createPlanner({
    records,
    hardware: {
      probe: async () => probe(),
      forget: () => {},
      describe: () => Promise.reject(new Error('not asked here')),
      memory: () => Promise.resolve(memory),
      lastMemory: () => memory,
      close: async () => {},
    },
    freeMemory: () => memory,
    budgetBytes: () => budgetBytes,
    occupants: () => [occupant],
    findAuxiliaryFile: null,
    ...options,
  });
}

const recordsWith = (settings: LoadSettings): LoadRecords => ({
  ...{ settings: () => settings, saveSettings: () => {}, calibration: () => null, saveCalibration: () => {} },
  ...{ readBytesPerSecond: () => null, memoryBytesPerSecond: () => null, saveMemoryRate: () => {} },
  ...{ measured: () => null, saveMeasured: () => {} },
});
/** Of a small model without a cache to speak of. */
const summary: ModelSummary = {
  ...{ format: SUMMARY_FORMAT, architecture: 'llama', name: null, quantization: null, license: null },
  ...{ parameterCount: 1e9, weightsBytes: 1e9, contextLength: 2048, inputBytes: 0, outputBytes: 0, outputCopyBytes: 0 },
  layers: Array.from({ length: 4 }, () => ({
    ...{ weightsBytes: 0.25e9, keyElements: 64, valueElements: 64, windowTokens: null, stateBytes: 0 },
  })),
  ...{
    embeddingLength: 64,
    feedForwardLength: 128,
    headCount: 4,
    vocabularySize: 1000,
    hasChatTemplate: false,
    notes: [],
  },
};

const model = { modelId: 'x/y/z.gguf', name: 'z', path: '/z.gguf', weightsBytes: 1e9, contextSize: 2048 };

describe('the memory that loads may count on', () => {
  it('is apart for main memory and a discrete GPU', async () => {
    const host = planner(GPU);
    expect(await host.allowance()).toEqual({ ramBytes: 10.5e9 * 0.95, vramBytes: 12e9, unifiedMemory: false });
    const { facts } = await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles);
    expect(facts.memory.freeVramBytes).toBe(8e9);
    // What the system says, plus what this model returns, less what it takes again.
    expect(facts.memory.freeRamBytes).toBeCloseTo(10e9);
    expect(facts.memory.reserveRamBytes).toBeCloseTo(10.5e9 * 0.05);
  });

  it('counts the GPU share as main memory on unified memory, and is finite', async () => {
    const host = planner({ ...GPU, unifiedMemory: true });
    expect(await host.allowance()).toEqual({ ramBytes: 14e9 * 0.95, vramBytes: 12e9, unifiedMemory: true });
    const { facts } = await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles);
    expect(facts.memory.freeRamBytes).toBeCloseTo(10e9);
  });

  it('keeps to the budget on unified memory', async () => {
    const host = planner({ ...GPU, unifiedMemory: true }, 5e9);
    expect((await host.allowance()).ramBytes).toBe(5e9);
    const { facts } = await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles);
    expect(facts.memory.freeRamBytes).toBe(1e9);
  });

  it('has that of idle models where a model would be tight beside them, since they make room for it', async () => {
    const memory = { freeRamBytes: 10e9, totalRamBytes: 16e9 };
    const planOf = async (weightsBytes: number, busy: boolean) => {
      const other = { ...loaded, ramBytes: 4e9, vramBytes: 0, busy };
      const host = planner(memory, null, () => noGpu, null, other);
      const { facts, fit } = await host.planFor({ ...model, weightsBytes }, host.settingsOf(model), noAuxiliaryFiles);
      return [Math.round(facts.memory.freeRamBytes / 1e7) / 100, fit.verdict];
    };
    // 14 GB are for all models, and 4 GB are taken.
    expect(await planOf(5e9, false)).toEqual([10, 'fits']);
    expect(await planOf(8.7e9, true)).toEqual([10, 'tight']);
    expect(await planOf(8.7e9, false)).toEqual([14, 'fits']);
  });

  it('has no limit of a GPU where there is none', async () => {
    const { freeRamBytes, totalRamBytes } = GPU;
    expect((await planner({ freeRamBytes, totalRamBytes }).allowance()).vramBytes).toBe(Infinity);
  });
});

describe('the machine', () => {
  const report: DeviceReport = {
    ...{ backend: 'vulkan', gpuNames: ['A card'], totalVramBytes: 12e9, freeVramBytes: 8e9, unifiedMemory: false },
    cpuFeatures: [],
  };

  it('is another one for loads and their measurements once libraries for its GPU were fetched', async () => {
    let probed = noGpu;
    const asked: string[] = [];
    const host = planner(GPU, null, () => probed, {
      ...{ settings: () => null, saveSettings: () => {}, saveCalibration: () => {}, saveMeasured: () => {} },
      ...{ readBytesPerSecond: () => null, memoryBytesPerSecond: () => null, saveMemoryRate: () => {} },
      measured: () => null,
      calibration: (_modelId, machine) => (asked.push(machine), null),
    });
    const before = await host.machine();
    expect((await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles)).facts.backend).toBe('cpu');
    expect(new Set(asked.splice(0))).toEqual(new Set([before]));

    probed = { backend: 'vulkan', report, problems: new Map() };
    expect((await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles)).facts.backend).toBe('vulkan');
    const after = await host.machine();
    expect(after).not.toBe(before);
    expect(new Set(asked.splice(0))).toEqual(new Set([after]));
    // A second look finds the same machine.
    expect(await host.machine()).toBe(after);
  });
});

const unknown = { modelId: 'x/y/z.gguf', sizeBytes: 1e9, summary: null };

it('the memory that is free is what the system says, in fits too; loads leave a twentieth of it', async () => {
  const memory: FreeMemory = { totalRamBytes: 16e9, freeRamBytes: 10e9 };
  const host = planner(memory, null, undefined, null, loaded, { occupants: () => [] });
  expect(host.fitNow(unknown).freeRamBytes).toBe(10e9);
  expect((await host.fitOf(model, host.settingsOf(model))).freeRamBytes).toBe(10e9);
  expect((await host.allowance()).ramBytes).toBe(9.5e9);
  // A budget below that is left whole.
  const limited = planner(memory, 4e9, undefined, null, loaded, { occupants: () => [] });
  expect(limited.fitNow(unknown).freeRamBytes).toBe(4e9);
  expect((await limited.allowance()).ramBytes).toBe(4e9);
});

it('an adapter that was replaced or deleted is noticed by estimates within seconds', async () => {
  const sizes: (number | null)[] = [2e9, 3e9, null];
  let nowMs = 0;
  let asked = 0;
  const settings = { ...defaultLoadSettings, loras: [{ modelId: 'x/y/lora.gguf', scale: 1 }] };
  const host = planner({ totalRamBytes: 64e9, freeRamBytes: 32e9 }, null, undefined, recordsWith(settings), loaded, {
    occupants: () => [],
    elapsedMs: () => nowMs,
    async findAuxiliaryFile() {
      const sizeBytes = sizes[asked++] ?? null;
      if (sizeBytes === null) throw new AppError('model.missing', 'It is gone.');
      return { path: '/lora.gguf', sizeBytes, summary: null };
    },
  });
  const question = { modelId: 'x/y/z.gguf', sizeBytes: summary.weightsBytes, summary };
  const weights = (): number => host.fitNow(question).weightsBytes - summary.weightsBytes;
  expect(weights()).toBe(0);
  await expect.poll(weights).toBe(2e9);
  expect(asked).toBe(1);
  nowMs += 6000;
  await expect.poll(weights).toBe(3e9);
  nowMs += 6000;
  await expect.poll(weights).toBe(0);
  expect(asked).toBe(3);
});
