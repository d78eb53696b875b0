/** Finds added tokens in a text, as the `tokenizers` library does: the first that begins, of several at one place the longest. */
import type { AddedToken } from '../vocabulary/tokenizer-structure.ts';

export interface Section {
  readonly start: number;
  readonly end: number;
  /** The token that the section is; null for text between tokens. */
  readonly token: AddedToken | null;
}

interface Node {
  readonly next: Map<string, Node>;
  token: AddedToken | null;
}

const WORD = /[\p{L}\p{N}\p{M}_]/u;
const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const SPACE_AFTER = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

/** A function that divides a text into sections, by the `texts` of tokens. */
export function createMatcher(
  tokens: readonly (readonly [text: string, token: AddedToken])[],
): (text: string) => Section[] {
  const root: Node = { next: new Map(), token: null };
  for (const [text, token] of tokens) {
    if (text === '') continue;
    let node = root;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charAt(at);
      let next = node.next.get(unit);
      if (next === undefined) node.next.set(unit, (next = { next: new Map(), token: null }));
      node = next;
    }
    node.token ??= token;
  }

  function longestAt(text: string, start: number): { readonly token: AddedToken; readonly end: number } | null {
    let node: Node | undefined = root;
    let found: { token: AddedToken; end: number } | null = null;
    for (let at = start; at < text.length; at += 1) {
      node = node.next.get(text.charAt(at));
      if (node === undefined) break;
      if (node.token !== null) found = { token: node.token, end: at + 1 };
    }
    return found;
  }

  return (text) => {
    const sections: Section[] = [];
    let done = 0;
    let at = 0;
    while (at < text.length) {
      const found = longestAt(text, at);
      if (found === null) {
        at += 1;
        continue;
      }
      if (found.token.singleWord && !isSingleWord(text, at, found.end)) {
        at = found.end;
        continue;
      }
      let { end } = found;
      let start = at;
      // Step by step: an expression for the end of a text tries each space as the beginning.
      if (found.token.leftStrip) while (start > done && SPACE.test(text[start - 1] ?? '')) start -= 1;
      if (found.token.rightStrip) end += SPACE_AFTER.exec(text.slice(end))?.[0].length ?? 0;
      if (start > done) sections.push({ start: done, end: start, token: null });
      sections.push({ start, end, token: found.token });
      done = end;
      at = end;
    }
    if (done < text.length) sections.push({ start: done, end: text.length, token: null });
    return sections;
  };
}

function isSingleWord(text: string, start: number, end: number): boolean {
  const before =
    start === 0 ? '' : String.fromCodePoint(text.codePointAt(start - (isLowUnit(text, start - 1) ? 2 : 1)) ?? 0);
  const after = end >= text.length ? '' : String.fromCodePoint(text.codePointAt(end) ?? 0);
  return !WORD.test(before) && !WORD.test(after);
}

function isLowUnit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code < 0xe000;
}
