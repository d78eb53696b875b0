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
/** Properties that are kept: looking one up takes about 20 ms. */
const MAX_PROPERTIES = 100;
/** Code points that are looked at together. It divides 0x10000, so that all of a block have one length in UTF-16. */
const BLOCK = 4096;

/** The set of `\p{name}`; null for a name that Unicode does not have. */
export function propertySet(name: string): readonly Range[] | null {
  const known = properties.get(name);
  if (known !== undefined) return known;
  const set = lookUp(name);
  if (properties.size < MAX_PROPERTIES) properties.set(name, set);
  return set;
}

function lookUp(name: string): readonly Range[] | null {
  if (!/^[A-Za-z_]+(=[A-Za-z_]+)?$/.test(name)) return null;
  let runs: RegExp;
  try {
    runs = new RegExp(`\\p{${name}}+`, 'gu');
  } catch {
    return null;
  }
  const ranges: Range[] = [];
  for (let first = 0; first <= LAST_CODE_POINT; first += BLOCK) {
    const units = first > 0xffff ? 2 : 1;
    if (isUniform(first)) {
      if (String.fromCodePoint(first).match(runs)) ranges.push([first, first + BLOCK - 1]);
      continue;
    }
    for (const { index, 0: run } of blockText(first).matchAll(runs))
      ranges.push([first + index / units, first + (index + run.length) / units - 1]);
  }
  return setOf(ranges);
}

/** Planes 4 to 13 have no characters, and 15 and 16 only private ones; the last two code points of each differ. */
function isUniform(first: number): boolean {
  const plane = first >> 16;
  return plane > 3 && plane !== 14 && (first + BLOCK) % 0x10000 !== 0;
}

function blockText(first: number): string {
  const codes = new Uint16Array(first > 0xffff ? 2 * BLOCK : BLOCK);
  for (let index = 0; index < BLOCK; index++) {
    const code = first + index - 0x10000;
    if (code < 0) codes[index] = first + index;
    else {
      codes[2 * index] = 0xd800 + (code >> 10);
      codes[2 * index + 1] = 0xdc00 + (code & 0x3ff);
    }
  }
  return Buffer.from(codes.buffer).toString('utf16le');
}
