/**
 * Calls as Python writes them, `name(key="value", other=[1, 2])`, alone, in a row or in a list: Llama 4, LFM2, Olmo 3, Gemma 3's
 * `tool_code` and ToolACE. Values are Python's literals, and JSON's `true`, `false` and `null`, which models mix in.
 */
import { orderedObject } from '../../../preload/wire/json.ts';
import { readJsonValue } from './json-value.ts';
import { DEEPEST, isAtEnd, skipSpace, take, takeMatch, type TextCursor } from './text-cursor.ts';

export interface PythonCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const failed = Symbol('no literal');
type Value = unknown;

/** The calls of a text that is nothing else; null when it is anything else. */
export function readPythonCalls(text: string): readonly PythonCall[] | null {
  const cursor: TextCursor = { text, at: 0 };
  skipSpace(cursor);
  const isList = take(cursor, '[');
  const calls: PythonCall[] = [];
  for (;;) {
    skipSpace(cursor);
    if (isList && take(cursor, ']')) break;
    if (!isList && cursor.at === text.length) break;
    const call = readCall(cursor);
    if (!call) return null;
    calls.push(call);
    skipSpace(cursor);
    const isApart = takeMatch(cursor, /[,;]/y) !== undefined;
    if (isList && !isApart && text[cursor.at] !== ']') return null;
  }
  return isAtEnd(cursor) && calls.length > 0 ? calls : null;
}

/** Whether a text may be the beginning of `[name(`. */
export const mayBeginPythonList = (text: string): boolean => /^\[\s*(?:[A-Za-z_][\w.-]*\s*(?:\([^]*)?)?$/.test(text);

function readCall(cursor: TextCursor): PythonCall | null {
  const name = takeMatch(cursor, /[A-Za-z_][\w.-]*/y);
  skipSpace(cursor);
  if (name === undefined || !take(cursor, '(')) return null;
  const values: [string, Value][] = [];
  for (;;) {
    skipSpace(cursor);
    // Llama 3.1 calls its built-in tools with `.call`.
    if (take(cursor, ')')) return { name: name.replace(/\.call$/, ''), arguments: Object.fromEntries(values) };
    const key = takeMatch(cursor, /[A-Za-z_]\w*(?=\s*=)/y);
    if (key === undefined) return null;
    skipSpace(cursor);
    take(cursor, '=');
    const value = readLiteral(cursor, 0);
    if (value === failed) return null;
    values.push([key, value]);
    skipSpace(cursor);
    if (!take(cursor, ',') && cursor.text[cursor.at] !== ')') return null;
  }
}

/** The Python literal that is the whole text; undefined when it is none. */
export function readPythonLiteral(text: string): unknown {
  const cursor: TextCursor = { text, at: 0 };
  const value = readLiteral(cursor, 0);
  return value !== failed && isAtEnd(cursor) ? value : undefined;
}

const words: Readonly<Record<string, Value>> = {
  True: true,
  true: true,
  False: false,
  false: false,
  None: null,
  null: null,
};

function readLiteral(cursor: TextCursor, depth: number): Value {
  skipSpace(cursor);
  const quote = takeMatch(cursor, /"""|'''|["']/y);
  if (quote !== undefined) return readText(cursor, quote);
  const number = takeMatch(cursor, /[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y);
  if (number !== undefined) return readJsonValue(jsonNumber(number)) ?? failed;
  const word = takeMatch(cursor, /[A-Za-z]+/y);
  if (word !== undefined) return Object.hasOwn(words, word) ? words[word] : failed;
  if (depth > DEEPEST) return failed;
  if (take(cursor, '{')) return readDictionary(cursor, depth + 1);
  if (take(cursor, '[')) return readItems(cursor, ']', depth + 1);
  return take(cursor, '(') ? readItems(cursor, ')', depth + 1) : failed;
}

/** A number of Python as JSON writes it: `+1_000`, `1.`, `.5`, `007`. */
const jsonNumber = (text: string): string =>
  text
    .replaceAll('_', '')
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?!\d)/, '.0');

function readItems(cursor: TextCursor, close: string, depth: number): Value {
  const items: Value[] = [];
  for (;;) {
    skipSpace(cursor);
    if (take(cursor, close)) return items;
    const item = readLiteral(cursor, depth);
    if (item === failed) return failed;
    items.push(item);
    skipSpace(cursor);
    if (!take(cursor, ',') && !cursor.text.startsWith(close, cursor.at)) return failed;
  }
}

function readDictionary(cursor: TextCursor, depth: number): Value {
  const entries: [string, Value][] = [];
  for (;;) {
    skipSpace(cursor);
    if (take(cursor, '}')) return orderedObject(entries);
    const key = readLiteral(cursor, depth);
    skipSpace(cursor);
    if (typeof key !== 'string' || !take(cursor, ':')) return failed;
    const value = readLiteral(cursor, depth);
    if (value === failed) return failed;
    entries.push([key, value]);
    skipSpace(cursor);
    if (!take(cursor, ',') && cursor.text[cursor.at] !== '}') return failed;
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\n': '',
};

/** The text after its opening quote, with Python's escapes. */
function readText(cursor: TextCursor, quote: string): Value {
  let text = '';
  while (cursor.at < cursor.text.length) {
    if (take(cursor, quote)) return text;
    if (take(cursor, '\\')) {
      const code = takeMatch(cursor, /u[\da-fA-F]{4}|U[\da-fA-F]{8}|x[\da-fA-F]{2}/y);
      const letter = cursor.text[cursor.at] ?? '';
      if (code !== undefined) {
        const point = parseInt(code.slice(1), 16);
        if (point > 0x10ffff) return failed;
        // Two halves of a surrogate pair meet in the text.
        text += point <= 0xffff ? String.fromCharCode(point) : String.fromCodePoint(point);
        continue;
      }
      cursor.at++;
      // As Python does, a backslash before any other letter stays.
      text += Object.hasOwn(escapes, letter)
        ? (escapes[letter] ?? '')
        : `'"\\/`.includes(letter)
          ? letter
          : `\\${letter}`;
      continue;
    }
    text += cursor.text[cursor.at++] ?? '';
  }
  return failed;
}
