/** Sets of shards under other names than llama.cpp's: put together by what their headers say, and by their names where that is not enough. */

export interface LoneShard {
  /** Its path in a repository or folder. */
  readonly path: string;
  /** From 1, as its header says. */
  readonly number: number;
  readonly count: number;
}

/**
 * The complete sets among shards, each in order. A folder with one shard of each number is a set whatever the names. Where it has more,
 * the names of a set differ only in the number or the letter of the shard (`M-Q4.part1`, `M-Q4-b`). Shards that stay unsure are in none.
 */
export function shardSets<Of extends LoneShard>(shards: readonly Of[]): Of[][] {
  const folders = Map.groupBy(
    shards,
    ({ path, count }) => `${String(count)} ${path.slice(0, path.lastIndexOf('/') + 1)}`,
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
    take(all);
    const byName = new Map<string, Of[]>();
    for (const shard of used.size > 0 ? [] : all)
      for (const pattern of patternsOf(shard)) byName.set(pattern, [...(byName.get(pattern) ?? []), shard]);
    for (const group of byName.values()) take(group);
    take(all);
    return sets;
  });
}

/** The name with its shard's number taken out, once for each place where that may stand: counted from 1, from 0, or by letters. */
function patternsOf({ path, number }: LoneShard): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.gguf$/i, '');
  const letter = String.fromCharCode('a'.charCodeAt(0) + number - 1);
  const patterns: string[] = [];
  for (const { 0: run, index } of name.matchAll(/\d+|(?<![a-z])[a-z](?![a-z])/gi)) {
    const style = /\d/.test(run)
      ? ([number, number - 1] as const).flatMap((value, from) =>
          Number(run) === value ? [`from ${String(1 - from)}`] : [],
        )
      : run.toLowerCase() === letter
        ? ['letters']
        : [];
    for (const one of style) patterns.push(`${one}: ${name.slice(0, index)}/${name.slice(index + run.length)}`);
  }
  return patterns;
}
