/** Runs work once for several callers that ask for it at the same time. */

export type SharedWork<T> = (key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Joins a caller to the running work for `key`, or starts it. A caller whose signal fires gets the signal's reason; the work is aborted
 * when the last caller has left. All callers get the same result or error.
 */
export function createSharedWork<T>(): SharedWork<T> {
  const running = new Map<string, { readonly result: Promise<T>; readonly abort: AbortController; callers: number }>();
  return async (key, signal, work) => {
    signal.throwIfAborted();
    const abort = new AbortController();
    const entry = running.get(key) ?? { result: work(abort.signal), abort, callers: 0 };
    running.set(key, entry);
    entry.callers++;
    const leaving = Promise.withResolvers<never>();
    const leave = (): void => leaving.reject(signal.reason);
    signal.addEventListener('abort', leave);
    try {
      return await Promise.race([entry.result, leaving.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      entry.callers--;
      if (entry.callers === 0) {
        running.delete(key);
        entry.abort.abort();
      }
    }
  };
}
