import { expect, it } from 'vitest';
import { choose } from './completion-answer.ts';

it('chooses fields by their paths, as llama-server does', () => {
  const answer = { content: 'a', timings: { predicted_n: 3 }, tokens: [1] };
  expect(choose(answer, null)).toBe(answer);
  expect(choose(answer, ['content', 'timings/predicted_n'])).toEqual({ content: 'a', 'timings/predicted_n': 3 });
  expect(choose(answer, ['', 'toString', '__proto__', 'content/length', 'timings/x'])).toEqual({});
});
