/** JSON whose numbers stay as they were written: JavaScript's own reader rounds long ones, and makes `2.0` and `1e3` another text. */

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
 * The JSON value of `text`, with its numbers as `numberOf` makes them of what stands there. Raw numbers do not pass from thread to thread
 * or between processes: there the text goes.
 * @throws SyntaxError; RangeError for a text that is nested too deeply.
 */
export function readExactJson(text: string, numberOf: (source: string) => unknown = exactNumber): unknown {
  return JSON.parse(text, (_, value, { source }) =>
    // A browser without the source of a number reads it as ever.
    typeof value === 'number' && source !== undefined ? numberOf(source) : value,
  );
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
