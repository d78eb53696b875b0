/**
 * A scanner of the JSON in a safetensors header. JavaScript's own parser takes the last of several equal keys, builds whatever the text
 * says before anyone can look at it, and rounds long numbers.
 */

export interface HeaderScanner {
  /** Passes over white space and, where the next byte is `character`, over that. */
  take(character: string): boolean;
  /** As `take`. Throws where another byte follows. */
  expect(character: string, where: string): void;
  /** A string; null for one of more than `maxBytes` bytes, which is passed over. */
  string(maxBytes: number, where: string): string | null;
  /** A whole number with at most 16 digits, which may be negative. */
  integer(where: string): number;
  /** True when only white space is left. */
  isAtEnd(): boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Every number below 2^53 has at most this many digits. */
const MAX_DIGITS = 16;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Scans `bytes`. `fault` makes the error of a text that is not what is expected, of a phrase such as "a string is not closed in …". */
export function createHeaderScanner(bytes: Uint8Array, fault: (what: string) => Error): HeaderScanner {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let at = 0;

  function passSpace(): void {
    while (isSpace(bytes[at])) at++;
  }

  function take(character: string): boolean {
    passSpace();
    if (bytes[at] !== character.charCodeAt(0)) return false;
    at++;
    return true;
  }

  function expect(character: string, where: string): void {
    if (!take(character))
      throw fault(`byte ${String(at + 8)} is not "${character}", which must stand there in ${where}`);
  }

  /** Passes over the string whose quotation mark was taken, and says whether it has escapes. */
  function passString(where: string): boolean {
    let hasEscapes = false;
    for (; bytes[at] !== QUOTE; at++) {
      const byte = bytes[at];
      if (byte === undefined) throw fault(`a string is not closed in ${where}`);
      if (byte < 0x20) throw fault(`a string in ${where} has a control character`);
      if (byte !== BACKSLASH) continue;
      hasEscapes = true;
      at++;
    }
    at++;
    return hasEscapes;
  }

  return {
    take,
    expect,
    string(maxBytes, where) {
      expect('"', where);
      const start = at;
      const hasEscapes = passString(where);
      const end = at - 1;
      if (end - start > maxBytes) return null;
      try {
        if (!hasEscapes) return decoder.decode(bytes.subarray(start, end));
        return JSON.parse(decoder.decode(bytes.subarray(start - 1, end + 1))) as string;
      } catch {
        throw fault(`a string in ${where} is not text`);
      }
    },
    integer(where) {
      passSpace();
      const start = at;
      if (bytes[at] === 0x2d) at++;
      const digits = at;
      while (isDigit(bytes[at])) at++;
      const count = at - digits;
      const isWhole = count > 0 && ![0x2e, 0x65, 0x45].includes(bytes[at] ?? 0);
      if (!isWhole || (count > 1 && bytes[digits] === 0x30))
        throw fault(`${where} has something that is not a whole number`);
      const value = count > MAX_DIGITS ? Number.NaN : Number(decoder.decode(bytes.subarray(start, at)));
      if (!Number.isSafeInteger(value)) throw fault(`${where} has a number that is too large`);
      return value;
    },
    isAtEnd() {
      passSpace();
      return at >= bytes.byteLength;
    },
  };
}
