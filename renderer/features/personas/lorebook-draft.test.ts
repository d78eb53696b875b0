import { expect, it } from 'vitest';
import { newEntry, placesWith } from './lorebook-draft.ts';

it('finds entries by title, keyword and text', () => {
  const entries = [
    { ...newEntry, title: 'Dragon' },
    { ...newEntry, keys: ['wyrm'], text: 'It sleeps.' },
    { ...newEntry, text: 'A DRAGON egg.' },
  ];
  expect(placesWith(entries, '')).toEqual([0, 1, 2]);
  expect(placesWith(entries, ' dragon ')).toEqual([0, 2]);
  expect(placesWith(entries, 'Wyrm')).toEqual([1]);
  expect(placesWith(entries, 'unicorn')).toEqual([]);
});
