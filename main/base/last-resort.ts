/** What is done about an error that nothing handled: an `error` event without a listener, or a rejected promise that nobody awaited. */

/** Failures that come this often will not stop by themselves. */
const MAX_ERRORS = 5;
const WITHIN_MS = 60_000;

export interface LastResort {
  /** Puts the error where the user and a developer find it, and stores what waits to be stored. */
  readonly tell: (error: unknown) => void;
  /** Ends the app in order. Called once. */
  readonly end: () => void;
}

/**
 * A listener for `uncaughtException`, which Node also calls for a rejection that nobody handled. The app goes on; only when five such
 * errors come within a minute is it ended. Never throws: that would end the process at once.
 */
export function createLastResort(
  { tell, end }: LastResort,
  now: () => number = () => performance.now(),
): (error: unknown) => void {
  let times: readonly number[] = [];
  let isEnding = false;
  return (error) => {
    try {
      tell(error);
    } catch {
      // The log and the database may be what failed.
    }
    times = [...times.filter((time) => now() - time < WITHIN_MS), now()];
    if (times.length < MAX_ERRORS || isEnding) return;
    isEnding = true;
    end();
  };
}
