/** Measures how long work has been due without progress, which tells a library that hangs from an idle one. */

export interface ProgressWatch {
  /** One more piece of work is due. */
  begin(): void;
  /** One piece of work is no longer due, done or not. */
  end(): void;
  /** Some work made a step. */
  made(): void;
  /** Milliseconds since the last step, or since work became due after a time without any; null while none is due. */
  idleMs(): number | null;
}

/** A watch with no work. `now` in milliseconds. */
export function createProgressWatch(now: () => number): ProgressWatch {
  let due = 0;
  let lastAt = 0;
  return {
    begin() {
      if (due === 0) lastAt = now();
      due++;
    },
    end() {
      due--;
    },
    made() {
      lastAt = now();
    },
    idleMs: () => (due > 0 ? now() - lastAt : null),
  };
}
