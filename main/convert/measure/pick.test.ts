import { expect, it } from 'vitest';
import { pickOf } from './pick.ts';

const candidate = (sizeBytes: number, klDivergence: number, decodeTokensPerSecond = 10) => ({
  sizeBytes,
  klDivergence,
  decodeTokensPerSecond,
});

it('takes the smallest whose answers stay close, and of its size the fastest', () => {
  expect(pickOf([candidate(800, 0.001), candidate(500, 0.03), candidate(300, 0.2)])).toBe(1);
  expect(pickOf([candidate(500, 0.03, 10), candidate(510, 0.02, 14), candidate(700, 0.01, 30)])).toBe(1);
});

it('takes the closest where none is close, and nothing of nothing', () => {
  expect(pickOf([candidate(300, 0.2), candidate(350, 0.1)])).toBe(1);
  expect(pickOf([])).toBeNull();
});
