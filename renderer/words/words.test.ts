import { describe, expect, it } from 'vitest';
import { wordsFor } from './words.ts';

describe('wordsFor', () => {
  it('keeps the sentence of main for the details where the table has plainer words', () => {
    const shown = wordsFor({ code: 'disk.full', message: 'ENOSPC on write', data: { neededBytes: 4_000_000_000 } });
    expect(shown.title).toBe('The disk is full');
    expect(shown.details).toEqual([
      { name: 'What happened', value: 'ENOSPC on write' },
      { name: 'Needed', value: '4.00 GB' },
      { name: 'Code', value: 'disk.full' },
    ]);
  });

  it('shows the sentence of main where only main knows what is wrong', () => {
    const shown = wordsFor({ code: 'invalid_input', message: '"path" is not valid: too long.' });
    expect(shown.text).toBe('"path" is not valid: too long.');
    expect(shown.details).toEqual([{ name: 'Code', value: 'invalid_input' }]);
  });

  it("puts main's sentence first where what happened and what to do are both worth a sentence", () => {
    const message = 'The engine used an instruction that this processor does not have.';
    const shown = wordsFor({ code: 'engine.crashed', message, data: { reason: 'SIGILL' } });
    expect(shown.text).toBe(`${message} Your chats are safe. The model is loaded again when you try again.`);
    expect(shown.details.map(({ name }) => name)).toEqual(['Reason', 'Code']);
  });

  it('does not send those to their line who chose to be offline', () => {
    const message = 'Hearth is set to work offline (HEARTH_OFFLINE).';
    const chosen = wordsFor({ code: 'hub.offline', message, data: { cause: 'HEARTH_OFFLINE' } });
    expect(chosen.text).toContain('HEARTH_OFFLINE');
    expect(wordsFor({ code: 'hub.offline', message, data: { cause: 'ENOTFOUND' } }).title).not.toBe(chosen.title);
  });
});
