import { describe, expect, it } from 'vitest';
import { wordsFor } from './error-words.ts';

describe('wordsFor', () => {
  it('words the facts, and keeps the sentence of main for the details', () => {
    const shown = wordsFor({
      code: 'disk.full',
      message: 'ENOSPC on write',
      data: { neededBytes: 4_000_000_000, freeBytes: 1_000_000_000 },
    });
    expect(shown.title).toBe('The disk is full');
    expect(shown.text).toContain('4.00\u00a0GB is needed and 1.00\u00a0GB is free');
    expect(shown.details).toEqual([
      { name: 'What happened', value: 'ENOSPC on write' },
      { name: 'Needed', value: '4.00\u00a0GB' },
      { name: 'Free', value: '1.00\u00a0GB' },
      { name: 'Code', value: 'disk.full' },
    ]);
  });

  it('never shows the sentence of main outside of the details', () => {
    const shown = wordsFor({
      code: 'invalid_input',
      message: '"path" is not valid: too long.',
      data: { field: 'path' },
    });
    expect(shown.text).toBe('The value of “path” is not valid.');
    expect(shown.details.map(({ name }) => name)).toEqual(['What happened', 'Field', 'Code']);
  });

  it('uses the reason of the error, and leaves an unknown reason to the details', () => {
    const message = 'The engine used an instruction that this processor does not have.';
    const known = wordsFor({ code: 'engine.crashed', message, data: { reason: 'SIGILL' } });
    expect(known.text).toContain('instruction');
    const strange = wordsFor({ code: 'engine.crashed', message, data: { reason: 'constructor' } });
    expect(strange.text).toContain('Your chats are safe');
    expect(strange.details).toContainEqual({ name: 'Reason', value: 'constructor' });
  });

  it('does not suggest checking the network in offline mode', () => {
    const message = 'Hearth is set to work offline (HEARTH_OFFLINE).';
    const chosen = wordsFor({ code: 'hub.offline', message, data: { cause: 'HEARTH_OFFLINE' } });
    expect(chosen.text).toContain('HEARTH_OFFLINE');
    expect(wordsFor({ code: 'hub.offline', message, data: { cause: 'ENOTFOUND' } }).title).not.toBe(chosen.title);
  });
});
