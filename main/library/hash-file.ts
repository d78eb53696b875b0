/** Hashing what lies in an open file. */
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Large enough that system calls do not count; hashing that much holds the thread for about two milliseconds. */
const READ_BYTES = 1 << 20;

/**
 * Reads `file` from its beginning to its end into `hash` and gives the digest in hex. `onBytes` hears how far it is. Throws the
 * signal's reason, and what reading throws.
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
