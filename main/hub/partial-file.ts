/**
 * A file that grows from its beginning and is hashed as it grows. Chunks are hashed where they lie and written in large
 * vectors, one write at a time behind the network, so that nothing is copied and a cut never leaves a hole.
 */
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { inFolderOf } from './cache.ts';

/** What the content is checked against: the sha256 of LFS, or the id that git gives a blob. */
export interface ContentHash {
  readonly kind: 'sha256' | 'git_blob';
  readonly hex: string;
}

/** Large enough that system calls do not count, small enough that a slow disk is felt soon. */
const WRITE_BYTES = 1 << 20;
/** On a slow line what came is written at least this often, so that a kill loses little. */
const WRITE_EVERY_MS = 500;

export interface PartialFile {
  /** Bytes that are hashed, and on disk or on their way. */
  readonly lengthBytes: number;
  /** Takes the next bytes. Waits while the disk is behind. Throws what an earlier or this write throws. */
  add(chunk: Uint8Array): Promise<void>;
  /** Waits until everything taken is written. */
  flush(): Promise<void>;
  /** Throws the content away. */
  reset(): Promise<void>;
  /** Whether the content has the hash. Once; `reset` before another try. */
  matches(): boolean;
  /** Waits until the content is on the disk itself, so that a power cut cannot leave a good name on bad bytes. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `file`, made when missing with its folder, and hashes what is in it; `onHashed` hears of every step and may throw to stop. A file
 * longer than `sizeBytes` is emptied: it is another's.
 */
export async function openPartialFile(
  file: string,
  sizeBytes: number,
  hash: ContentHash,
  onHashed: (hashedBytes: number) => void,
): Promise<PartialFile> {
  const handle = await inFolderOf(file, () => open(file, 'a+')).then(async (created) => {
    // Opened for appending only to make it when missing: positions are ours to choose afterwards.
    await created.close();
    return await open(file, 'r+');
  });
  try {
    const begin = (): Hash =>
      hash.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${String(sizeBytes)}\0`);
    let hasher = begin();
    let lengthBytes = 0;
    if ((await handle.stat()).size > sizeBytes) await handle.truncate(0);
    else {
      const buffer = Buffer.allocUnsafe(WRITE_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, lengthBytes);
        if (bytesRead === 0) break;
        hasher.update(buffer.subarray(0, bytesRead));
        lengthBytes += bytesRead;
        onHashed(lengthBytes);
      }
    }

    let waiting: Uint8Array[] = [];
    let waitingBytes = 0;
    let writtenBytes = lengthBytes;
    let lastWriteMs = performance.now();
    let writing: Promise<void> = Promise.resolve();
    const write = async (): Promise<void> => {
      await writing;
      if (waitingBytes === 0) return;
      const [chunks, position] = [waiting, writtenBytes];
      writtenBytes += waitingBytes;
      waiting = [];
      waitingBytes = 0;
      lastWriteMs = performance.now();
      writing = writeAll(handle, chunks, position);
      // Whoever waits next gets the error; nobody may wait before the process looks for unhandled ones.
      writing.catch(() => {});
    };

    return {
      get lengthBytes() {
        return lengthBytes;
      },
      async add(chunk) {
        hasher.update(chunk);
        waiting.push(chunk);
        waitingBytes += chunk.byteLength;
        lengthBytes += chunk.byteLength;
        if (waitingBytes >= WRITE_BYTES || performance.now() - lastWriteMs > WRITE_EVERY_MS) await write();
      },
      async flush() {
        await write();
        await writing;
      },
      async reset() {
        await writing.catch(() => {});
        await handle.truncate(0);
        hasher = begin();
        [waiting, waitingBytes, writtenBytes, lengthBytes] = [[], 0, 0, 0];
      },
      matches: () => lengthBytes === sizeBytes && hasher.digest('hex') === hash.hex,
      sync: () => handle.datasync(),
      async close() {
        await writing.catch(() => {});
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** `writev` may write less than it is given: the rest is written until none is left. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let left = [...chunks];
  let at = position;
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    const next: Uint8Array[] = [];
    for (const chunk of left) {
      if (bytesWritten >= chunk.byteLength) bytesWritten -= chunk.byteLength;
      else {
        next.push(bytesWritten > 0 ? chunk.subarray(bytesWritten) : chunk);
        bytesWritten = 0;
      }
    }
    left = next;
  }
}
