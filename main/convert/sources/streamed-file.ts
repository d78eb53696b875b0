/**
 * A file at the Hub that is received once, from its beginning to its end, and not stored. Reads are answered from the bytes that came
 * last; other places are asked for on their own. Blocks that were received twice are compared, so that the hash of the whole file, which
 * is known at its end, proves every byte that was read.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../../preload/wire/errors.ts';

export interface StreamedFile {
  /** The bytes from `start` to `end`. @throws AppError hub.*. */
  read(start: number, end: number): Promise<Uint8Array>;
  /** Receives the rest. @throws AppError `hub.hash_mismatch` where the bytes are not those that the Hub lists, and as `read`. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export interface StreamedFileOptions {
  readonly repoId: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Begins to receive the file. Its end is reached only where the hash is right. */
  readonly receive: () => AsyncGenerator<Uint8Array>;
  /** Asks for some bytes. */
  readonly request: (start: number, end: number) => Promise<Uint8Array>;
  /** Gets how far the file was received. */
  readonly onPosition: (bytes: number) => void;
  /** Default: 1 MiB. */
  readonly blockBytes?: number;
}

const BLOCK_BYTES = 2 ** 20;
/** Blocks that are kept behind: a matrix that GPT-2 XL transposes in two passes has 41 MB. */
const KEPT_BLOCKS = 64;
/** A place so many blocks ahead is asked for on its own: scales may lie far from their codes. */
const AHEAD_BLOCKS = 32;
/** Blocks that are asked for in a row until the stream follows: what lies between is then read by nobody. */
const PATIENCE_BLOCKS = 16;
/** The length of a safetensors header stands in front of it. */
const LENGTH_BYTES = 8;

export function createStreamedFile(options: StreamedFileOptions): StreamedFile {
  const { repoId, path, sizeBytes, blockBytes = BLOCK_BYTES } = options;
  const blockCount = Math.ceil(sizeBytes / blockBytes);
  const digests = new Map<number, Buffer>();
  const kept = new Map<number, Uint8Array>();
  let headerEnd = LENGTH_BYTES;
  let stream: AsyncGenerator<Uint8Array> | null = null;
  let rest: Uint8Array = new Uint8Array(0);
  let next = 0;
  let askedInRow = 0;
  let isFinished = false;
  let last: Promise<unknown> = Promise.resolve();

  const endOf = (block: number): number => Math.min(sizeBytes, (block + 1) * blockBytes);

  /** Keeps a block. @throws AppError `hub.hash_mismatch` where it came before with other bytes. */
  function take(block: number, bytes: Uint8Array): void {
    const digest = createHash('sha256').update(bytes).digest();
    const before = digests.get(block);
    if (before !== undefined && !before.equals(digest))
      throw new AppError('hub.hash_mismatch', 'The same bytes of this file were sent with two contents.', {
        ...{ repoId, path },
      });
    digests.set(block, digest);
    kept.set(block, bytes);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_BLOCKS) break;
      kept.delete(oldest);
    }
  }

  async function request(block: number): Promise<Uint8Array> {
    const bytes = await options.request(block * blockBytes, endOf(block));
    take(block, bytes);
    return bytes;
  }

  async function receive(): Promise<Uint8Array> {
    stream ??= options.receive();
    const bytes = new Uint8Array(endOf(next) - next * blockBytes);
    for (let filled = 0; filled < bytes.byteLength;) {
      if (rest.byteLength === 0) {
        const came = await stream.next();
        if (came.done === true) throw new AppError('internal', 'The file ended early.');
        rest = came.value;
      }
      const some = rest.subarray(0, bytes.byteLength - filled);
      bytes.set(some, filled);
      filled += some.byteLength;
      rest = rest.subarray(some.byteLength);
    }
    take(next, bytes);
    next++;
    options.onPosition(endOf(next - 1));
    return bytes;
  }

  async function blockAt(block: number, isHeader: boolean): Promise<Uint8Array> {
    const found = kept.get(block);
    if (found !== undefined) return found;
    if (isHeader || block < next) return await request(block);
    if (block - next >= AHEAD_BLOCKS && askedInRow < PATIENCE_BLOCKS) {
      askedInRow++;
      return await request(block);
    }
    askedInRow = 0;
    let bytes = await receive();
    while (next <= block) bytes = await receive();
    return bytes;
  }

  async function read(start: number, end: number): Promise<Uint8Array> {
    // Nothing would prove these bytes any more.
    if (isFinished) throw new AppError('internal', 'This file has been read to its end.');
    const isHeader = start < headerEnd;
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end;) {
      const block = Math.floor(at / blockBytes);
      const found = await blockAt(block, isHeader);
      const some = found.subarray(at - block * blockBytes, end - block * blockBytes);
      bytes.set(some, at - start);
      at += some.byteLength;
    }
    if (start === 0 && bytes.byteLength >= LENGTH_BYTES) {
      const length = new DataView(bytes.buffer).getBigUint64(0, true);
      headerEnd = LENGTH_BYTES + Number(length < BigInt(sizeBytes) ? length : 0n);
    }
    return bytes;
  }

  async function finish(): Promise<void> {
    if (isFinished) return;
    while (next < blockCount) await receive();
    // The check of the hash is behind the last bytes.
    await stream?.next();
    isFinished = true;
    kept.clear();
    digests.clear();
  }

  /** One after the other, in the order of the calls. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  }

  return {
    read: (start, end) => inTurn(() => read(start, end)),
    finish: () => inTurn(finish),
    async close() {
      kept.clear();
      await last;
      await stream?.return(undefined);
    },
  };
}
