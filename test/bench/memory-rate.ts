/** How fast this machine reads its main memory, without a model: the system's search for a byte that is not there, in threads. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ReadOrder } from './memory-worker.ts';

/** Memory of all threads together: more than the caches of most processors hold. */
const READ_BYTES = 192_000_000;
const MEASURE_MS = 200;

/** Bytes per second of all threads together in the best round. A round is as long as its slowest thread. */
export async function measureMemoryRate(threads: number): Promise<number> {
  const bytes = Math.floor(READ_BYTES / threads);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const workers = Array.from({ length: threads }, (_, index) => {
    const order: ReadOrder = { bytes, threads, isFirst: index === 0, measureMs: MEASURE_MS, shared };
    return new Worker(new URL('./memory-worker.ts', import.meta.url), { workerData: order });
  });
  const answers = (await Promise.all(workers.map((worker) => once(worker, 'message')))) as [readonly number[]][];
  const times = answers.map(([roundMs]) => roundMs);
  const rounds = times[0]?.map((_, round) => Math.max(...times.map((one) => one[round] ?? Infinity))) ?? [];
  return ((bytes * threads) / Math.min(...rounds)) * 1000;
}
