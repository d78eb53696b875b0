/** A place in a text that a reader goes along. */
export interface TextCursor {
  readonly text: string;
  at: number;
}

/** Takes `expected` where it stands next; false leaves the cursor where it was. */
export function take(cursor: TextCursor, expected: string): boolean {
  if (!cursor.text.startsWith(expected, cursor.at)) return false;
  cursor.at += expected.length;
  return true;
}

/** Takes what the sticky expression matches; undefined leaves the cursor where it was. */
export function takeMatch(cursor: TextCursor, sticky: RegExp): string | undefined {
  sticky.lastIndex = cursor.at;
  const match = sticky.exec(cursor.text);
  if (!match) return undefined;
  cursor.at = sticky.lastIndex;
  return match[0];
}

export const skipSpace = (cursor: TextCursor): void => void takeMatch(cursor, /\s*/y);
/** Whether nothing but white space is left. */
export function isAtEnd(cursor: TextCursor): boolean {
  skipSpace(cursor);
  return cursor.at === cursor.text.length;
}

/** Nested values deeper than this are no value: a model that repeats a bracket must not end the reader. */
export const DEEPEST = 64;
