/** Python's view of text: code points, white space, kinds of letters, and how values are written. */
import { failure } from './errors.ts';
import { floatText } from './numbers.ts';
import { isRecord, type Budget, type Value } from './values.ts';

export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const isSpaceCode = (code: number): boolean =>
  code <= 0x20
    ? code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f)
    : code >= 0x85 &&
      (code === 0x85 ||
        code === 0xa0 ||
        code === 0x1680 ||
        (code >= 0x2000 && code <= 0x200a) ||
        code === 0x2028 ||
        code === 0x2029 ||
        code === 0x202f ||
        code === 0x205f ||
        code === 0x3000);
const surrogate = /[\ud800-\udfff]/;

/** Whether every code point is one unit of the text. */
export const isFlat = (text: string): boolean => !surrogate.test(text);
export const codePoints = (text: string): string[] => [...text];

export function lengthOf(text: string): number {
  if (isFlat(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The code points from `start` to `end`, both within the text. */
export function sliceOf(text: string, start: number, end: number): string {
  return isFlat(text) ? text.slice(start, end) : codePoints(text).slice(start, end).join('');
}

/** -1, 0 or 1, by code points. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (isFlat(a) || isFlat(b)) {
    // Only where both have pairs can the order of units differ from that of code points.
    if (isFlat(a) && isFlat(b)) return a < b ? -1 : 1;
  }
  const [left, right] = [codePoints(a), codePoints(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(left.length - right.length);
}

/** Up to so many characters are looked for one by one. */
const FEW = 8;

/** The text without white space, or without these characters, at the sides that are named. */
export function strip(text: string, characters: string | null, sides: 'both' | 'left' | 'right'): string {
  if (characters !== null && !(isFlat(text) && isFlat(characters))) {
    const points = codePoints(text);
    const set = new Set(codePoints(characters));
    let [from, to] = [0, points.length];
    if (sides !== 'right') while (from < to && set.has(points[from] ?? '')) from++;
    if (sides !== 'left') while (to > from && set.has(points[to - 1] ?? '')) to--;
    return points.slice(from, to).join('');
  }
  const set = characters === null || characters.length <= FEW ? null : new Set(characters);
  const goes = (at: number): boolean =>
    characters === null
      ? isSpaceCode(text.charCodeAt(at))
      : set === null
        ? characters.includes(text.charAt(at))
        : set.has(text.charAt(at));
  let [from, to] = [0, text.length];
  if (sides !== 'right') while (from < to && goes(from)) from++;
  if (sides !== 'left') while (to > from && goes(to - 1)) to--;
  return text.slice(from, to);
}

/**
 * The words between white space: all of them, or the first `most` and then the rest of the text. The rest keeps the white space at its
 * end.
 */
export function wordsFromLeft(text: string, most: number): string[] {
  const words: string[] = [];
  const skip = (at: number, space: boolean): number => {
    while (at < text.length && isSpaceCode(text.charCodeAt(at)) === space) at++;
    return at;
  };
  let at = skip(0, true);
  while (at < text.length && words.length !== most) {
    const end = skip(at, false);
    words.push(text.slice(at, end));
    at = skip(end, true);
  }
  if (at < text.length) words.push(text.slice(at));
  return words;
}

/** As `wordsFromLeft`, counted from the end: the rest is the first, and keeps the white space at its beginning. */
export function wordsFromRight(text: string, most: number): string[] {
  const words: string[] = [];
  const skip = (at: number, space: boolean): number => {
    while (at > 0 && isSpaceCode(text.charCodeAt(at - 1)) === space) at--;
    return at;
  };
  let at = skip(text.length, true);
  while (at > 0 && words.length !== most) {
    const start = skip(at, false);
    words.push(text.slice(start, at));
    at = skip(start, true);
  }
  if (at > 0) words.push(text.slice(0, at));
  return words.reverse();
}

const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

export function splitLines(text: string, keepsEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const match of text.matchAll(lineEnd)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(from, keepsEnds ? end : match.index));
    from = end;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};
/** Text as HTML. */
export const escapeHtml = (text: string): string => text.replace(/[&<>'"]/g, (letter) => escapes[letter] ?? letter);

const unprintable = /[\p{C}\p{Z}]/u;
const isPrintable = (point: string): boolean => point === ' ' || !unprintable.test(point);
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** A text in quotes, as Python writes it. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  if (/^[ !#-&(-[\]-~]*$/.test(text)) return quote + text + quote;
  let inner = '';
  for (const point of text) {
    if (point === quote) inner += `\\${point}`;
    else inner += named[point] ?? (isPrintable(point) ? point : escaped(point));
  }
  return quote + inner + quote;
}

/** A code point as an escape of Python. */
export function escaped(point: string): string {
  const code = point.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Python's `str`. */
export function textOf(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (isRecord(value)) {
    if (value.kind === 'markup') return value.text;
    if (value.kind === 'undefined') return '';
  }
  return represent(value, budget);
}

/** Python's `repr`. */
export function represent(value: Value, budget: Budget): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') {
    budget.reserve(value.length);
    return quoted(value);
  }
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') {
    const digits = String(value);
    budget.charge(digits.length);
    if (digits.replace('-', '').length > 4300)
      throw failure('ValueError', 'Exceeds the limit (4300 digits) for integer string conversion');
    return digits;
  }
  const all = (items: Iterable<Value>): string => {
    const texts: string[] = [];
    for (const item of items) {
      const text = represent(item, budget);
      budget.reserve(text.length);
      texts.push(text);
    }
    return texts.join(', ');
  };
  switch (value.kind) {
    case 'float':
      return floatText(value.value);
    case 'markup':
      budget.reserve(value.text.length);
      return `Markup(${quoted(value.text)})`;
    case 'list':
      return budget.deeper(() => `[${all(value.items)}]`);
    case 'tuple':
      return budget.deeper(() => `(${all(value.items)}${value.items.length === 1 ? ',' : ''})`);
    case 'dict':
      return budget.deeper(() => {
        const pairs = [...value.entries.values()].map(([key, item]) => {
          const text = `${represent(key, budget)}: ${represent(item, budget)}`;
          budget.reserve(text.length);
          return text;
        });
        return `{${pairs.join(', ')}}`;
      });
    case 'view':
      return budget.deeper(() => {
        const items = [...value.of.entries.values()].map(([key, item]) => {
          if (value.part === 'keys') return represent(key, budget);
          return value.part === 'values'
            ? represent(item, budget)
            : `(${represent(key, budget)}, ${represent(item, budget)})`;
        });
        budget.reserve(items.reduce((sum, item) => sum + item.length, 0));
        return `dict_${value.part}([${items.join(', ')}])`;
      });
    case 'range':
      return value.shown;
    case 'stream':
      return `<generator object ${value.name}>`;
    case 'undefined':
      return 'Undefined';
    case 'object':
      return budget.deeper(() => value.show(budget));
    default:
      return value satisfies never;
  }
}
