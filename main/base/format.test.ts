import { describe, expect, it } from 'vitest';
import { formatBytes, formatInteger } from './format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [-5, '0 B'],
    [95, '95 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [4_370_000_000, '4.37 GB'],
    [36_500_000_000, '36.5 GB'],
    [812_000_000, '812 MB'],
    [999_400_000, '999 MB'],
    [999_600_000, '1.00 GB'],
    [2.5e12, '2.50 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatInteger', () => {
  it('groups thousands with a narrow space that does not break', () => {
    expect(formatInteger(32_768)).toBe('32\u202f768');
    expect(formatInteger(950)).toBe('950');
    expect(formatInteger(1_048_576)).toBe('1\u202f048\u202f576');
  });
});
