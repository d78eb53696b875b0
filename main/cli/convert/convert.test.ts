import { expect, it } from 'vitest';
import { describeMismatch } from './convert.ts';

it('names the first text with other ids, and both', () => {
  const counts = { textCount: 92, mismatchCount: 49 };
  const words = 'The tokenizer gives other ids for 49 of 92 texts';
  expect(describeMismatch({ ...counts, firstMismatch: { text: 'a\nb', expected: [1, 2], found: [] } })).toBe(
    `${words}, first for "a\\nb": none in place of 1 2.`,
  );
  const many = Array.from({ length: 20 }, (_, at) => at);
  expect(describeMismatch({ ...counts, firstMismatch: { text: 'x', expected: [1], found: many } })).toContain(
    '9 10 11 … in place of 1.',
  );
  expect(describeMismatch({ ...counts, firstMismatch: null })).toBe(`${words}.`);
});
