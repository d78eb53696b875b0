/** Measures the speed of a download for display: a moving average that falls to 0 soon after the last bytes. */

/** Time over which the average is taken. */
const WINDOW_MS = 4_000;

export interface SpeedMeter {
  /** Counts received bytes. */
  add(bytes: number): void;
  /** The average in bytes per second at this time. Call it several times a second. */
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
      // One sample from before the window is kept, so that the samples cover the whole window.
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
