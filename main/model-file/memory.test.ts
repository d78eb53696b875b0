import { describe, expect, it } from 'vitest';
import { estimatedUse, measuredUse, totalUse } from './memory.ts';

describe('memory use', () => {
  it('keeps the share of a discrete GPU out of main memory', () => {
    const use = estimatedUse(7e9, 5e9, false);
    expect(use).toEqual({ ramBytes: 2e9, vramBytes: 5e9 });
    expect(totalUse(use, false)).toBe(7e9);
    expect(measuredUse({ ramBytes: 1e9, vramBytes: 5e9 }, false)).toEqual({ ramBytes: 1e9, vramBytes: 5e9 });
  });

  it('counts the share of a GPU with unified memory as main memory', () => {
    const use = estimatedUse(7e9, 5e9, true);
    expect(use).toEqual({ ramBytes: 7e9, vramBytes: 5e9 });
    expect(totalUse(use, true)).toBe(7e9);
  });

  it('takes the larger measurement on unified memory, whether the system counts GPU buffers as resident or not', () => {
    expect(measuredUse({ ramBytes: 6.8e9, vramBytes: 6.3e9 }, true).ramBytes).toBe(6.8e9);
    expect(measuredUse({ ramBytes: 0.5e9, vramBytes: 6.3e9 }, true).ramBytes).toBe(6.3e9);
  });

  it('never answers less than nothing', () => {
    expect(estimatedUse(1e9, 2e9, false).ramBytes).toBe(0);
  });
});
