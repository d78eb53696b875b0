import { describe, expect, it } from 'vitest';
import { addRange, coveredBytes, missingRanges, prefixBytes, type ByteRange } from './byte-ranges.ts';

const set = (...pairs: [number, number][]): readonly ByteRange[] =>
  pairs.reduce<readonly ByteRange[]>((ranges, [start, end]) => addRange(ranges, { start, end }), []);

describe('a set of ranges', () => {
  it.each([
    [
      set([0, 10], [20, 30]),
      [
        [0, 10],
        [20, 30],
      ],
    ],
    [
      set([20, 30], [0, 10]),
      [
        [0, 10],
        [20, 30],
      ],
    ],
    [set([0, 10], [10, 20]), [[0, 20]]],
    [set([0, 10], [20, 30], [5, 25]), [[0, 30]]],
    [set([5, 6], [0, 30]), [[0, 30]]],
    [set([3, 3]), []],
  ])('%#', (ranges, expected) => {
    expect(ranges.map(({ start, end }) => [start, end])).toEqual(expected);
  });

  it('knows what is missing, how much there is and how far it goes', () => {
    const ranges = set([0, 10], [20, 30]);
    expect(missingRanges(ranges, { start: 0, end: 40 })).toEqual([
      { start: 10, end: 20 },
      { start: 30, end: 40 },
    ]);
    expect(missingRanges(ranges, { start: 5, end: 15 })).toEqual([{ start: 10, end: 15 }]);
    expect(missingRanges(ranges, { start: 22, end: 28 })).toEqual([]);
    expect(missingRanges([], { start: 3, end: 3 })).toEqual([]);
    expect(coveredBytes(ranges)).toBe(20);
    expect(prefixBytes(ranges)).toBe(10);
    expect(prefixBytes(set([1, 5]))).toBe(0);
  });

  it('is the same as a list of bytes, whatever is added', () => {
    let state = 7;
    const chance = (below: number): number => (state = (state * 48271) % 2147483647) % below;
    for (let round = 0; round < 50; round++) {
      let ranges: readonly ByteRange[] = [];
      const bytes = new Set<number>();
      for (let step = 0; step < 20; step++) {
        const start = chance(60);
        const end = start + chance(12);
        ranges = addRange(ranges, { start, end });
        for (let at = start; at < end; at++) bytes.add(at);
      }
      expect(coveredBytes(ranges)).toBe(bytes.size);
      const missing = missingRanges(ranges, { start: 0, end: 80 });
      for (const { start, end } of missing) for (let at = start; at < end; at++) expect(bytes.has(at)).toBe(false);
      expect(coveredBytes(missing)).toBe(80 - bytes.size);
    }
  });
});
