/**
 * Archives of chats, read from their directory at the end, so that an entry is found without unpacking the others. Everything that the
 * archive claims is bounded before it is believed: an archive may be made to fill a disk or a memory.
 */
import { closeSync, openSync, readSync, statSync, createReadStream } from 'node:fs';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { AppError } from '../../../../preload/wire/errors.ts';
import { importLimits } from '../exchanged-chat.ts';

export interface ZipEntry {
  readonly name: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly method: number;
  readonly headerAt: number;
}

export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** The bytes of an entry as they are unpacked. @throws AppError `invalid_input` beyond the limits. */
  stream(entry: ZipEntry): AsyncGenerator<Uint8Array>;
  /** The bytes of an entry of at most `maxBytes`; null for a larger or damaged one. */
  read(entry: ZipEntry, maxBytes: number): Uint8Array | null;
  close(): void;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;
/** The directory of two hundred thousand entries with names of a hundred characters. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
/** A small entry may pack much denser than text and does no harm. */
const FREE_BYTES = 16 * 1024 * 1024;

export const isZip = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32LE(0) === LOCAL_SIGNATURE;

const damaged = (): AppError =>
  new AppError('invalid_input', 'The archive is damaged.', { reason: 'import_zip_damaged', field: 'file' });
const bomb = (): AppError =>
  new AppError('invalid_input', 'The archive unpacks to far more than a program would write.', {
    reason: 'import_zip_bomb',
    field: 'file',
  });

/** @throws AppError `invalid_input` for a damaged, encrypted or oversized archive. */
export function openZip(file: string): ZipArchive {
  const size = statSync(file).size;
  const handle = openSync(file, 'r');
  const bytesAt = (at: number, length: number): Buffer => {
    if (at < 0 || length < 0 || at + length > size) throw damaged();
    const bytes = Buffer.alloc(length);
    if (readSync(handle, bytes, 0, length, at) !== length) throw damaged();
    return bytes;
  };
  try {
    const entries = directory(bytesAt, size);
    let unpacked = 0;
    const dataAt = (entry: ZipEntry): number => {
      const local = bytesAt(entry.headerAt, LOCAL_BYTES);
      if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw damaged();
      return entry.headerAt + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
    };
    return {
      entries,
      async *stream(entry) {
        const from = dataAt(entry);
        if (entry.packedBytes === 0) return;
        if (from + entry.packedBytes > size) throw damaged();
        const packed = createReadStream(file, { start: from, end: from + entry.packedBytes - 1 });
        const pieces: AsyncIterable<Uint8Array> =
          entry.method === DEFLATED ? packed.on('error', () => {}).pipe(createInflateRaw()) : packed;
        let bytes = 0;
        try {
          for await (const piece of pieces) {
            bytes += piece.length;
            unpacked += piece.length;
            // Counted as it comes: what the directory says of the size may be a lie.
            if (unpacked > importLimits.unpackedBytes) throw bomb();
            if (bytes > FREE_BYTES && bytes > entry.packedBytes * importLimits.packingRatio) throw bomb();
            yield piece;
          }
        } catch (error) {
          throw error instanceof AppError ? error : damaged();
        } finally {
          packed.destroy();
        }
      },
      read(entry, maxBytes) {
        if (entry.unpackedBytes > maxBytes || entry.packedBytes > maxBytes) return null;
        try {
          const bytes = bytesAt(dataAt(entry), entry.packedBytes);
          const plain = entry.method === DEFLATED ? inflateRawSync(bytes, { maxOutputLength: maxBytes }) : bytes;
          unpacked += plain.length;
          return unpacked > importLimits.unpackedBytes ? null : plain;
        } catch {
          return null;
        }
      },
      close: () => closeSync(handle),
    };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

function directory(bytesAt: (at: number, length: number) => Buffer, size: number): ZipEntry[] {
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = bytesAt(size - tailBytes, tailBytes);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end--;
  if (end < 0) throw damaged();
  const count = tail.readUInt16LE(end + 10);
  const length = tail.readUInt32LE(end + 12);
  const at = tail.readUInt32LE(end + 16);
  // Zip64, for archives beyond 4 GiB or 65,535 entries, has its own directory: the limit of an import is below it.
  if (count === 0xffff || at === 0xffffffff || length > MAX_DIRECTORY_BYTES || count > importLimits.archiveEntries)
    throw new AppError('invalid_input', 'The archive has too many files.', {
      reason: 'import_zip_too_many',
      field: 'file',
    });
  const bytes = bytesAt(at, length);
  const entries: ZipEntry[] = [];
  for (let from = 0; entries.length < count;) {
    if (from + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(from) !== ENTRY_SIGNATURE) throw damaged();
    const nameBytes = bytes.readUInt16LE(from + 28);
    const name = bytes.toString('utf8', from + ENTRY_BYTES, from + ENTRY_BYTES + nameBytes);
    if ((bytes.readUInt16LE(from + 8) & ENCRYPTED_FLAG) !== 0)
      throw new AppError('invalid_input', 'The archive has a password. Unpack it first.', {
        reason: 'import_zip_encrypted',
        field: 'file',
      });
    const method = bytes.readUInt16LE(from + 10);
    if (method === STORED || method === DEFLATED)
      entries.push({
        name,
        method,
        packedBytes: bytes.readUInt32LE(from + 20),
        unpackedBytes: bytes.readUInt32LE(from + 24),
        headerAt: bytes.readUInt32LE(from + 42),
      });
    else throw damaged();
    from += ENTRY_BYTES + nameBytes + bytes.readUInt16LE(from + 30) + bytes.readUInt16LE(from + 32);
  }
  return entries.filter(({ name }) => !name.endsWith('/'));
}
