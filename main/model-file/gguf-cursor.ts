/** A bounds-checked reading position in the header of an untrusted file, of which only a window is in memory. */
import type { HeaderNote } from '../../preload/contract/model.ts';
import type { AppError } from '../../preload/wire/errors.ts';
import { ggufValueTypes } from './gguf-value-types.ts';
import { headerError } from './header-error.ts';

/** The longest known headers have some 20 MB. */
const MAX_HEADER_BYTES = 128 * 1024 * 1024;

export interface Cursor {
  /** Offset from the start of the file. */
  position(): number;
  /** Whether the window ends before the next `length` bytes do. Then `wanted` names them. @throws AppError where the file ends before. */
  lacks(length: number, field: string): boolean;
  /** The bytes that `lacks` missed, as offsets in the file. */
  wanted(): { readonly start: number; readonly end: number };
  /** Replaces the window by these bytes, which begin at `start` in the file. */
  fill(start: number, bytes: Uint8Array): void;
  /** Moves over bytes, which need not be in the window. @throws AppError where the file ends before. */
  skip(length: number, field: string): void;
  /** Checks that the rest of the file can hold `count` items of at least `eachBytes`. */
  checkHolds(count: number, eachBytes: number, field: string): void;
  /** The next four bytes; as all that follow, only after `lacks` said no. */
  u32(): number;
  /** The next eight bytes, a count or a length, as a number. */
  count(field: string): number;
  scalar(type: number): number | bigint | boolean;
  text(length: number): string;
  /** The same for a text whose oddity nobody asks for, as in a vocabulary: a token may be no text of its own. */
  token(length: number): string;
  /** Whether a text had bytes that are no UTF-8, or a boolean another value than 0 and 1, since the last call. */
  takeOddity(): HeaderNote['code'] | null;
}

export function corrupt(field: string, message: string): AppError {
  return headerError('model.corrupt', `This is not a sound GGUF file: ${message}.`, { reason: 'header', field });
}

export function tooLong(field: string, message: string): AppError {
  return headerError('model.unsupported', `The header of this file is longer than any model needs: ${message}.`, {
    reason: 'header_too_long',
    field,
  });
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const encoder = new TextEncoder();

/**
 * Whether the bytes are UTF-8, given what they decode to: only then that encodes to the same bytes. A strict decoder throws, which takes
 * as long as a hundred short texts. Not node:buffer's function, because this runs in a page too.
 */
function isUtf8(bytes: Uint8Array, text: string): boolean {
  const again = encoder.encode(text);
  return again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
}

export function createCursor(fileBytes: number): Cursor {
  let position = 0;
  let windowStart = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  let view: DataView = new DataView(new ArrayBuffer(0));
  let wantedEnd = 0;
  let oddity: HeaderNote['code'] | null = null;

  function checkEnd(end: number, field: string): void {
    if (end > fileBytes) throw corrupt(field, `${field} runs past the end of the file`);
    if (end > MAX_HEADER_BYTES) throw tooLong(field, `${field} ends at byte ${end}`);
  }
  /** Offset in the window of the next bytes, which are passed. */
  function take(length: number): number {
    const at = position - windowStart;
    position += length;
    return at;
  }
  function boolean(at: number): boolean {
    const value = view.getUint8(at);
    if (value > 1) oddity = 'bool_value';
    return value !== 0;
  }

  return {
    position: () => position,
    lacks(length, field) {
      const end = position + length;
      checkEnd(end, field);
      if (position >= windowStart && end - windowStart <= bytes.byteLength) return false;
      wantedEnd = end;
      return true;
    },
    wanted: () => ({ start: position, end: wantedEnd }),
    fill(start, more) {
      windowStart = start;
      bytes = more;
      view = new DataView(more.buffer, more.byteOffset, more.byteLength);
    },
    skip(length, field) {
      checkEnd(position + length, field);
      position += length;
    },
    checkHolds(count, eachBytes, field) {
      if (count * eachBytes > fileBytes - position)
        throw corrupt(field, `${field} says ${count}, more than the file can hold`);
    },
    u32: () => view.getUint32(take(4), true),
    count(field) {
      const at = take(8);
      const high = view.getUint32(at + 4, true);
      if (high > 0x1fffff)
        throw corrupt(field, `${field} says ${view.getBigUint64(at, true)}, more than the file can hold`);
      return high * 0x1_0000_0000 + view.getUint32(at, true);
    },
    scalar(type) {
      const at = take(ggufValueTypes[type]?.sizeBytes ?? 0);
      switch (type) {
        case 0:
          return view.getUint8(at);
        case 1:
          return view.getInt8(at);
        case 2:
          return view.getUint16(at, true);
        case 3:
          return view.getInt16(at, true);
        case 4:
          return view.getUint32(at, true);
        case 5:
          return view.getInt32(at, true);
        case 6:
          return view.getFloat32(at, true);
        case 7:
          return boolean(at);
        case 10:
          return view.getBigUint64(at, true);
        case 11:
          return view.getBigInt64(at, true);
        default:
          return view.getFloat64(at, true);
      }
    },
    text(length) {
      const at = take(length);
      const part = bytes.subarray(at, at + length);
      const text = utf8.decode(part);
      if (text.includes('\ufffd') && !isUtf8(part, text)) oddity = 'invalid_utf8';
      return text;
    },
    token(length) {
      const at = take(length);
      return utf8.decode(bytes.subarray(at, at + length));
    },
    takeOddity() {
      const found = oddity;
      oddity = null;
      return found;
    },
  };
}
