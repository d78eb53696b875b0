import { describe, expect, it } from 'vitest';
import { createMessageLines } from './messages.ts';

/** The messages that these lines are. */
function messagesOf(...lines: string[]): string[] {
  const assembled = createMessageLines();
  const last = (): string | null => assembled.end();
  return [...lines.map((line) => assembled.push(line)), last()].filter((message) => message !== null);
}

describe('the lines of a chat', () => {
  it('are a message each', () => {
    expect(messagesOf('Hello', 'How are you?')).toEqual(['Hello', 'How are you?']);
  });

  it('go on after a backslash', () => {
    expect(messagesOf('One\\', '  two\\', 'three', 'four')).toEqual(['One\n  two\nthree', 'four']);
    expect(messagesOf('One\\')).toEqual(['One']);
  });

  it('go on between quotes', () => {
    expect(messagesOf('"""', 'One', '', 'two \\', '"""', 'three')).toEqual(['One\n\ntwo \\', 'three']);
    expect(messagesOf('"""One', 'two"""')).toEqual(['One\ntwo']);
    expect(messagesOf('"""One"""')).toEqual(['One']);
    expect(messagesOf('"""', 'One')).toEqual(['One']);
    expect(messagesOf('""""""')).toEqual(['']);
  });

  it('can be dropped', () => {
    const assembled = createMessageLines();
    assembled.push('"""');
    assembled.push('One');
    expect(assembled.isOpen).toBe(true);
    assembled.clear();
    expect(assembled.isOpen).toBe(false);
    expect(assembled.push('Two')).toBe('Two');
  });
});
