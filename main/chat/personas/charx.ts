/** CHARX: a ZIP archive with `card.json` and its files. Two files of it are read, and no other is unpacked. */
import { inflateRawSync } from 'node:zlib';
import { AppError } from '../../../preload/wire/errors.ts';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end of an archive stands before a comment of 65,535 bytes at most. */
const MAX_END_BYTES = 22 + 65_535;
const MOST_FILES = 10_000;
/** A file, when it is no longer compressed: a bomb is refused before it is made. */
const MAX_FILE_BYTES = 16_000_000;

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly at: number;
}

export const isZip = (bytes: Buffer): boolean => bytes.byteLength >= 4 && bytes.readUInt32LE(0) === LOCAL;

/** Reads files of an archive by name; null for one that is not there. @throws AppError `invalid_input` with the reasons card_*. */
export function openCharx(bytes: Buffer): (name: string) => Buffer | null {
  const entries = readEntries(bytes);
  return (name) => {
    const entry = entries.find((one) => one.name === name);
    return entry ? unpack(bytes, entry) : null;
  };
}

function readEntries(bytes: Buffer): readonly ZipEntry[] {
  const from = Math.max(0, bytes.byteLength - MAX_END_BYTES);
  const mark = bytes.subarray(from).lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  const end = from + mark;
  if (mark < 0 || end + 22 > bytes.byteLength || bytes.readUInt32LE(end) !== END) throw broken();
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count > MOST_FILES) throw tooLarge();
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.byteLength || bytes.readUInt32LE(at) !== ENTRY) throw broken();
    const nameBytes = bytes.readUInt16LE(at + 28);
    entries.push({
      name: bytes.toString('utf8', at + 46, Math.min(bytes.byteLength, at + 46 + nameBytes)),
      method: bytes.readUInt16LE(at + 10),
      packedBytes: bytes.readUInt32LE(at + 20),
      at: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function unpack(bytes: Buffer, { method, packedBytes, at }: ZipEntry): Buffer {
  if (at + 30 > bytes.byteLength || bytes.readUInt32LE(at) !== LOCAL) throw broken();
  const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (start + packedBytes > bytes.byteLength) throw broken();
  const packed = bytes.subarray(start, start + packedBytes);
  if (method === 0) return packed;
  if (method !== 8) throw broken();
  try {
    return inflateRawSync(packed, { maxOutputLength: MAX_FILE_BYTES });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : broken();
  }
}

const broken = (): AppError =>
  new AppError('invalid_input', 'This archive is broken or incomplete.', { reason: 'card_broken_archive' });
const tooLarge = (): AppError =>
  new AppError('invalid_input', 'A file in this archive becomes too large.', { reason: 'card_too_large' });
