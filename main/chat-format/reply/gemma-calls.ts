/**
 * Calls of Gemma 4, `call:name{key:<|"|>text<|"|>,count:3}`, and of FunctionGemma, which writes texts as `<escape>text<escape>`. Keys
 * stand without quotes; numbers, `true`, `false`, `null`, lists and objects are as in JSON.
 */
import { orderedObject } from '../../../preload/wire/json.ts';
import { readJsonValue } from './json-value.ts';
import { DEEPEST, isAtEnd, skipSpace, take, takeMatch, type TextCursor } from './text-cursor.ts';

/** The marks around a text. A vocabulary has each as a special token. */
export const textMarks = ['<|"|>', '<escape>'] as const;

const failed = Symbol('no value');

export interface GemmaCall {
  readonly name: string;
  readonly arguments: unknown;
}

/** The calls of a body that is nothing else; null when it is anything else. */
export function readGemmaCalls(body: string): readonly GemmaCall[] | null {
  const cursor: TextCursor = { text: body, at: 0 };
  const calls: GemmaCall[] = [];
  while (!isAtEnd(cursor)) {
    if (!take(cursor, 'call:')) return null;
    const name = takeMatch(cursor, /[\w.-]+/y);
    if (name === undefined || !take(cursor, '{')) return null;
    const values = readObject(cursor, 0);
    if (values === failed) return null;
    calls.push({ name, arguments: values });
  }
  return calls.length > 0 ? calls : null;
}

function readObject(cursor: TextCursor, depth: number): unknown {
  const entries: [string, unknown][] = [];
  for (;;) {
    skipSpace(cursor);
    if (take(cursor, '}')) return orderedObject(entries);
    const marked = readText(cursor);
    const key = marked ?? takeMatch(cursor, /[^:{}[\],]+/y)?.trim();
    skipSpace(cursor);
    if (key === undefined || key === failed || !take(cursor, ':')) return failed;
    const value = readValue(cursor, depth);
    if (value === failed) return failed;
    entries.push([String(key), value]);
    skipSpace(cursor);
    if (!take(cursor, ',') && cursor.text[cursor.at] !== '}') return failed;
  }
}

function readValue(cursor: TextCursor, depth: number): unknown {
  skipSpace(cursor);
  const text = readText(cursor);
  if (text !== undefined) return text;
  if (depth > DEEPEST) return failed;
  if (take(cursor, '{')) return readObject(cursor, depth + 1);
  if (take(cursor, '[')) {
    const items: unknown[] = [];
    for (;;) {
      skipSpace(cursor);
      if (take(cursor, ']')) return items;
      const item = readValue(cursor, depth + 1);
      if (item === failed) return failed;
      items.push(item);
      skipSpace(cursor);
      if (!take(cursor, ',') && cursor.text[cursor.at] !== ']') return failed;
    }
  }
  const bare = takeMatch(cursor, /[^,{}[\]]+/y)?.trim();
  if (bare === undefined) return failed;
  const value = readJsonValue(bare);
  // A text whose marks were left out.
  return value === undefined ? bare : value;
}

/** A text between its marks; undefined where none begins. */
function readText(cursor: TextCursor): string | typeof failed | undefined {
  const mark = textMarks.find((one) => take(cursor, one));
  if (mark === undefined) return undefined;
  const end = cursor.text.indexOf(mark, cursor.at);
  if (end < 0) return failed;
  const text = cursor.text.slice(cursor.at, end);
  cursor.at = end + mark.length;
  return text;
}
