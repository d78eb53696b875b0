/**
 * What a verification finds is written into the finished file: its metadata has a text of a fixed length, which is replaced where it
 * stands. No other byte moves.
 */
import { open } from 'node:fs/promises';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { STRING } from '../../model-file/gguf-value-types.ts';
import { entryPlaces } from './entry-places.ts';

const VERIFICATION_KEY = 'hearth.verification';
/** Room in the metadata of a converted file for what its verification finds. */
export const VERIFICATION_BYTES = 2048;

/** The entries with one of `lengthBytes` spaces for a verification, in second place, so that it is found at the beginning of the file. */
export function withVerification(entries: readonly GgufEntry[], lengthBytes: number): readonly GgufEntry[] {
  if (lengthBytes === 0) return entries;
  const reserved: GgufEntry = { key: VERIFICATION_KEY, type: 'string', value: ' '.repeat(lengthBytes) };
  return [...entries.slice(0, 1), reserved, ...entries.slice(1)];
}

/** The entry lies within this many bytes. */
const WINDOW_BYTES = 1024 * 1024;

/**
 * Replaces the text of the entry in the GGUF file by `text`, filled up with spaces, and waits until it is safe on the disk.
 * @throws AppError `not_found` for a file without the entry, `invalid_input` (`reason: 'too_long'`, `expected`, `found`) where `text` has no
 * room; file system errors.
 */
export async function patchVerification(file: string, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const handle = await open(file, 'r+');
  try {
    const window = new Uint8Array(WINDOW_BYTES);
    const { bytesRead } = await handle.read(window, 0, WINDOW_BYTES, 0);
    const place = findText(window.subarray(0, bytesRead), VERIFICATION_KEY);
    if (place === null) throw new AppError('not_found', 'This file has no place for a verification.');
    if (bytes.byteLength > place.lengthBytes)
      throw new AppError('invalid_input', 'There is not enough room for this verification.', {
        ...{ reason: 'too_long', expected: place.lengthBytes, found: bytes.byteLength },
      });
    const filled = new Uint8Array(place.lengthBytes).fill(0x20);
    filled.set(bytes);
    await handle.write(filled, 0, filled.byteLength, place.atByte);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Empties the entry in a GGUF file that was made of another one, whose verification it carries. @throws file system errors. */
export async function clearVerification(file: string): Promise<void> {
  try {
    await patchVerification(file, '');
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
  }
}

/** Empties the entry in `header`, the beginning of a GGUF file, in place. */
export function clearVerificationIn(header: Uint8Array): void {
  const place = findText(header, VERIFICATION_KEY);
  if (place !== null) header.fill(0x20, place.atByte, place.atByte + place.lengthBytes);
}

/** Where the text of `key` lies in the beginning of a GGUF file; null where it does not lie there. */
function findText(bytes: Uint8Array, key: string): { readonly atByte: number; readonly lengthBytes: number } | null {
  try {
    for (const { key: found, type, valueStart, end } of entryPlaces(bytes))
      if (found === key) return type === STRING ? { atByte: valueStart + 8, lengthBytes: end - valueStart - 8 } : null;
  } catch (error) {
    // The entries go on behind the window.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}
