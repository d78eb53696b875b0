/** The code and the lists in a person's text. Everything else in it stays as it was typed: an asterisk of the user is no Markdown. */

export interface TextPiece {
  readonly kind: 'text' | 'code' | 'block' | 'list';
  /** The text as it was typed. The pieces' texts, joined, are the whole text. */
  readonly text: string;
  /** The code without its marks; the text itself where there is none. */
  readonly shown: string;
}

const opening = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const closing = /^ {0,3}(`{3,}|~{3,})[ \t]*$/;

/**
 * The pieces of `text` in order. A fence that nothing closes is text, unless the text was cut and `isCut` says so. Code
 * within a line is code by the rules of CommonMark, but ends in its line.
 */
export function codePieces(text: string, isCut = false): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  const lines = text.split('\n').map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line));
  const plain: string[] = [];
  // The shortest fences of each character that nothing closes: no later one as long is closed either.
  const unclosed = new Map<string, number>();
  const flush = (): void => {
    if (plain.length > 0) pieces.push(...inlinePieces(plain.join('')));
    plain.length = 0;
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const marker = opening.exec(line.trimEnd())?.[1];
    const isOpen = marker !== undefined && marker.length < (unclosed.get(marker.charAt(0)) ?? Infinity);
    const end = isOpen ? endOfFence(lines, at + 1, marker, isCut) : -1;
    const listEnd = marker === undefined ? endOfList(lines, at, plain.at(-1)) : at;
    if (listEnd > at) {
      flush();
      const list = lines.slice(at, listEnd).join('');
      pieces.push({ kind: 'list', text: list, shown: list });
      at = listEnd - 1;
      continue;
    }
    if (end === -1) {
      if (isOpen) unclosed.set(marker.charAt(0), marker.length);
      plain.push(line);
      continue;
    }
    flush();
    const block = lines.slice(at, end + 1).join('');
    pieces.push({ kind: 'block', text: block, shown: lines.slice(at + 1, end).join('') });
    at = end;
  }
  flush();
  return pieces;
}

/** The index of the line that closes a fence; -1: none does. */
function endOfFence(lines: readonly string[], from: number, marker: string, isCut: boolean): number {
  for (let at = from; at < lines.length; at++) {
    const found = closing.exec((lines[at] ?? '').replace(/\r?\n$/, ''))?.[1];
    if (found?.startsWith(marker)) return at;
  }
  return isCut ? lines.length : -1;
}

const item = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+\S/;
const inItem = /^(?: {2,}|\t)[ \t]*\S/;
const goesOn = (line = ''): boolean => item.test(line) || inItem.test(line);

/**
 * The index behind a list of at least two items that begins at `from`; `from` where there is none. One item alone stays as it was typed: it may
 * as well be a negative number or a date. So does a list in the middle of a paragraph that begins with a number (`before` is its last line).
 */
function endOfList(lines: readonly string[], from: number, before: string | undefined): number {
  const isInParagraph = before !== undefined && before.trim() !== '';
  const first = lines[from] ?? '';
  if (!item.test(first) || (isInParagraph && /^ {0,3}\d/.test(first) && !/^ {0,3}1[.)]/.test(first))) return from;
  let items = 0;
  let end = from;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (item.test(line)) items += 1;
    // A blank line within the list belongs to it.
    else if (line.trim() === '' ? !goesOn(lines[at + 1]) : !inItem.test(line)) break;
    end = at + 1;
  }
  return items > 1 ? end : from;
}

/** Runs of backticks as long as each other, on one line, enclose code. */
const codeSpan = /(?<!`)(`+)(?!`)([^\n]*?[^`\n])\1(?!`)/g;

function inlinePieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(codeSpan)) {
    const code = match[2] ?? '';
    if (match.index > from) pieces.push(plainPiece(text.slice(from, match.index)));
    pieces.push({ kind: 'code', text: match[0], shown: withoutPadding(code) });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push(plainPiece(text.slice(from)));
  return pieces;
}

function plainPiece(text: string): TextPiece {
  return { kind: 'text', text, shown: text };
}

/** The one space on either side that lets code begin or end with a backtick. */
function withoutPadding(code: string): string {
  return code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '' ? code.slice(1, -1) : code;
}
