import { describe, expect, it } from 'vitest';
import type { FreeMemory } from '../../model-file/fit.ts';
import { noAuxiliaryFiles } from './auxiliary-files.ts';
import { createPlanner, type Occupant, type Planner } from './planner.ts';

const GPU: FreeMemory = { freeRamBytes: 10e9, totalRamBytes: 16e9, freeVramBytes: 8e9, totalVramBytes: 12e9 };

/** A loaded model that the system counts little of as resident; `pid` undefined so that nothing is read of a process. */
const loaded: Occupant = {
  ...{ modelId: 'a/b/c.gguf', ramBytes: 0.5e9, vramBytes: 4e9, lastUsedAt: 0, busy: true, working: false, kept: false },
  pid: undefined,
};

function planner(memory: FreeMemory, budgetBytes: number | null = null): Planner {
  return createPlanner({
    records: null,
    hardware: {
      probe: () => Promise.resolve({ backend: 'cpu', report: null, problems: new Map() }),
      forget: () => {},
      describe: () => Promise.reject(new Error('not asked here')),
      memory: () => Promise.resolve(memory),
      lastMemory: () => memory,
      close: async () => {},
    },
    freeMemory: () => memory,
    budgetBytes: () => budgetBytes,
    occupants: () => [loaded],
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

  it('has no limit of a GPU where there is none', async () => {
    const { freeRamBytes, totalRamBytes } = GPU;
    expect((await planner({ freeRamBytes, totalRamBytes }).allowance()).vramBytes).toBe(Infinity);
  });
});
