/** Waits for the hash of a file that was written, and tells the progress. */
import type { FileHasher } from './file-hasher.ts';
import type { TransferOrder } from './order.ts';

/** The hash of everything up to the hasher's last `upTo`. Throws the signal's reason, file system errors, and what `onProgress` throws. */
export async function digestOf(
  { signal, sizeBytes, onProgress }: Pick<TransferOrder, 'signal' | 'sizeBytes' | 'onProgress'>,
  hasher: FileHasher,
): Promise<string> {
  const tell = (): void => {
    const percent = Math.floor((hasher.hashedBytes / Math.max(1, sizeBytes)) * 100);
    onProgress({ phase: 'verifying', doneBytes: sizeBytes, segments: [], detail: { code: 'hashing', percent } });
  };
  onProgress({ phase: 'verifying', doneBytes: sizeBytes, segments: [], detail: null });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    try {
      tell();
    } catch (error) {
      // An exception in a timer would end the process.
      reject(error);
    }
  }, 200);
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    return await Promise.race([hasher.digest(), aborted]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', abort);
  }
}
