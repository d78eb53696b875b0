import { describe, expect, it } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

const never = new AbortController().signal;

/** A bucket whose sleeps return at once and take as long as was asked for, by its own clock. */
function bucketOf(rate: () => number | null) {
  let nowMs = 5_000;
  const pauses: number[] = [];
  const clock = {
    elapsedMs: () => nowMs,
    sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      pauses.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const bucket = createTokenBucket(rate, clock);
  return { bucket, pauses, clock, pass: (ms: number) => void (nowMs += ms) };
}

describe('the speed limit', () => {
  it('lets a quarter of a second’s bytes pass after a pause, however long that was', async () => {
    for (const idleMs of [250, 251, 10_000, 3_600_000]) {
      const { bucket, pauses, clock, pass } = bucketOf(() => 1_000);
      pass(idleMs);
      await bucket.take(250, never);
      expect(pauses).toEqual([]);
      const from = clock.elapsedMs();
      for (let count = 0; count < 10; count++) await bucket.take(100, never);
      expect(clock.elapsedMs() - from).toBeCloseTo(1_000);
    }
  });

  it('saves up no more than the time that passed', async () => {
    const { bucket, pauses, pass } = bucketOf(() => 1_000);
    pass(249);
    await bucket.take(249, never);
    expect(pauses).toEqual([]);
    await bucket.take(1, never);
    expect(pauses).toEqual([1]);
  });

  it('makes a chunk that is larger than it can hold wait for all its bytes, a second at a time', async () => {
    const { bucket, pauses, clock } = bucketOf(() => 1_000);
    const from = clock.elapsedMs();
    await bucket.take(3_500, never);
    expect(clock.elapsedMs() - from).toBe(3_500);
    expect(pauses).toEqual([1_000, 1_000, 1_000, 500]);
  });

  it('that is changed or lifted during a wait takes effect within a second', async () => {
    let rate: number | null = 1;
    const { bucket, pauses, clock } = bucketOf(() => rate);
    const sleep = clock.sleep;
    clock.sleep = (ms, signal) => {
      rate = 1_000_000;
      return sleep(ms, signal);
    };
    await bucket.take(1_000, never);
    expect(pauses).toEqual([1_000]);
    rate = 1;
    clock.sleep = (ms, signal) => {
      rate = null;
      return sleep(ms, signal);
    };
    await bucket.take(1_000_000, never);
    expect(pauses).toEqual([1_000, 1_000]);
    // Neither a debt nor savings are left of the time without a limit.
    await bucket.take(1e9, never);
    rate = 1_000;
    clock.sleep = sleep;
    await bucket.take(10, never);
    expect(pauses.slice(2)).toEqual([10]);
  });

  it('ends a wait when the download is aborted', async () => {
    const { bucket, clock } = bucketOf(() => 1_000);
    const abort = new AbortController();
    const sleep = clock.sleep;
    clock.sleep = (ms, signal) => {
      abort.abort(new Error('enough'));
      return sleep(ms, signal);
    };
    await expect(bucket.take(5_000, abort.signal)).rejects.toThrow('enough');
  });
});
