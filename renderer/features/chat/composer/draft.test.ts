import { describe, expect, it } from 'vitest';
import {
  emptyDraft,
  draftOf,
  keyOf,
  newFile,
  partsOf,
  textDraft,
  unpacked,
  withFile,
  withoutFile,
  whyNotInField,
} from './draft.ts';

describe('a draft', () => {
  const file = newFile('notes.txt', 'Rhubarb');

  it('is sent with its files before what is typed', () => {
    const draft = withFile(textDraft('What is missing?'), file);
    expect(draft && partsOf(draft)).toEqual([
      { type: 'text', text: 'Rhubarb', name: 'notes.txt' },
      { type: 'text', text: 'What is missing?' },
    ]);
    expect(partsOf({ text: ' ', files: [file] })).toEqual([{ type: 'text', text: 'Rhubarb', name: 'notes.txt' }]);
    expect(draft && draftOf({ parts: partsOf(draft) })).toMatchObject({
      text: 'What is missing?',
      files: [{ text: 'Rhubarb' }],
    });
  });

  it('turns a file back into text, and loses one that is removed', () => {
    const draft = { text: 'Look:', files: [file] };
    expect(unpacked(draft, file)).toEqual({ text: 'Look:\n\nRhubarb', files: [] });
    expect(unpacked({ text: '', files: [file] }, file).text).toBe('Rhubarb');
    expect(withoutFile(draft, file.id).files).toEqual([]);
  });

  it('takes no more than a message may have: two million characters', () => {
    const half = newFile('half', 'x'.repeat(1_000_000));
    const one = withFile(emptyDraft, half);
    const two = one && withFile(one, newFile('half', half.text));
    expect([one?.files.length, two?.files.length]).toEqual([1, 2]);
    expect(two && withFile(two, file)).toBeNull();
  });

  it('has another key for other files with the same text', () => {
    const other = newFile('notes.txt', 'Rhubarb');
    expect(keyOf({ text: 'a', files: [file] })).not.toBe(keyOf({ text: 'a', files: [other] }));
    expect(keyOf({ text: 'a', files: [file] })).toBe(keyOf({ text: 'a', files: [{ ...file }] }));
  });

  it('gives a file a name without what the contract refuses', () => {
    expect(newFile('../a\n\u0007b.txt', '').name).toBe('.. a  b.txt');
    expect(newFile('\n', '').name).toBe('text');
  });
});

describe('a text for the field', () => {
  it('is taken up to a length and a length of its lines', () => {
    const lines = `${'x'.repeat(99)}\n`;
    expect([whyNotInField(''), whyNotInField(lines.repeat(3000)), whyNotInField('x'.repeat(20_000))]).toEqual([
      null,
      null,
      null,
    ]);
    expect(whyNotInField(lines.repeat(3001))).toEqual({ reason: 'length', most: 300_000 });
    expect(whyNotInField(`a\n${'x'.repeat(20_001)}\nb`)).toEqual({ reason: 'line', most: 20_000 });
    expect(whyNotInField(`a\n${'x'.repeat(20_001)}`)).toMatchObject({ reason: 'line' });
  });
});
