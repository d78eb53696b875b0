import { expect, it } from 'vitest';
import type { MessagePart } from '../../../../preload/contract/message-parts.ts';
import { blocksOf } from './message-blocks.ts';

const text = (words: string): MessagePart => ({ type: 'text', text: words });
const thought = (words: string, durationMs: number | null): MessagePart => ({
  type: 'reasoning',
  text: words,
  durationMs,
});
const citation: MessagePart = {
  type: 'citation',
  source: { kind: 'web', url: 'https://example.org', title: 'Example' },
  range: null,
  quote: 'So it is.',
};

it('shows neighbors of one kind as one block, with a citation between them or without', () => {
  expect(blocksOf([text('**one'), citation, text(' two**'), text('')])).toEqual([
    { kind: 'text', text: '**one two**' },
  ]);
  expect(blocksOf([thought('a', 1), thought('b', 2), text('c'), thought('d', null)])).toEqual([
    { kind: 'reasoning', text: 'ab', durationMs: 3 },
    { kind: 'text', text: 'c' },
    { kind: 'reasoning', text: 'd', durationMs: null },
  ]);
});

it('shows nothing of a message without text', () => {
  expect(blocksOf([])).toEqual([]);
  expect(blocksOf([thought('', null), text('')])).toEqual([]);
});
