/** Sets of code points: ascending ranges that neither touch nor overlap. Surrogates belong to no set, for no text holds them alone. */
import { LAST_CODE_POINT, type Range } from './automaton.ts';

const SURROGATES: Range = [0xd800, 0xdfff];

/** The set of these ranges, in any order, overlapping or not. */
export function setOf(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const set: Range[] = [];
  for (const [first, last] of sorted) {
    const before = set.at(-1);
    if (before && first <= before[1] + 1) set[set.length - 1] = [before[0], Math.max(before[1], last)];
    else set.push([first, last]);
  }
  return set.flatMap(([first, last]): Range[] => {
    if (last < SURROGATES[0] || first > SURROGATES[1]) return [[first, last]];
    return [
      ...(first < SURROGATES[0] ? [[first, SURROGATES[0] - 1] as const] : []),
      ...(last > SURROGATES[1] ? [[SURROGATES[1] + 1, last] as const] : []),
    ];
  });
}

/** Every code point that is not in `set`. */
export function othersThan(set: readonly Range[]): readonly Range[] {
  const others: Range[] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= LAST_CODE_POINT) others.push([next, LAST_CODE_POINT]);
  return setOf(others);
}

export const everyCodePoint = othersThan([]);

const spaces: readonly Range[] = setOf([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
const digits: readonly Range[] = [[0x30, 0x39]];
const wordCharacters: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

/** The sets of `\d`, `\w`, `\s` and their opposites, by letter. */
export const escapedSets: Readonly<Record<string, readonly Range[]>> = {
  d: digits,
  D: othersThan(digits),
  w: wordCharacters,
  W: othersThan(wordCharacters),
  s: spaces,
  S: othersThan(spaces),
};

/** What `.` matches: all but the ends of lines. */
export const insideLine = othersThan([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);

const properties = new Map<string, readonly Range[] | null>();
/** Code points that are looked at together. It divides 0x10000, so that all of a block have one length in UTF-16. */
const BLOCK = 4096;
/** Properties that are kept: looking one up takes about 20 ms. */
const MAX_PROPERTIES = 100;

/** The set of `\p{name}`; null for a name that Unicode does not have. */
export function propertySet(name: string): readonly Range[] | null {
  const known = properties.get(name);
  if (known !== undefined) return known;
  let set: readonly Range[] | null = null;
  if (/^[A-Za-z_]+(=[A-Za-z_]+)?$/.test(name))
    try {
      const runs = new RegExp(`\\p{${name}}+`, 'gu');
      const ranges: Range[] = [];
      for (let first = 0; first <= LAST_CODE_POINT; first += BLOCK) {
        const codes = Array.from({ length: BLOCK }, (_, index) => first + index);
        for (const { index, 0: run } of String.fromCodePoint(...codes).matchAll(runs)) {
          const start = first + (first > 0xffff ? index / 2 : index);
          ranges.push([start, start + (first > 0xffff ? run.length / 2 : run.length) - 1]);
        }
      }
      set = setOf(ranges);
    } catch {
      set = null;
    }
  if (properties.size < MAX_PROPERTIES) properties.set(name, set);
  return set;
}
