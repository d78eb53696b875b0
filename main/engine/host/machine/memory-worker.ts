/**
 * A thread of memory-rate.ts: reads memory of its own, in rounds with the other threads. Imports modules of Node alone (see threadFile).
 */
import { parentPort, workerData } from 'node:worker_threads';

export interface ReadOrder {
  /** Bytes of this thread. */
  readonly bytes: number;
  readonly threads: number;
  /** The first thread decides when the last round is. */
  readonly isFirst: boolean;
  /** When to end, as `Date.now` tells it. */
  readonly endAtMs: number;
  /** Shared: how many times a thread was ready for a round, and whether the rounds are over. */
  readonly shared: Int32Array;
}

const READY = 0;
const OVER = 1;
/** The memory has ones alone, so the search for this byte reads all of it. The system's own search is as fast as memory. */
const ABSENT = 2;

function readInRounds({ bytes, threads, isFirst, endAtMs, shared }: ReadOrder): readonly number[] {
  const memory = Buffer.alloc(bytes, 1);
  const roundMs: number[] = [];
  for (let round = 1; ; round++) {
    if (isFirst && Date.now() >= endAtMs) Atomics.store(shared, OVER, 1);
    Atomics.add(shared, READY, 1);
    Atomics.notify(shared, READY);
    for (let ready = 0; (ready = Atomics.load(shared, READY)) < round * threads;) Atomics.wait(shared, READY, ready);
    if (Atomics.load(shared, OVER) === 1) return roundMs;
    const from = performance.now();
    memory.indexOf(ABSENT);
    roundMs.push(performance.now() - from);
  }
}

parentPort?.postMessage(readInRounds(workerData as ReadOrder));
