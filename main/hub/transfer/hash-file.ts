/** The hash of a file that is complete. */
import { stat } from 'node:fs/promises';
import { digestOf } from './digest.ts';
import { openFileHasher } from './file-hasher.ts';

/** The sha256 of a file from `fromByte` on, by the hash thread. Throws file system errors and the signal's reason. */
export async function sha256OfFile(file: string, signal: AbortSignal, fromByte = 0): Promise<string> {
  const sizeBytes = Math.max(0, (await stat(file)).size - fromByte);
  const hasher = openFileHasher(file, 'sha256', sizeBytes, fromByte);
  try {
    hasher.upTo(sizeBytes);
    return await digestOf({ signal, sizeBytes, onProgress: () => {} }, hasher);
  } finally {
    await hasher.close();
  }
}
