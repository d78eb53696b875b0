import { expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

it('gives what the work gives, or its error, and leaves no listener behind', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
  expect(await unlessAborted(Promise.resolve(7), signal, 'Stopped.')).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error('broken')), signal, 'Stopped.')).rejects.toThrow('broken');
  expect(await unlessAborted(Promise.resolve(7), undefined, 'Stopped.')).toBe(7);
  expect(listeners).toBe(0);
});

it('is cancelled by a signal that fires, and by one that has fired, while the work goes on', async () => {
  const never = new Promise(() => {});
  const abort = new AbortController();
  const waiting = unlessAborted(never, abort.signal, 'Stopped.');
  abort.abort();
  const stopped = { code: 'cancelled', message: 'Stopped.' };
  await expect(waiting).rejects.toMatchObject(stopped);
  await expect(unlessAborted(never, abort.signal, 'Stopped.')).rejects.toMatchObject(stopped);
});
