import { AppError } from '../../preload/wire/errors.ts';

/**
 * Waits for `work` until `signal` fires; the work itself continues.
 *
 * @throws AppError `cancelled` with `sentence` when the signal fires first.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  sentence: string,
): Promise<T> {
  if (!signal) return await work;
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new AppError('cancelled', sentence));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
