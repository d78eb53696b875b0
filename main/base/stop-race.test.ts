import { describe, expect, it } from 'vitest';
import { createStopRace } from './stop-race.ts';

describe('a race of work against the stop', () => {
  it('gives the result of work that ends, also soon after the stop', async () => {
    const stop = new AbortController();
    const race = createStopRace(stop.signal, 20);
    expect(await race.unlessStopped(Promise.resolve('done'))).toBe('done');
    const { promise, resolve } = Promise.withResolvers<string>();
    const result = race.unlessStopped(promise);
    stop.abort();
    resolve('late');
    expect(await result).toBe('late');
    await expect(race.unlessStopped(Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    let isOver = false;
    race.afterwards(() => (isOver = true));
    expect(isOver).toBe(true);
  });

  it('leaves work alone that does not end, and waits with what follows until it does', async () => {
    const stop = new AbortController();
    const race = createStopRace(stop.signal, 20);
    const { promise, reject } = Promise.withResolvers<string>();
    const result = race.unlessStopped(promise);
    stop.abort();
    expect(await result).toBeUndefined();
    const { promise: after, resolve } = Promise.withResolvers<string>();
    let isOver = false;
    race.afterwards(() => {
      isOver = true;
      resolve('after');
    });
    expect(isOver).toBe(false);
    reject(new Error('at last'));
    expect(await after).toBe('after');
  });
});
