/** Measures how fast this machine reads its main memory, in threads, before any model is here to be measured. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { threadFile } from '../../../base/thread-file.ts';
import type { ReadOrder } from './memory-worker.ts';

/** Memory of all threads together: more than the caches of most processors hold. */
const READ_BYTES = 192_000_000;
/** More threads read no faster: a few take all that the memory delivers. */
const MAX_THREADS = 8;
const usualTimes = {
  /** From the start of the threads until the last round begins. */
  measureMs: 350,
  /** After this time the measurement is given up. */
  limitMs: 700,
};
/** The first rounds bring the threads together and the processor to its speed. */
const LEAST_ROUNDS = 3;

/** Bytes per second of all threads together, in the best round; null where the machine was too busy to tell. */
export async function measureMemoryRate(cores: number, times = usualTimes): Promise<number | null> {
  const threads = Math.max(1, Math.min(MAX_THREADS, cores));
  const bytes = Math.floor(READ_BYTES / threads);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const endAtMs = Date.now() + times.measureMs;
  const limit = AbortSignal.timeout(times.limitMs);
  const workers = Array.from({ length: threads }, (_, index) => {
    const order: ReadOrder = { bytes, threads, isFirst: index === 0, endAtMs, shared };
    const url = threadFile('./memory-worker.ts', import.meta.url);
    const worker = new Worker(url, { name: 'memory', execArgv: [], workerData: order });
    worker.unref();
    worker.on('error', () => {}); // Nobody waits for a thread any more that fails after another one.
    return worker;
  });
  try {
    const answers = await Promise.all(workers.map((worker) => once(worker, 'message', { signal: limit })));
    const roundTimesMs = answers.map(([roundMs]) => roundMs as readonly number[]);
    return bestRate(roundTimesMs, bytes * threads);
  } catch {
    return null;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** The rate of the best round, which is as long as its slowest thread; null for too few rounds. */
export function bestRate(threadTimesMs: readonly (readonly number[])[], bytes: number): number | null {
  const rounds = threadTimesMs[0]?.map((_, round) =>
    Math.max(...threadTimesMs.map((times) => times[round] ?? Infinity)),
  );
  return rounds === undefined || rounds.length < LEAST_ROUNDS ? null : (bytes / Math.min(...rounds)) * 1000;
}
