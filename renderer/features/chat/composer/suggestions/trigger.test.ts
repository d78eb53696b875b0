import { describe, expect, it } from 'vitest';
import { triggerAt } from './trigger.ts';

/** The trigger at the caret, which is `|`. */
const at = (text: string): string | null => {
  const found = triggerAt(text.replace('|', ''), text.indexOf('|'));
  return found && `${found.kind} ${found.from} ${found.query}`;
};

describe('the mark before the caret', () => {
  it.each([
    ['/|', 'prompt 0 '],
    ['/sum|', 'prompt 0 sum'],
    ['/explain co|', 'prompt 0 explain co'],
    ['Hello\n/sum|', 'prompt 6 sum'],
    ['Hello @emb|er', 'model 6 emb'],
    ['See #not| and', 'source 4 not'],
    ['a\t#|', 'source 2 '],
    ['`code` /x|', 'prompt 7 x'],
    ['```\ncode\n```\n#a|', 'source 13 a'],
    ['~~~\n```\n~~~\n/a|', 'prompt 12 a'],
  ])('opens the menu: %j', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    ...[
      'and/or|',
      'https://x|',
      '/usr/bin|',
      'me@here|',
      'C#|',
      'a#b|',
      '1 / 2|',
      '# Heading|',
      '## Head|',
      '#1|',
      '/sum |',
    ],
    ...[
      '`/a|',
      'x `npm @scope|',
      '```\n#include|',
      '```sh\n/bin|',
      '~~~\n@a|',
      '```\n~~~\n#a|',
      '/a\nb|',
      'plain|',
      '|/a',
      '',
    ],
  ])('is no mark: %j', (text) => {
    expect(at(text)).toBeNull();
  });

  it('is found far from the beginning, and a long word before the caret is none', () => {
    expect(at(`${'word '.repeat(60_000)}/a|`)).toBe('prompt 300000 a');
    expect(at(`/${'x'.repeat(80)}|`)).toBeNull();
    // The mark is the first character that is looked at, and within a word.
    expect(at(`a/${'x'.repeat(63)}|`)).toBeNull();
    expect(at(` /${'x'.repeat(63)}|`)).not.toBeNull();
  });
});
