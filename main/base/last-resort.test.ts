import { expect, it } from 'vitest';
import { createLastResort } from './last-resort.ts';

it('tells every error, and ends the app once when five come within a minute', () => {
  let now = 0;
  const told: unknown[] = [];
  let ends = 0;
  const unexpected = createLastResort({ tell: (error) => told.push(error), end: () => ends++ }, () => now);
  for (let count = 0; count < 20; count++) {
    now += 15_001; // four a minute, for five minutes
    unexpected(count);
  }
  expect([told.length, ends]).toEqual([20, 0]);
  now += 60_000;
  for (let count = 0; count < 4; count++) unexpected(count);
  expect(ends).toBe(0);
  for (let count = 0; count < 4; count++) unexpected(count);
  expect([told.length, ends]).toEqual([28, 1]);
});

it('throws nothing when telling fails', () => {
  const unexpected = createLastResort({
    tell() {
      throw new Error('the log');
    },
    end: () => {},
  });
  expect(() => unexpected(new Error('x'))).not.toThrow();
});
