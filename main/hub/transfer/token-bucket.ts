/** A speed limit (token bucket) that all downloads share. */

/** The part of a clock that a bucket uses; see `Clock`. */
interface BucketClock {
  elapsedMs(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface TokenBucket {
  /** Waits until the limit allows this many bytes more. Throws the signal's reason. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** The bucket's capacity, in seconds at the limit. */
const BURST_SECONDS = 0.25;
/** A changed limit takes effect within this time. */
const LONGEST_SLEEP_MS = 1_000;

/** `bytesPerSecond` is called at every step, so that the limit can change; null means no limit. */
export function createTokenBucket(bytesPerSecond: () => number | null, clock: BucketClock): TokenBucket {
  let tokens = 0;
  let filledAtMs = clock.elapsedMs();
  const refill = (rate: number): void => {
    const nowMs = clock.elapsedMs();
    tokens = Math.min(rate * BURST_SECONDS, tokens + ((nowMs - filledAtMs) / 1000) * rate);
    filledAtMs = nowMs;
  };
  return {
    async take(bytes, signal) {
      let rate = bytesPerSecond();
      if (rate === null) {
        tokens = 0;
        filledAtMs = clock.elapsedMs();
        return;
      }
      refill(rate);
      // A chunk may be larger than the bucket: the balance becomes negative, and everyone waits until it is positive again.
      tokens -= bytes;
      while (tokens < 0) {
        await clock.sleep(Math.min(LONGEST_SLEEP_MS, (-tokens / rate) * 1000), signal);
        rate = bytesPerSecond();
        if (rate === null) return void (tokens = 0);
        refill(rate);
      }
    },
  };
}
