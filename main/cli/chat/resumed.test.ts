import { expect, it } from 'vitest';
import { resumedText } from './resumed.ts';

const said = (role: 'user' | 'assistant', text: string) => ({ role, text });

it('is the title and the last exchange', () => {
  const messages = [
    said('user', 'Hi'),
    said('assistant', 'Hello'),
    said('user', 'How many?'),
    said('assistant', '12\n'),
  ];
  expect(resumedText('A count\nof things', messages)).toBe('A count\ufffdof things\n\n> How many?\n\n12\n');
});

it('is what there is, also without a reply and without a message', () => {
  expect(resumedText('', [said('user', 'Hi')])).toBe('The latest chat\n\n> Hi\n');
  expect(resumedText('Empty', [])).toBe('Empty\n');
  expect(resumedText('Imported', [said('assistant', 'Hello')])).toBe('Imported\n\nHello\n');
});

it('is the beginning of a long message and the end of a long reply, in whole characters', () => {
  const [, message, reply] = resumedText('T', [
    said('user', `first${'🙂'.repeat(2000)}`),
    said('assistant', `${'🙂'.repeat(2000)}last`),
  ]).split('\n\n');
  expect(message).toBe(`> first${'🙂'.repeat(1995)}…`);
  expect(reply).toBe(`…${'🙂'.repeat(1996)}last\n`);
});
