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
});
