/** Sets of shards under other names than llama.cpp's: put together by what their headers say, and by their names where that is not enough. */

export interface LoneShard {
  /** Its path in a repository or folder. */
  readonly path: string;
  /** From 1, as its header says. */
  readonly number: number;
  readonly count: number;
  /** The number of tensors in all files of its model; null where its header does not tell. */
  readonly tensors: number | null;
}

/**
 * The complete sets among shards, each in order. A folder with one shard of each number is a set whatever the names, unless their headers
 * tell different numbers of tensors, or two of them are
 * numbered clearly and differ elsewhere (`Gemma-a`, `Qwen-b`). Where it has more, the names of a set differ only in the number or the letter
 * of the shard (`M-Q4.part1`, `M-Q4-b`). Shards that stay unsure are in none.
 */
export function shardSets<Of extends LoneShard>(shards: readonly Of[]): Of[][] {
  const folders = Map.groupBy(
    shards,
    ({ path, count, tensors }) => `${String(count)} ${String(tensors)} ${path.slice(0, path.lastIndexOf('/') + 1)}`,
  );
  return [...folders.values()].flatMap((all) => {
    const sets: Of[][] = [];
    const used = new Set<Of>();
    const take = (group: readonly Of[]): void => {
      const free = group.filter((shard) => !used.has(shard)).sort((a, b) => a.number - b.number);
      const [first] = free;
      if (free.length !== first?.count || !free.every(({ number }, index) => number === index + 1)) return;
      for (const shard of free) used.add(shard);
      sets.push(free);
    };
    const takeAll = (): void => {
      if (!tellApart(all.filter((shard) => !used.has(shard)))) take(all);
    };
    takeAll();
    const byName = new Map<string, Of[]>();
    for (const shard of used.size > 0 ? [] : all)
      for (const { pattern } of patternsOf(shard)) byName.set(pattern, [...(byName.get(pattern) ?? []), shard]);
    for (const group of byName.values()) take(group);
    takeAll();
    return sets;
  });
}

/** Whether the names of several shards have a clear number, and no pattern is common to all of these. */
function tellApart(shards: readonly LoneShard[]): boolean {
  const [first, ...others] = shards.map(patternsOf).filter((patterns) => patterns.some(({ isClear }) => isClear));
  if (first === undefined || others.length === 0) return false;
  return !first.some(({ pattern }) => others.every((patterns) => patterns.some((one) => one.pattern === pattern)));
}

interface Pattern {
  readonly pattern: string;
  /** The number is set off from the rest of the name. Hashes have digits, too. */
  readonly isClear: boolean;
}

/** The name with its shard's number taken out, once for each place where that may stand: counted from 1, from 0, or by letters. */
function patternsOf({ path, number }: LoneShard): Pattern[] {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.gguf$/i, '');
  const letter = String.fromCharCode('a'.charCodeAt(0) + number - 1);
  const patterns: Pattern[] = [];
  for (const { 0: run, index } of name.matchAll(/\d+|(?<![a-z])[a-z](?![a-z])/gi)) {
    const style = /\d/.test(run)
      ? ([number, number - 1] as const).flatMap((value, from) =>
          Number(run) === value ? [`from ${String(1 - from)}`] : [],
        )
      : run.toLowerCase() === letter
        ? ['letters']
        : [];
    const [before, after] = [name.slice(0, index), name.slice(index + run.length)];
    const isClear = /(?:^|[-._ ()]|part|split|shard|file)$/i.test(before) && /^(?:$|[-._ ()]|of)/i.test(after);
    for (const one of style) patterns.push({ pattern: `${one}: ${before}/${after}`, isClear });
  }
  return patterns;
}
