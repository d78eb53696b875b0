/** Numbers that look random and are the same in every run. */

/** Answers whole numbers from 0 up to, but not including, its argument. The algorithm is mulberry32. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export type Random = ReturnType<typeof createRandom>;

/** One of `values`, which are not empty. */
export const pick = <T>(random: Random, values: readonly T[]): T => values[random(values.length)] as T;
