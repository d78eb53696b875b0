/** Background work, whose errors are logged until the app closes. */
import { encodeError } from '../../preload/wire/errors.ts';

export interface Background {
  /** Fires when the app closes. */
  readonly signal: AbortSignal;
  /** What fails is logged, except when it failed because the app closed under it. */
  run(work: Promise<unknown>): void;
  close(): void;
}

export function createBackground(log: (line: string) => void): Background {
  const closing = new AbortController();
  return {
    signal: closing.signal,
    run(work) {
      work.catch((error: unknown) => {
        if (!closing.signal.aborted) log(`In the background: ${encodeError(error).message}`);
      });
    },
    close: () => closing.abort(),
  };
}
