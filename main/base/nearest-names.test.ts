import { expect, it } from 'vitest';
import { nearestNames } from './nearest-names.ts';

const names = ['list', 'run', 'quantize', 'tokenize', 'rm', 'embed'];

it.each([
  ['lsit', ['list']],
  ['LIST', ['list']],
  ['rnu', ['run']],
  ['quantise', ['quantize']],
  ['tokenise', ['tokenize']],
  ['embd', ['embed']],
  ['rmm', ['rm']],
  ['xyz', []],
  ['', []],
  ['x'.repeat(10_000), []],
])('of %s it is %j', (text, near) => {
  expect(nearestNames(text, names, 3)).toEqual(near);
});

it('puts the nearest first and gives no more than asked for', () => {
  expect(nearestNames('lost', ['lists', 'list', 'last'], 2)).toEqual(['list', 'last']);
});
