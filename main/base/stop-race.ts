/** Ends the wait for work when a reply is stopped, although the work itself (a batch, a state on its way from the disk) cannot be ended. */

export interface StopRace {
  /** The result of `work`; undefined when `signal` fired and the work did not end within the grace. It then goes on by itself. */
  unlessStopped<T>(work: Promise<T>): Promise<T | undefined>;
  /** Runs `act` when no work goes on any more: at once when none was left alone. */
  afterwards(act: () => void): void;
}

/** A race of one reply against its `signal`. One work at a time. Work that ends within `graceMs` after the stop loses nothing. */
export function createStopRace(signal: AbortSignal, graceMs: number): StopRace {
  const none = (): void => {};
  let onStop = none;
  let leftAlone: Promise<unknown> | null = null;
  signal.addEventListener('abort', () => onStop(), { once: true });
  return {
    unlessStopped: (work) =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const isOver = (): void => {
          onStop = none;
          clearTimeout(timer);
        };
        onStop = () => {
          timer = setTimeout(() => {
            leftAlone = work;
            resolve(undefined);
          }, graceMs);
        };
        work.then(
          (value) => {
            isOver();
            resolve(value);
          },
          (error: unknown) => {
            isOver();
            reject(error as Error);
          },
        );
        if (signal.aborted) onStop();
      }),
    afterwards(act) {
      if (leftAlone === null) act();
      else leftAlone.then(act, act);
    },
  };
}
