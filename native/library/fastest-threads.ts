/** Evaluation with all threads, or with one where that is faster. */
import type { Session } from './session.ts';

/** Longer chunks are computed with all threads: trying one would cost more than is won. */
const QUICK_MS = 2000;

/**
 * `session.evaluate` that tries one thread at its third chunk, and keeps what was faster. ggml's threads wait for each other in a loop after
 * each product, so that for a small model on a busy processor two threads take several times as long as one. The values are equal.
 */
export function evaluateFastest(session: Session, threads: number): Session['evaluate'] {
  /** Of the first chunks: the first also warms up, the second has all threads, the third one. */
  const timesMs: number[] = [];

  async function timed(...input: Parameters<Session['evaluate']>): Promise<Float32Array> {
    const startMs = performance.now();
    const logits = await session.evaluate(...input);
    timesMs.push(performance.now() - startMs);
    return logits;
  }

  return async (...input) => {
    if (threads === 1 || timesMs.length === 3) return await session.evaluate(...input);
    const [, all = 0] = timesMs;
    if (timesMs.length < 2) return await timed(...input);
    if (all > QUICK_MS) {
      timesMs.push(Infinity);
      return await session.evaluate(...input);
    }
    session.useThreads(1);
    const logits = await timed(...input);
    if ((timesMs[2] ?? 0) >= all) session.useThreads(threads);
    return logits;
  };
}
