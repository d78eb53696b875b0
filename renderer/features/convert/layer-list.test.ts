import { describe, expect, it } from 'vitest';
import { readLayers } from './layer-list.ts';

describe('the layers of a list', () => {
  it.each([
    ['', []],
    ['3', [3]],
    ['4, 8-10', [4, 8, 9, 10]],
    ['8 – 10 4', [4, 8, 9, 10]],
    ['2,2;1-3', [1, 2, 3]],
    ['4, 8 ,', [4, 8]],
  ])('%j', (text, layers) => {
    expect(readLayers(text, 12)).toEqual({ layers, problem: null });
  });

  it.each([
    ['two', 'wrong'],
    ['1,,1', 'wrong'],
    [',', 'wrong'],
    ['1;;', 'wrong'],
    ['3-', 'wrong'],
    ['5-4', 'wrong'],
    ['-1', 'wrong'],
    ['12', 'outside'],
    ['0-99', 'outside'],
    ['999999999999999999999', 'outside'],
    ['0-999999999999999999999', 'outside'],
    ['0-11', 'all'],
  ])('%j is refused as %s', (text, problem) => {
    expect(readLayers(text, 12).problem).toBe(problem);
  });

  it('has no upper end where the number of layers is not known', () => {
    expect(readLayers('99', null)).toEqual({ layers: [99], problem: null });
  });
});
