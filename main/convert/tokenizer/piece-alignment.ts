/** Which part of a piece of text each of its tokens stands for. */
import type { AlignedText } from './aligned-text.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** GPT-2's stand-ins for bytes: printable characters of Latin-1 stand for themselves, the others from U+0100 on. */
const byteOf = new Map<string, number>();
{
  let next = 0x100;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    byteOf.set(String.fromCharCode(printable ? byte : next), byte);
    if (!printable) next += 1;
  }
}

/** A byte order mark within a text is a character like any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/u;

/** The bytes of UTF-8 that a unit of a text begins with; the second unit of a pair has none. */
function unitBytes(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  if (code >= 0xd800 && code < 0xdc00) return 4;
  if (code >= 0xdc00 && code < 0xe000) return 0;
  return 3;
}

/** The bytes that a byte-level piece stands for; null where it has other characters than stand-ins. */
export function byteLevelBytes(piece: string): Uint8Array | null {
  const bytes: number[] = [];
  for (const char of piece) {
    const byte = byteOf.get(char);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** The text that a byte-level piece stands for; null as `byteLevelBytes`. */
export function byteLevelText(piece: string): string | null {
  const bytes = byteLevelBytes(piece);
  return bytes === null ? null : utf8.decode(bytes);
}

/** The bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let sum = 0;
  for (let unit = 0; unit < text.length; unit += 1) sum += unitBytes(text.charCodeAt(unit));
  return sum;
}

/**
 * The spans of a byte-level piece's tokens, each of which is a run of bytes. A token with a part of a character has the whole of it.
 * `from` is the unit of `text` where the piece begins; a unit before the text begins, for a space that was put before it, is -1.
 */
export function byteLevelSpans(text: AlignedText, from: number, tokens: readonly string[]): Span[] {
  let unit = from;
  let within = 0;
  return tokens.map((token) => {
    const first = unit;
    let last = unit;
    let left = token.length;
    while (left > 0 && unit < text.text.length) {
      const size = unit < 0 ? 1 : unitBytes(text.text.charCodeAt(unit));
      last = unit;
      const taken = Math.min(left, size - within);
      left -= taken;
      within += taken;
      if (within < size) continue;
      within = 0;
      unit += 1;
      if (size === 4) unit += 1;
    }
    return spanOf(text, first, last);
  });
}

/**
 * The spans of a piece's tokens that are texts themselves. Tokens for bytes share their character; the unknown token stands for all up to
 * the next one that is known.
 */
export function characterSpans(
  text: AlignedText,
  from: number,
  tokens: readonly string[],
  end: number,
  how: CharacterTokens,
): Span[] {
  let unit = from;
  let within = 0;
  return tokens.map((token, index) => {
    const byte = BYTE_TOKEN.test(token) && !text.text.startsWith(token, Math.max(0, unit));
    if (byte) {
      const first = unit;
      const size = unit < 0 ? 1 : unitBytes(text.text.charCodeAt(unit));
      within += 1;
      if (within >= size) {
        within = 0;
        unit += size === 4 ? 2 : 1;
      }
      return spanOf(text, first, first);
    }
    const plain =
      index > 0 && how.continued !== '' && token.startsWith(how.continued) ? token.slice(how.continued.length) : token;
    const length = token === how.unknown ? unknownLength(text, unit, tokens, index, end) : plain.length;
    const first = unit;
    unit = Math.min(end, unit + length);
    return spanOf(text, first, Math.max(first, unit - 1));
  });
}

export interface CharacterTokens {
  readonly unknown: string | null;
  readonly continued: string;
}

function unknownLength(text: AlignedText, unit: number, tokens: readonly string[], index: number, end: number): number {
  const next = tokens[index + 1];
  if (next === undefined) return end - unit;
  const found = text.text.indexOf(next, unit + 1);
  return found < 0 || found >= end ? 1 : found - unit;
}

function spanOf({ starts, ends }: AlignedText, first: number, last: number): Span {
  const start = starts[Math.max(0, first)] ?? ends.at(-1) ?? 0;
  return { start, end: Math.max(start, last < 0 ? start : (ends[last] ?? start)) };
}
