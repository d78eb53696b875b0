/** The speed of a download as people want to see it: steady, and 0 soon after nothing comes any more. */

/** The average is over so much time. */
const WINDOW_MS = 4_000;

export interface SpeedMeter {
  /** Bytes came. */
  add(bytes: number): void;
  /** Looks at the time and gives bytes per second over the last seconds. To be called several times a second. */
  sample(nowMs: number): number;
  reset(): void;
}

export function createSpeedMeter(): SpeedMeter {
  let total = 0;
  let samples: { atMs: number; total: number }[] = [];
  return {
    add(bytes) {
      total += bytes;
    },
    sample(nowMs) {
      samples.push({ atMs: nowMs, total });
      // One sample from before the window stays, so that the window is whole.
      while ((samples[1]?.atMs ?? Infinity) <= nowMs - WINDOW_MS) samples.shift();
      const first = samples[0];
      if (first === undefined || nowMs <= first.atMs) return 0;
      return Math.round(((total - first.total) * 1000) / (nowMs - first.atMs));
    },
    reset() {
      total = 0;
      samples = [];
    },
  };
}
