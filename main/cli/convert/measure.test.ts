import { expect, it } from 'vitest';
import { figures } from './measure.ts';

it.each([
  [1138.4, 3, '1\u202f140'],
  [56_710.4, 5, '56\u202f710'],
  [2012, 2, '2\u202f000'],
  [12.34, 3, '12.3'],
  [9.9999, 3, '10.0'],
  [0.001234, 3, '0.00123'],
  [0.00000012345, 3, '0.000000123'],
  [0, 3, '0.00'],
  [-12.5, 2, '-13'],
])('writes %d with %d figures as %s', (value, digits, text) => {
  expect(figures(value, digits)).toBe(text);
});
