import { describe, expect, it } from 'vitest';
import { modelsToEvict, returnedBytes, type Resident } from './budget.ts';

const resident = (modelId: string, patch: Partial<Resident> = {}): Resident => ({
  ...{ modelId, ramBytes: 100, vramBytes: 0, lastUsedAt: 0, busy: false, kept: false },
  ...patch,
});
const needs = (ramBytes: number, vramBytes = 0): { ramBytes: number; vramBytes: number } => ({ ramBytes, vramBytes });

describe('making room', () => {
  const allowance = { ramBytes: 300, vramBytes: 50, unifiedMemory: false };

  it('lets everything stay where there is room', () => {
    expect(modelsToEvict([resident('a'), resident('b')], needs(100), allowance)).toEqual([]);
  });
  it('takes the least recently used, and no more than it must', () => {
    const loaded = [
      resident('new', { lastUsedAt: 3 }),
      resident('old', { lastUsedAt: 1 }),
      resident('middle', { lastUsedAt: 2 }),
    ];
    expect(modelsToEvict(loaded, needs(100), allowance)).toEqual(['old']);
    expect(modelsToEvict(loaded, needs(200), allowance)).toEqual(['old', 'middle']);
  });
  it('takes one that nobody looks at before one that somebody does', () => {
    const loaded = [resident('seen', { lastUsedAt: 1, kept: true }), resident('unseen', { lastUsedAt: 9 })];
    expect(modelsToEvict(loaded, needs(150), allowance)).toEqual(['unseen']);
  });
  it('never takes one that writes', () => {
    const loaded = [resident('writes', { busy: true }), resident('idle', { lastUsedAt: 9 })];
    expect(modelsToEvict(loaded, needs(200), allowance)).toEqual(['idle']);
    expect(modelsToEvict(loaded, needs(250), allowance)).toBeNull();
  });
  it('counts the GPU share of a loaded model as main memory where the two are one', () => {
    const unified = { ramBytes: 300, vramBytes: 250, unifiedMemory: true };
    // The system counts little of it as resident, because the GPU's driver holds it.
    const loaded = [resident('gpu', { ramBytes: 20, vramBytes: 200 })];
    expect(modelsToEvict(loaded, needs(150), unified)).toEqual(['gpu']);
    expect(modelsToEvict(loaded, needs(100), unified)).toEqual([]);
    expect(modelsToEvict(loaded, needs(150), { ...unified, unifiedMemory: false })).toEqual([]);
    // The GPU's own limit holds too.
    expect(modelsToEvict(loaded, needs(60, 60), unified)).toEqual(['gpu']);
  });
  it('takes nothing for nothing: a model in RAM does not free the GPU', () => {
    const loaded = [resident('ram', { lastUsedAt: 1 }), resident('gpu', { lastUsedAt: 2, ramBytes: 0, vramBytes: 40 })];
    expect(modelsToEvict(loaded, needs(10, 30), allowance)).toEqual(['gpu']);
  });
});

describe('what comes back', () => {
  it.runIf(process.platform === 'linux')('is a process’s own memory, not the files that it has mapped', () => {
    const own = returnedBytes(process.pid, { ramBytes: 0, vramBytes: 0 }, false);
    expect(own).toBeGreaterThan(10e6);
    expect(own).toBeLessThan(process.memoryUsage.rss());
    expect(returnedBytes(2 ** 30, { ramBytes: 5, vramBytes: 0 }, false)).toBe(0);
  });
});
