import { expect, it } from 'vitest';
import { evaluateFastest } from './fastest-threads.ts';
import type { Session } from './session.ts';

/** A session on a clock that moves by what `msOf` says of the threads in use; the threads of each evaluation. */
async function threadsOf(msOf: (threads: number) => number, all: number, chunkCount: number): Promise<number[]> {
  const now = performance.now;
  let clockMs = 0;
  let threads = all;
  const used: number[] = [];
  const session: Pick<Session, 'evaluate' | 'useThreads'> = {
    evaluate: async () => {
      used.push(threads);
      clockMs += msOf(threads);
      return new Float32Array(0);
    },
    useThreads: (count) => void (threads = count),
  };
  performance.now = () => clockMs;
  try {
    const evaluate = evaluateFastest(session as Session, all);
    for (let chunk = 0; chunk < chunkCount; chunk++) await evaluate(new Int32Array(1), 0);
  } finally {
    performance.now = now;
  }
  return used;
}

it('one thread is kept where it is faster', async () => {
  expect(await threadsOf((threads) => threads * 100, 4, 6)).toEqual([4, 4, 1, 1, 1, 1]);
});

it('all threads are used again where they are faster', async () => {
  expect(await threadsOf((threads) => 400 / threads, 4, 6)).toEqual([4, 4, 1, 4, 4, 4]);
});

it('one thread is not tried for chunks that take long', async () => {
  expect(await threadsOf(() => 5000, 4, 5)).toEqual([4, 4, 4, 4, 4]);
});

it('there is nothing to try with one thread', async () => {
  expect(await threadsOf(() => 1, 1, 4)).toEqual([1, 1, 1, 1]);
});
