import { expect, it } from 'vitest';
import { sideBySide } from './choices.ts';
import type { Exchange } from '../http/exchange.ts';

const exchange = (signal: AbortSignal): Exchange => ({ signal }) as Exchange;

it('runs so many at once and gives results in their order', async () => {
  let running = 0;
  let most = 0;
  const results = await sideBySide(exchange(new AbortController().signal), [3, 1, 2, 0, 4], 2, async (_own, item) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < item; turn++) await Promise.resolve();
    running--;
    return item * 2;
  });
  expect([results, most]).toEqual([[6, 2, 4, 0, 8], 2]);
});

it('ends the others when one fails, begins no further one, and throws its error when all have ended', async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = sideBySide(exchange(new AbortController().signal), [0, 1, 2], 2, async (own, item) => {
    begun.push(item);
    if (item === 1) throw new Error('one');
    await new Promise((resolve) => own.signal.addEventListener('abort', resolve));
    ended++;
  });
  await expect(work).rejects.toThrow('one');
  expect([begun, ended]).toEqual([[0, 1], 1]);
});

it('passes on that the caller is gone', async () => {
  const gone = new AbortController();
  const work = sideBySide(exchange(gone.signal), [0], 1, (own) => {
    gone.abort();
    return Promise.resolve(own.signal.aborted);
  });
  expect(await work).toEqual([true]);
});
