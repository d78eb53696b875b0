import { expect, it } from 'vitest';
import { titleFrom } from './title.ts';

it.each([
  ['\n \n\tWhy is  the sky\tblue?\nTell me.', 'Why is the sky blue?'],
  ['\0'.repeat(60), 'New chat'],
  ['\0\0Fire\u0007', 'Fire'],
  ['', 'New chat'],
  ['a'.repeat(5000), `${'a'.repeat(60)}…`],
  [`${'word '.repeat(20)}end`, `${'word '.repeat(12).trim()}…`],
])('names a chat after %j', (text, title) => {
  expect(titleFrom(text)).toBe(title);
});

it('does not split the whole text', () => {
  const text = '\n'.repeat(2_000_000);
  titleFrom(text);
  const begun = performance.now();
  expect(titleFrom(`${text}Fire`)).toBe('Fire');
  expect(performance.now() - begun).toBeLessThan(400);
});
