import { describe, expect, it } from 'vitest';
import { parsePiece, pieceSets, wholeOf } from './pieces.ts';

describe('pieces', () => {
  it.each([
    ['70B', ['m.Q6_K.gguf.part1of2', 'm.Q6_K.gguf.part2of2'], 'm.Q6_K.gguf'],
    ['TheBloke', ['falcon-180b.Q8_0.gguf-split-a', 'falcon-180b.Q8_0.gguf-split-b'], 'falcon-180b.Q8_0.gguf'],
    ['split', ['d/x.gguf.part-aa', 'd/x.gguf.part-ab', 'd/x.gguf.part-ac'], 'd/x.gguf'],
    ['numbers', ['x.gguf.001', 'x.gguf.002'], 'x.gguf'],
  ])('of %s are one file', (_name, paths, whole) => {
    expect([...pieceSets([...paths].reverse())]).toEqual([[whole, paths]]);
    expect(wholeOf(paths)).toBe(whole);
  });

  it('with a gap, or fewer than the name tells, are no file', () => {
    for (const paths of [
      ['x.gguf.part1of3', 'x.gguf.part2of3'],
      ['x.gguf-split-a', 'x.gguf-split-c'],
      ['x.gguf-split-b', 'x.gguf-split-c'],
      ['x.gguf.002', 'x.gguf.003'],
      ['x.gguf.part1of1'],
    ])
      expect([paths, [...pieceSets(paths)]]).toEqual([paths, []]);
    expect(wholeOf(['x.gguf.001', 'x.gguf.002', 'y.gguf'])).toBeNull();
    expect(wholeOf(['x.gguf'])).toBeNull();
  });

  it.each(['x.gguf', 'x-00001-of-00002.gguf', 'x.gguf.md', 'x.gguf.sha256', 'x.bin.part1of2'])('%s is none', (path) =>
    expect(parsePiece(path)).toBeNull(),
  );
});
