import { describe, expect, it } from 'vitest';
import { contextSizes, nearestSize } from './context-sizes.ts';

describe('contextSizes', () => {
  it('rises to the trained context size, and ends exactly there', () => {
    const sizes = contextSizes(40_960);
    expect(sizes.slice(0, 6)).toEqual([512, 1024, 1536, 2048, 3072, 4096]);
    expect(sizes.at(-1)).toBe(40_960);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(sizes.length);
  });

  it('has an end for an unknown model, and one size for a tiny one', () => {
    expect(contextSizes(null).at(-1)).toBe(131_072);
    expect(contextSizes(256)).toEqual([256]);
  });

  it('finds the nearest size', () => {
    const sizes = contextSizes(8192);
    expect(sizes[nearestSize(sizes, 4000)]).toBe(4096);
    expect(sizes[nearestSize(sizes, 100)]).toBe(512);
    expect(sizes[nearestSize(sizes, 999_999)]).toBe(8192);
  });
});
