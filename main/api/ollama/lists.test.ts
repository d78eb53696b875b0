import { expect, it } from 'vitest';
import { latestFirst } from './lists.ts';

it('lists the latest first, and what is of one time by its name, whatever the order before', () => {
  const one = (name: string, at: string) => ({ name, at });
  const sorted = [one('c', '2026-02-01'), one('a', '2026-01-01'), one('b', '2026-01-01'), one('b', '2026-01-01')];
  expect(sorted.toSorted(latestFirst('at'))).toEqual(sorted);
  expect(sorted.toReversed().sort(latestFirst('at'))).toEqual(sorted);
  expect([sorted[2]!, sorted[0]!, sorted[3]!, sorted[1]!].sort(latestFirst('at'))).toEqual(sorted);
});
