/** A speed limit over everything that takes from it. */
import { setTimeout as delay } from 'node:timers/promises';

export interface TokenBucket {
  /** Waits until so many bytes may have come. Throws the signal's reason. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** So much of a second may come at once. */
const BURST_SECONDS = 0.25;
/** A limit that is lifted or raised is felt after so long at most. */
const LONGEST_SLEEP_MS = 1_000;

/** A limit of `bytesPerSecond`, read anew at every step; null is none. */
export function createTokenBucket(bytesPerSecond: () => number | null): TokenBucket {
  let tokens = 0;
  let filledAtMs = performance.now();
  const refill = (rate: number): void => {
    const nowMs = performance.now();
    tokens = Math.min(rate * BURST_SECONDS, tokens + ((nowMs - filledAtMs) / 1000) * rate);
    filledAtMs = nowMs;
  };
  return {
    async take(bytes, signal) {
      let rate = bytesPerSecond();
      if (rate === null) {
        tokens = 0;
        filledAtMs = performance.now();
        return;
      }
      refill(rate);
      // A piece may be larger than the bucket: it is taken on credit, and whoever comes next waits for it to be paid back.
      tokens -= bytes;
      while (tokens < 0) {
        await delay(Math.min(LONGEST_SLEEP_MS, (-tokens / rate) * 1000), undefined, { signal });
        rate = bytesPerSecond();
        if (rate === null) return void (tokens = 0);
        refill(rate);
      }
    },
  };
}
