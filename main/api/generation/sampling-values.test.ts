import { expect, it } from 'vitest';
import { seedSchema, stopSchema, topKSchema } from './sampling-values.ts';

it('takes seeds of 64 bits, as the lower 32 of them, and keeps -1', () => {
  // The remainders are those that C has for the same integers as uint32_t.
  const seeds = [0, 7, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, 2 ** 63, -1, -2, -(2 ** 63)];
  expect(seeds.map((seed) => seedSchema.parse(seed))).toEqual([0, 7, 2 ** 32 - 1, 0, 5, 0, -1, 2 ** 32 - 2, 0]);
  for (const wrong of [0.5, 2 ** 64, -(2 ** 64), NaN, '1']) expect(seedSchema.safeParse(wrong).success).toBe(false);
});

it('has no limit of tokens for a number beyond those that the engine counts', () => {
  expect([-1, 0, 1, 40, 1000, 1001, 151_936].map((count) => topKSchema.parse(count))).toEqual([
    0, 0, 1, 40, 1000, 0, 0,
  ]);
});

it('leaves out empty stop texts', () => {
  expect(['', 'a', ['', 'a', ''], []].map((stop) => stopSchema.parse(stop))).toEqual([[], ['a'], ['a'], []]);
});
