import { describe, expect, it } from 'vitest';
import type { FreeMemory } from '../../model-file/fit.ts';
import type { LoadRecords } from '../../store/load-records.ts';
import type { DeviceReport } from '../protocol.ts';
import { noAuxiliaryFiles } from './auxiliary-files.ts';
import type { Probed } from './machine/hardware.ts';
import { createPlanner, type Occupant, type Planner } from './planner.ts';

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
  });
}

const model = { modelId: 'x/y/z.gguf', name: 'z', path: '/z.gguf', weightsBytes: 1e9, contextSize: 2048 };

describe('the memory that loads may count on', () => {
  it('is apart for main memory and a discrete GPU', async () => {
    const host = planner(GPU);
    expect(await host.allowance()).toEqual({ ramBytes: 10.5e9 * 0.95, vramBytes: 12e9, unifiedMemory: false });
    const { facts } = await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles);
    expect(facts.memory.freeVramBytes).toBe(8e9);
    expect(facts.memory.freeRamBytes).toBeCloseTo(10.5e9 * 0.95 - 0.5e9);
  });

  it('counts the GPU share as main memory on unified memory, and is finite', async () => {
    const host = planner({ ...GPU, unifiedMemory: true });
    expect(await host.allowance()).toEqual({ ramBytes: 14e9 * 0.95, vramBytes: 12e9, unifiedMemory: true });
    const { facts } = await host.planFor(model, host.settingsOf(model), noAuxiliaryFiles);
    expect(facts.memory.freeRamBytes).toBeCloseTo(14e9 * 0.95 - 4e9);
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
    // 95 % of 14 GB are for all models, and 4 GB are taken.
    expect(await planOf(5e9, false)).toEqual([9.3, 'fits']);
    expect(await planOf(7.3e9, true)).toEqual([9.3, 'tight']);
    expect(await planOf(7.3e9, false)).toEqual([13.3, 'fits']);
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
