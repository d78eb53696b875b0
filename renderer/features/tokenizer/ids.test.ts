import { describe, expect, it } from 'vitest';
import { readIds } from './ids.ts';

describe('token ids', () => {
  it.each([
    ['', []],
    ['1, 2 3', [[1, 2, 3]]],
    ['1 2\n\n3', [[1, 2], [3]]],
    ['[1, 2]\n[3]', [[1, 2], [3]]],
    ['[\n  1,\n  2\n]', [[1, 2]]],
    ['16777216', [[16_777_216]]],
  ])('are read from %j', (text, batch) => {
    expect(readIds(text)).toEqual({ batch, problem: null });
  });

  it.each([
    ['1\n2 x3', { code: 'wrong', line: 2, what: 'x3' }],
    ['-1', { code: 'wrong', line: 1, what: '-1' }],
    ['1.5', { code: 'wrong', line: 1, what: '1.5' }],
    ['16777217', { code: 'wrong', line: 1, what: '16777217' }],
    ['1\n'.repeat(257), { code: 'lines' }],
    ['1 '.repeat(100_001), { code: 'ids' }],
  ])('are refused with the place: %#', (text, problem) => {
    expect(readIds(text).problem).toEqual(problem);
  });
});
