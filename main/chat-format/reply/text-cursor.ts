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

/** The texts between two marks, in order; an open mark within one is part of it. Takes time in proportion to the text. */
export function sections(text: string, open: string, close: string): readonly string[] {
  const found: string[] = [];
  for (let from = 0; ;) {
    const at = text.indexOf(open, from);
    const end = at < 0 ? -1 : text.indexOf(close, at + open.length);
    if (end < 0) return found;
    found.push(text.slice(at + open.length, end));
    from = end + close.length;
  }
}

/** Finds the first `mark` at or behind a place, -1 for none. The places must not decrease: each letter is then looked at once. */
export function createFinder(text: string, mark: string): (from: number) => number {
  let next = text.indexOf(mark);
  return (from) => {
    if (next >= 0 && next < from) next = text.indexOf(mark, from);
    return next;
  };
}
