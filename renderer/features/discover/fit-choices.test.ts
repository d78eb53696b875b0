import { describe, expect, it } from 'vitest';
import { basisSentence } from './fit-choices.ts';

describe('basisSentence', () => {
  it('says which bytes were read for it', () => {
    expect(basisSentence('header', 2, 412_000)).toContain('412\u00a0kB of the file was read, in 2 requests');
    expect(basisSentence('header', 0, 0)).toContain('read before');
    expect(basisSentence('file_size', 0, 0)).toContain('file size');
  });
});
