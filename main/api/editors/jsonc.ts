/** Settings in JSON with comments, changed in place: comments, order and indentation stay. */
import type { JSONPath, ParseError } from 'jsonc-parser';
import { nestedTooDeeply, unreadableSettings, withinStack } from './program.ts';

/** A library that only this module uses is loaded with its first use. */
const load = async () => await import('jsonc-parser');

/** Null for an empty file. @throws AppError `invalid_input` for text that is no object of JSON, comments and last commas aside. */
export async function readJsonc(text: string): Promise<unknown> {
  const { parse, printParseErrorCode } = await load();
  const errors: ParseError[] = [];
  const value: unknown = withinStack<unknown>(() =>
    parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true }),
  );
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split('\n').length;
    throw unreadableSettings(`line ${line}: ${printParseErrorCode(first.error)}`);
  }
  if (value === undefined) return null;
  if (isDeeperThan(value, MAX_DEPTH)) throw nestedTooDeeply();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadableSettings('not an object');
  return value;
}

/** The library that edits indents to so many levels, and takes seconds on the way. */
const MAX_DEPTH = 100;

const isDeeperThan = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((one) => isDeeperThan(one, depth - 1)));

/** Nobody writes such a line by hand; a program did, and its settings stay on one line. */
const LONG_LINE = 5000;

const hasLongLine = (text: string): boolean => text.split('\n').some(({ length }) => length > LONG_LINE);

/** Sets the values at these paths; undefined removes one. The text is one that `readJsonc` reads. */
export async function editJsonc(
  text: string,
  changes: readonly { readonly path: JSONPath; readonly value: unknown }[],
): Promise<string> {
  const { applyEdits, modify } = await load();
  const format = {
    insertSpaces: !/^\t/m.test(text),
    tabSize: /^( +)\S/m.exec(text)?.[1]?.length ?? 2,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  // The library lays out whole lines anew, and copies the text for each place in them.
  const options = hasLongLine(text) ? {} : { formattingOptions: format };
  const edited = changes.reduce(
    (now, { path, value }) => applyEdits(now, modify(now, path, value, options)),
    text.trim() === '' ? '{}' : text,
  );
  return edited.endsWith('\n') ? edited : `${edited}${format.eol}`;
}

/** The value at a path; undefined where one of its steps is no object or has no such property. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** @throws AppError `invalid_input` where something other than an object stands at a path that is to have properties. */
export function assertObjects(value: unknown, paths: readonly (readonly string[])[]): void {
  for (const path of paths) {
    const found = valueAt(value, path);
    if (found !== undefined && (typeof found !== 'object' || found === null || Array.isArray(found)))
      throw unreadableSettings(`${path.join('.')} is not an object`);
  }
}
