import { expect, it } from 'vitest';
import { titleFrom, titleFromModel } from './title.ts';

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

const conversation = ['How do I sort a list of numbers in Python?', 'Use sorted(numbers). It returns a new list.'];
it.each([
  ['Sorting Lists in Python', 'Sorting Lists in Python'],
  ['"Sorting a Python list."', 'Sorting a Python list'],
  ['Title: **Sorting numbers**', 'Sorting numbers'],
  ['\n## Python sorting\n', 'Python sorting'],
  ['Here is a title:\nPython sorting', null],
  ['Here is a title for the Python list:', null],
  ['The quick brown fox', null],
  ['list list list list list', null],
  ['', null],
  ['?!', null],
  ['Use sorted(numbers), which returns a new list and leaves the old one as it was before', null],
  ['numbers '.repeat(40), null],
])('takes of %j what is a title', (answer, title) => {
  expect(titleFromModel(answer, conversation)).toBe(title);
});

it('takes a title of a script without spaces', () => {
  const texts = ['東京でおすすめの場所は？', '浅草と上野がおすすめです。'];
  expect(titleFromModel('「東京観光」', texts)).toBe('「東京観光」');
  expect(titleFromModel('料理の作り方', texts)).toBeNull();
});
