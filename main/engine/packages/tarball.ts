/**
 * Unpacks the tarball of an npm package: a gzipped tar (POSIX ustar with pax headers, as npm writes it) of plain files below one folder.
 * The limits hold although its hash was verified before.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../preload/wire/errors.ts';

const BLOCK = 512;
/** Limit for a pax header, which holds names and times. npm's are below 1 KB. */
const PAX_LIMIT_BYTES = 64 * 1024;
const FILE_LIMIT = 10_000;

interface Entry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly type: string;
  readonly executable: boolean;
}

/**
 * Unpacks `file` into `folder`, without the folder around all entries (`package/`). After an error the files unpacked so far stay, so
 * `folder` must be one to delete.
 * @throws AppError `hub.bad_response` for another format, for links, for names that leave the folder, and for more than `limitBytes`.
 */
export async function unpackTarball(
  file: string,
  folder: string,
  limitBytes: number,
  signal: AbortSignal,
  onBytes: (unpackedBytes: number) => void = () => {},
): Promise<void> {
  const gunzip = createGunzip();
  const source = createReadStream(file);
  source.once('error', (error) => gunzip.destroy(error));
  const reader = createBlockReader(source.pipe(gunzip));
  let unpackedBytes = 0;
  let files = 0;
  let longName: string | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      const header = await reader.read(BLOCK);
      if (header === null || header.every((byte) => byte === 0)) return; // two empty blocks end a tar, and the first suffices
      const entry = readHeader(header);
      const padding = (BLOCK - (entry.sizeBytes % BLOCK)) % BLOCK;
      if (entry.type === 'x' || entry.type === 'g') {
        if (entry.sizeBytes > PAX_LIMIT_BYTES) throw unusable('a header is too long');
        const pax = await reader.read(entry.sizeBytes);
        await reader.skip(padding);
        if (entry.type === 'x') longName = paxPath(pax ?? Buffer.alloc(0));
        continue;
      }
      const target = targetOf(longName ?? entry.name, folder);
      longName = undefined;
      if (entry.type === '5') {
        if (entry.sizeBytes > 0) throw unusable('a folder has a size');
        continue;
      }
      if (entry.type !== '0') throw unusable('it contains something other than plain files');
      if (target === null) throw unusable('a file has no name');
      if (++files > FILE_LIMIT || unpackedBytes + entry.sizeBytes > limitBytes) throw unusable('it is too large');
      await mkdir(path.dirname(target), { recursive: true });
      // wx: a name that comes twice could be an attempt to write through the first entry.
      const output = createWriteStream(target, { flags: 'wx', mode: entry.executable ? 0o755 : 0o644 });
      const written = finished(output);
      written.catch(() => {}); // awaited below
      try {
        let left = entry.sizeBytes;
        while (left > 0) {
          signal.throwIfAborted();
          const piece = await reader.readUpTo(left);
          if (piece === null) throw unusable('it is cut short');
          left -= piece.length;
          unpackedBytes += piece.length;
          if (!output.write(piece)) await Promise.race([once(output, 'drain'), written]);
          onBytes(unpackedBytes);
        }
        output.end();
        await written;
      } finally {
        output.destroy();
      }
      await reader.skip(padding);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (typeof code === 'string' && (code.startsWith('Z_') || code === 'EEXIST')) throw unusable(code);
    throw error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function unusable(cause: string): AppError {
  return new AppError('hub.bad_response', `The package could not be unpacked: ${cause}.`, { reason: 'package', cause });
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

function octal(field: Buffer): number {
  const digits = text(field).trim();
  if (digits === '') return 0;
  if (!/^[0-7]{1,12}$/.test(digits)) throw unusable('a header has an invalid number');
  return Number.parseInt(digits, 8);
}

function readHeader(block: Buffer): Entry {
  const sum = octal(block.subarray(148, 156));
  let actual = 8 * 32; // the checksum's own field counts as spaces
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) actual += byte;
  if (sum !== actual) throw unusable('a header is damaged');
  const isUstar = text(block.subarray(257, 263)).startsWith('ustar');
  const prefix = isUstar ? text(block.subarray(345, 500)) : '';
  const name = text(block.subarray(0, 100));
  const type = String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes: octal(block.subarray(124, 136)),
    type: type === '\0' ? '0' : type,
    executable: (octal(block.subarray(100, 108)) & 0o100) !== 0,
  };
}

/** The `path` record of a pax header: `LENGTH path=NAME\n`. */
function paxPath(pax: Buffer): string | undefined {
  let at = 0;
  while (at < pax.length) {
    const space = pax.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(pax.toString('latin1', at, space));
    if (!Number.isInteger(length) || length < 5 || at + length > pax.length) throw unusable('a header is damaged');
    const record = pax.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) return record.slice('path='.length);
    at += length;
  }
  return undefined;
}

/** The path of an entry below `folder`, without its first folder; null for that folder itself. */
function targetOf(name: string, folder: string): string | null {
  if (/[\\\0:]/.test(name) || name.startsWith('/')) throw unusable('a name would leave its folder');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw unusable('a name would leave its folder');
  return parts.length < 2 ? null : path.join(folder, ...parts.slice(1));
}

interface BlockReader {
  /** Exactly `length` bytes, or null at the end. */
  read(length: number): Promise<Buffer | null>;
  /** At least one byte and at most `length`, or null at the end. */
  readUpTo(length: number): Promise<Buffer | null>;
  skip(length: number): Promise<void>;
}

function createBlockReader(source: AsyncIterable<Buffer>): BlockReader {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const readUpTo = async (length: number): Promise<Buffer | null> => {
    while (rest.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return null;
      rest = next.value;
    }
    const piece = rest.subarray(0, length);
    rest = rest.subarray(piece.length);
    return piece;
  };
  const read = async (length: number): Promise<Buffer | null> => {
    const pieces: Buffer[] = [];
    let have = 0;
    while (have < length) {
      const piece = await readUpTo(length - have);
      if (piece === null) {
        if (have === 0) return null;
        throw unusable('it is cut short');
      }
      pieces.push(piece);
      have += piece.length;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  };
  return {
    read,
    readUpTo,
    async skip(length) {
      if (length > 0) await read(length);
    },
  };
}
