/** Writes an archive as it comes: each entry is packed and gone before the next begins. */
import { crc32, deflateRaw } from 'node:zlib';
import { promisify } from 'node:util';

const deflate = promisify(deflateRaw);

/** The bits by which readers know that names are UTF-8. */
const UTF8_FLAG = 0x0800;
const DEFLATED = 8;
const VERSION = 20;

export interface ZipWriter {
  /** The bytes of an entry with this name. */
  entry(name: string, bytes: Buffer, at: number): Promise<Buffer[]>;
  /** The bytes of the directory, which ends the archive. */
  end(): Buffer[];
  /** The bytes that were given out. */
  size(): number;
}

export function createZipWriter(): ZipWriter {
  const directory: Buffer[] = [];
  let at = 0;
  const given = (pieces: Buffer[]): Buffer[] => {
    for (const piece of pieces) at += piece.length;
    return pieces;
  };
  return {
    async entry(name, bytes, time) {
      const packed = await deflate(bytes);
      const encoded = Buffer.from(name, 'utf8');
      const shared = Buffer.alloc(26);
      shared.writeUInt16LE(VERSION, 0);
      shared.writeUInt16LE(UTF8_FLAG, 2);
      shared.writeUInt16LE(DEFLATED, 4);
      const { date, clock } = dosTime(time);
      shared.writeUInt16LE(clock, 6);
      shared.writeUInt16LE(date, 8);
      shared.writeUInt32LE(crc32(bytes), 10);
      shared.writeUInt32LE(packed.length, 14);
      shared.writeUInt32LE(bytes.length, 18);
      shared.writeUInt16LE(encoded.length, 22);
      const rest = Buffer.alloc(14);
      rest.writeUInt32LE(at, 10);
      directory.push(Buffer.concat([signature(0x02014b50), version(), shared, rest, encoded]));
      return given([signature(0x04034b50), shared, encoded, packed]);
    },
    end() {
      const length = directory.reduce((sum, { length }) => sum + length, 0);
      const end = Buffer.alloc(18);
      end.writeUInt16LE(directory.length, 4);
      end.writeUInt16LE(directory.length, 6);
      end.writeUInt32LE(length, 8);
      end.writeUInt32LE(at, 12);
      return given([...directory, signature(0x06054b50), end]);
    },
    size: () => at,
  };
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

function version(): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(VERSION, 0);
  return bytes;
}

/** A time as archives have it: of two seconds, from the year 1980. */
function dosTime(ms: number): { date: number; clock: number } {
  const time = new Date(ms);
  const year = Math.min(Math.max(time.getFullYear(), 1980), 2107);
  return {
    date: ((year - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate(),
    clock: (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1),
  };
}
