/** Other values from a value: what a writer of the same schema could have written. */
import type { Json } from '../../../main/json-schema/json-schema.ts';

const texts = [
  '',
  'a',
  'ab',
  'abc',
  'A1',
  'x',
  'foo',
  'é漢😀',
  'a"b\\c',
  '2024-02-29',
  '12:30:00Z',
  '00000',
  'value-7',
  'line\nbreak',
  'dog',
];
const numbers = [0, 1, -1, 2, 3, 5, 7, 10, 99, 100, 101, 0.5, -1.25, 2.75, 1000, 12345678901, -0.001];

/** One random change: of a part, or of the number of parts. Keys keep their order, and none is added. */
export function mutated(value: Json, random: () => number): Json {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  if (random() < 0.04) return pick([null, true, false, ...numbers, ...texts, [], {}] as const) ?? null;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') {
    const step = random() < 0.5 ? 1 : 0.25;
    return pick([value + step, value - step, Math.round(value), value / 2, value * 10, -value, ...numbers]) ?? 0;
  }
  if (typeof value === 'string') return mutatedText(value, random);
  if (value === null) return null;
  if (Array.isArray(value)) {
    const list = [...(value as readonly Json[])];
    const at = Math.floor(random() * list.length);
    const action = random();
    if (list.length > 0 && action < 0.25) list.splice(at, 1);
    else if (list.length > 0 && action < 0.5) list.push(list[at] ?? null);
    else if (list.length > 0) list[at] = mutated(list[at] ?? null, random);
    else list.push(pick([0, 'a', null, true, {}]) ?? null);
    return list;
  }
  const entries = Object.entries(value);
  const at = Math.floor(random() * entries.length);
  const entry = entries[at];
  if (!entry) return value;
  if (random() < 0.35) entries.splice(at, 1);
  else entries[at] = [entry[0], mutated(entry[1], random)];
  return Object.fromEntries(entries);
}

function mutatedText(text: string, random: () => number): string {
  const characters = [...text];
  const at = Math.floor(random() * (characters.length + 1));
  const action = random();
  if (action < 0.25) characters.splice(at, 1);
  else if (action < 0.5) characters.splice(at, 0, characters[at] ?? 'a');
  else if (action < 0.75) {
    const code = (characters[at]?.codePointAt(0) ?? 0x60) + 1;
    characters[at] = String.fromCodePoint(code < 0xd800 ? code : 0x41);
  } else return texts[Math.floor(random() * texts.length)] ?? '';
  return characters.join('');
}

/** Whether the value has keys that JavaScript puts before all others. */
export function hasIndexKey(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return keys.some((key) => /^\d+$/.test(key)) || Object.values(value).some((one) => hasIndexKey(one as Json));
}

/** Whether a number in the value is written with an exponent, or with more digits than a double keeps. */
export function hasLongNumber(value: Json): boolean {
  if (typeof value === 'number') return /e|\d{16}/.test(String(value).replace('.', ''));
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((one) => hasLongNumber(one as Json));
}
