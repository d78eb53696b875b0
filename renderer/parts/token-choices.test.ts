import { describe, expect, it } from 'vitest';
import { choicesOf, levelOf } from './token-choices.ts';

describe('levelOf', () => {
  it('rises as the probability falls', () => {
    expect([1, 0.9, 0.89, 0.6, 0.3, 0.29, 0.1, 0.09, 0].map(levelOf)).toEqual([0, 0, 1, 1, 2, 3, 3, 4, 4]);
  });
});

describe('choicesOf', () => {
  const one = { id: 1, text: 'a', logprob: Math.log(0.5) };
  const other = { id: 2, text: 'b', logprob: Math.log(0.25) };

  it('marks the written token among the alternatives', () => {
    expect(choicesOf({ ...other, alternatives: [one, other] })).toMatchObject([
      { text: 'a', taken: false },
      { text: 'b', taken: true },
    ]);
  });

  it('adds the written token when it was not among the likeliest', () => {
    const rare = { id: 3, text: 'c', logprob: Math.log(0.01) };
    const choices = choicesOf({ ...rare, alternatives: [one, other] });
    expect(choices.map(({ text, taken }) => [text, taken])).toEqual([
      ['a', false],
      ['b', false],
      ['c', true],
    ]);
    expect(choices[2]?.probability).toBeCloseTo(0.01);
  });
});
