import { expect, it } from 'vitest';
import { specialTokensIn } from './special-tokens.ts';

it('finds each token once, in the order of the text, the longer of two at one place', () => {
  const tokens = ['<a>', '<a>b', '<end>', '</s>', '\n\n'];
  expect(specialTokensIn('x</s>\n\n<a>b<a></s>', tokens)).toEqual(['</s>', '\n\n', '<a>b', '<a>']);
  // 1,000,000 characters are looked through.
  expect(specialTokensIn(`${'x'.repeat(1_000_000)}<end>`, tokens)).toEqual(['<end>']);
});

it('compares no more often than its limit, whatever the tokens and the text are', () => {
  const tokens = Array.from({ length: 1000 }, (_, n) => `${'a'.repeat(n + 1)}b`);
  // Without the limit these are 20,000,000 comparisons, and the token behind them is found.
  const text = `b${tokens[3] ?? ''}${'a'.repeat(20_000)}c${tokens[9] ?? ''}`;
  expect(specialTokensIn(text, tokens)).toEqual([tokens[3]]);
});
