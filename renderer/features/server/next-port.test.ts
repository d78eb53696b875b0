import { expect, it } from 'vitest';
import { nextPort } from './next-port.ts';

it('is a port that a user may listen on', () => {
  expect([11_535, 80, 1023, 65_534, 65_535].map(nextPort)).toEqual([11_536, 11_535, 11_535, 65_535, 11_535]);
});
