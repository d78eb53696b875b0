import { expect, it } from 'vitest';
import { shownName, withoutControls, withoutMarks } from './foreign-text.ts';

const hostile = '\u001b]0;title\u0007\u001b[31mred\u009b1m\u202e\r2026-01-01 error forged';

it('replaces what controls a terminal, and keeps the lines of a text', () => {
  expect(withoutControls(hostile)).toBe('\ufffd]0;title\ufffd\ufffd[31mred\ufffd1m\u202e\ufffd2026-01-01 error forged');
  expect(withoutControls('one\r\n\ttwo\n')).toBe('one\r\n\ttwo\n');
  // The joined signs of a family and the direction mark of a Hebrew text.
  expect(withoutControls('👩‍👩‍👧 שלום\u200f')).toBe('👩‍👩‍👧 שלום\u200f');
});

it('replaces marks that hide or reverse text in a message', () => {
  expect(withoutMarks('model\u202egnp.fugg\u200b\u2066')).toBe('model\ufffdgnp.fugg\ufffd\ufffd');
  expect(withoutMarks('Größe 模型\nnext')).toBe('Größe 模型\nnext');
});

it('gives a name one line of at most 200 characters', () => {
  expect(shownName('general.name')).toBe('general.name');
  expect(shownName('a\nb\tc\u2028d')).toBe('a\ufffdb\ufffdc\ufffdd');
  expect(shownName('k'.repeat(200))).toBe('k'.repeat(200));
  expect(shownName('k'.repeat(65_000))).toBe(`${'k'.repeat(199)}…`);
  // No half of a character is left at the cut.
  expect(shownName('x'.repeat(198) + '🦙'.repeat(10))).toBe(`${'x'.repeat(198)}\ufffd…`);
});
