import { describe, expect, it } from 'vitest';
import { withAppend, type MessagePart } from '../../preload/contract/message-parts.ts';
import { endReasoning, grow } from './reply-parts.ts';

/** A reply from pieces, as it is written and as a window follows it. */
function write(...pieces: readonly (readonly ['text' | 'reasoning', string])[]): readonly MessagePart[] {
  let parts: readonly MessagePart[] = [];
  let followed: readonly MessagePart[] = [];
  for (const [type, text] of pieces) {
    const grown = grow(parts, type, text);
    parts = grown.parts;
    followed = withAppend(followed, grown.append) ?? [];
  }
  expect(followed).toEqual(parts);
  return parts;
}

describe('a reply that is written', () => {
  it('grows in its last part, and begins another where the kind changes', () => {
    expect(write(['reasoning', 'Hm'], ['reasoning', '…'], ['text', 'Yes'], ['text', ' 🔥'], ['text', '!'])).toEqual([
      { type: 'reasoning', text: 'Hm…', durationMs: null },
      { type: 'text', text: 'Yes 🔥!' },
    ]);
    expect(write(['text', 'a'], ['reasoning', 'b'], ['text', 'c']).map(({ type }) => type)).toEqual([
      'text',
      'reasoning',
      'text',
    ]);
  });

  it('knows how long its last thought took, once', () => {
    const thought = write(['reasoning', 'Hm']);
    const ended = endReasoning(thought, 7);
    expect(ended).toEqual([{ type: 'reasoning', text: 'Hm', durationMs: 7 }]);
    expect(endReasoning(ended, 9)).toBe(ended);
    const answered = write(['reasoning', 'Hm'], ['text', 'Yes']);
    expect(endReasoning(answered, 9)).toBe(answered);
  });
});

describe('withAppend', () => {
  const parts: readonly MessagePart[] = [{ type: 'text', text: 'Hello' }];
  const at = (partIndex: number, offset: number, text: string, partType: 'text' | 'reasoning' = 'text') =>
    withAppend(parts, { partIndex, partType, offset, text });

  it('takes text that comes twice once, and the new part of an overlap', () => {
    expect(at(0, 0, 'Hello')).toBe(parts);
    expect(at(0, 3, 'lo you')).toEqual([{ type: 'text', text: 'Hello you' }]);
  });

  it.each([
    ['a hole in the text', at(0, 6, 'x')],
    ['other text at the place', at(0, 0, 'Jello')],
    ['a hole between the parts', at(2, 0, 'x')],
    ['the middle of a part that is not there', at(1, 3, 'x')],
    ['a part of another kind', at(0, 5, 'x', 'reasoning')],
  ])('refuses %s', (_, after) => expect(after).toBeUndefined());
});
