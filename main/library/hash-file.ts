/** Hashes an open file. */
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Large enough to make system calls negligible. Hashing this much blocks the thread for about two milliseconds. */
const READ_BYTES = 1 << 20;

/**
 * Hashes the whole `file` with `hash` and returns the hex digest. `onBytes` gets the progress. Throws the signal's reason and file system
 * errors.
 */
export async function hashFile(
  file: FileHandle,
  hash: Hash,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let at = 0; ;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    onBytes(at);
  }
}
