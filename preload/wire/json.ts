/**
 * JSON that stays as it was written: JavaScript's own reader rounds long numbers, makes `2.0` and `1e3` another text, and puts keys of
 * digits before all others.
 */

/** A number by its text. `JSON.stringify` writes that text. */
export interface RawNumber {
  readonly rawJSON: string;
}

declare global {
  // JavaScript has these; TypeScript's library does not yet.
  interface JSON {
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/** A number of JSON: JavaScript's own where that is exact and written alike, else the text. */
export function exactNumber(source: string): number | RawNumber {
  const value = Number(source);
  const isExact = Number.isSafeInteger(value) || !Number.isInteger(value);
  return isExact && String(value) === source ? value : JSON.rawJSON(source);
}

/**
 * An object with these entries in this order, also where keys of digits stand behind others. Such an object cannot be changed, and does
 * not pass from thread to thread or between processes.
 */
export function orderedObject(entries: Iterable<readonly [string, unknown]>): Readonly<Record<string, unknown>> {
  const ordered = new Map(entries);
  const object = Object.fromEntries(ordered);
  const keys = [...ordered.keys()];
  const isInOrder = Object.keys(object).every((key, index) => key === keys[index]);
  return isInOrder ? object : new Proxy(Object.freeze(object), { ownKeys: () => keys });
}

/** A key that begins with digits, as letters or as escapes. */
const keyOfDigits = /"(?:\d|\\u003\d)[^"]*"\s*:/i;
/** What each key gets before it: no key of digits is left, so that all keys keep their order. */
const KEY_MARK = '#';

function withMarkedKeys(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let open = text.indexOf('"'); open >= 0;) {
    const close = endOfString(text, open);
    if (close < 0) break;
    colon.lastIndex = close + 1;
    if (colon.test(text)) {
      pieces.push(text.slice(from, open + 1), KEY_MARK);
      from = open + 1;
    }
    open = text.indexOf('"', close + 1);
  }
  return [...pieces, text.slice(from)].join('');
}

const colon = /\s*:/y;

/** Where the string that begins at `open` is closed; -1 where it is not. */
function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text[before - 1] === '\\') before--;
    if ((at - before) % 2 === 0) return at;
  }
  return -1;
}

/**
 * The JSON value of `text`, with its numbers as `numberOf` makes them of what stands there, and its keys in their order. Raw numbers do
 * not pass from thread to thread or between processes: there the text goes.
 * @throws SyntaxError; RangeError for a text that is nested too deeply.
 */
export function readExactJson(text: string, numberOf: (source: string) => unknown = exactNumber): unknown {
  // A browser without the source of a number reads it as ever.
  const exact = (value: unknown, source: string | undefined): unknown =>
    typeof value === 'number' && source !== undefined ? numberOf(source) : value;
  const plain = (): unknown => JSON.parse(text, (_, value, { source }) => exact(value, source));
  if (!keyOfDigits.test(text)) return plain();
  try {
    return JSON.parse(withMarkedKeys(text), (_, value, { source }) =>
      isJsonObject(value)
        ? orderedObject(Object.entries(value).map(([key, inner]) => [key.slice(KEY_MARK.length), inner]))
        : exact(value, source),
    );
  } catch (error) {
    // The place of an error is that in the text itself.
    if (error instanceof SyntaxError) return plain();
    throw error;
  }
}

/** Whether a value that `readExactJson` gave is an object of JSON. */
export const isJsonObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

/** The object that a text of JSON is; null for any other text. */
export function readExactObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = readExactJson(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
