import { describe, expect, it } from 'vitest';
import { createPasteFilter, withLineBreaks } from './paste.ts';

const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`;

describe('pasted text', () => {
  it('stays one line, whose breaks come back when it is sent', () => {
    const line = createPasteFilter()(pasted('one\r\ntwo\rthree\nfour'));
    expect(line).not.toMatch(/[\r\n]/);
    expect(withLineBreaks(line)).toBe('one\ntwo\nthree\nfour');
  });

  it('is found in pieces, between what is typed', () => {
    const sent = `a\u001b[A${pasted('b\rc')}d\r${pasted('\r')}\u001b[200`;
    const whole = createPasteFilter()(sent);
    // Not of one character: no terminal sends a mark key by key, and escape alone is a key.
    for (const length of [2, 3, 4, 5, 9]) {
      const filter = createPasteFilter();
      let all = '';
      for (let at = 0; at < sent.length; at += length) all += filter(sent.slice(at, at + length));
      expect([length, all]).toEqual([length, whole]);
    }
    expect(withLineBreaks(whole)).toBe('a\u001b[Ab\ncd\r\n');
  });

  it('presses no keys', () => {
    expect(createPasteFilter()(pasted('a\u0003b\u001b[Ac\u0004'))).toBe('a\ufffdb\ufffd[Ac\ufffd');
  });

  it('leaves the escape key alone', () => {
    expect(createPasteFilter()('\u001b')).toBe('\u001b');
  });
});
