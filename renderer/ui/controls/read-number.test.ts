import { expect, it } from 'vitest';
import { formatDecimal, formatInteger } from '../../words/format.ts';
import { readNumber } from './read-number.ts';

it('reads numbers as the page writes them, with a comma or a point', () => {
  for (const value of [0, 7, 1024, 32_768, 16_777_216]) expect(readNumber(formatInteger(value))).toBe(value);
  expect(readNumber(formatDecimal(1234.5, 2))).toBe(1234.5);
  expect(['0,7', '0.7', '1,5', '12,25', ' 1 024 ', '1\u202f024'].map(readNumber)).toEqual([
    0.7, 0.7, 1.5, 12.25, 1024, 1024,
  ]);
  // A thousandth has a digit before the comma that is no group.
  expect(readNumber('0,125')).toBe(0.125);
  expect(readNumber('  ')).toBeNull();
  for (const other of ['1,02', '1,0244', '12a', '1,024,5']) expect(readNumber(other), other).not.toBe(1024);
  expect(readNumber('12a')).toBeNaN();
});
