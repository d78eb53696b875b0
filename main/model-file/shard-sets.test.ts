import { describe, expect, it } from 'vitest';
import { shardSets } from './shard-sets.ts';

const shard = (path: string, number: number, count: number, tensors: number | null = 291) => ({
  ...{ path, number, count, tensors },
});
const paths = (shards: readonly ReturnType<typeof shard>[]): string[][] =>
  shardSets(shards).map((set) => set.map(({ path }) => path));

describe('shardSets', () => {
  it('takes one shard of each number in a folder, whatever the names', () => {
    expect(paths([shard('f/zebra.gguf', 1, 3), shard('f/ape.gguf', 3, 3), shard('f/cow.gguf', 2, 3)])).toEqual([
      ['f/zebra.gguf', 'f/cow.gguf', 'f/ape.gguf'],
    ]);
    expect(paths([shard('f/a.gguf', 1, 2), shard('g/b.gguf', 2, 2)])).toEqual([]);
    expect(paths([shard('a.gguf', 1, 3), shard('b.gguf', 3, 3)])).toEqual([]);
  });

  it('keeps sets with different numbers of shards apart', () => {
    const [two, three] = [
      [shard('x.gguf', 1, 2), shard('y.gguf', 2, 2)],
      [shard('p.gguf', 1, 3), shard('q.gguf', 2, 3), shard('r.gguf', 3, 3)],
    ];
    expect(paths([...three, ...two])).toEqual([
      ['p.gguf', 'q.gguf', 'r.gguf'],
      ['x.gguf', 'y.gguf'],
    ]);
  });

  it.each([
    ['M-Q4.part1.gguf', 'M-Q4.part2.gguf', 'M-Q8.part1.gguf', 'M-Q8.part2.gguf'],
    ['M-Q4-a.gguf', 'M-Q4-b.gguf', 'M-Q8-a.gguf', 'M-Q8-b.gguf'],
    ['M-Q4_0.gguf', 'M-Q4_1.gguf', 'M-Q8_0.gguf', 'M-Q8_1.gguf'],
    ['M-Q4-1-of-2.gguf', 'M-Q4-2-of-2.gguf', 'M-Q8-1-of-2.gguf', 'M-Q8-2-of-2.gguf'],
    ['1/M2.gguf', '1/M3.gguf', '2/M2.gguf', '2/M3.gguf'],
  ])('tells two sets of one folder apart by their names: %s', (a, b, c, d) => {
    const all = [shard(d, 2, 2), shard(b, 2, 2), shard(c, 1, 2), shard(a, 1, 2)];
    expect(paths(all).sort()).toEqual([
      [a, b],
      [c, d],
    ]);
  });

  it.each([
    ['Gemma-a.gguf', 'Qwen-b.gguf'],
    ['M-Q4-a.gguf', 'M-Q8-b.gguf'],
    ['M-Q4.part1.gguf', 'M-Q8.part2.gguf'],
    ['Gemma (1).gguf', 'Qwen (2).gguf'],
  ])('never joins halves whose names say that they are of different models: %s', (a, b) => {
    expect(paths([shard(a, 1, 2), shard(b, 2, 2)])).toEqual([]);
    // A half beside a whole set stays alone.
    const mate = b.replace(/[b2](?=[).])/, (one) => (one === 'b' ? 'a' : '1'));
    expect(paths([shard(a, 1, 2), shard(mate, 1, 2), shard(b, 2, 2)])).toEqual([[mate, b]]);
  });

  it('joins names of which one tells nothing, and hashes, which have digits by chance', () => {
    expect(paths([shard('M-Q4-a.gguf', 1, 2), shard('the rest.gguf', 2, 2)])).toHaveLength(1);
    expect(paths([shard('f1ab9.gguf', 1, 2), shard('e2dc.gguf', 2, 2)])).toHaveLength(1);
    expect(paths([shard('gemma-2-it-a.gguf', 1, 2), shard('gemma-2-it-b.gguf', 2, 2)])).toHaveLength(1);
  });

  it('keeps models with different numbers of tensors apart, whatever the names', () => {
    const [a, b] = [shard('e3.gguf', 1, 2), shard('77.gguf', 2, 2, 339)];
    expect(paths([a, b])).toEqual([]);
    expect(paths([a, b, shard('c0.gguf', 1, 2, 339), shard('5f.gguf', 2, 2)]).sort()).toEqual([
      ['c0.gguf', '77.gguf'],
      ['e3.gguf', '5f.gguf'],
    ]);
  });

  it('takes none where the names tell nothing', () => {
    expect(paths([shard('a.gguf', 1, 2), shard('b.gguf', 1, 2), shard('c.gguf', 2, 2), shard('d.gguf', 2, 2)])).toEqual(
      [],
    );
  });
});
