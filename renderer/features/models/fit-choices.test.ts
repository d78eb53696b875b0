import { describe, expect, it } from 'vitest';
import { basisSentence, choiceAt, contextChoices } from './fit-choices.ts';

describe('contextChoices', () => {
  it('ends with what the model was trained for, also where that is no power of two', () => {
    expect(contextChoices(4096)).toEqual([1024, 2048, 4096]);
    expect(contextChoices(40_960).slice(-2)).toEqual([32_768, 40_960]);
    expect(contextChoices(512)).toEqual([512]);
  });
  it('has an end for a model that does not say', () => expect(contextChoices(null).at(-1)).toBe(131_072));
});

describe('choiceAt', () => {
  it('finds the place of a size, or of the one below it', () => {
    expect(choiceAt([1024, 2048, 4096], 2048)).toBe(1);
    expect(choiceAt([1024, 2048, 4096], 3000)).toBe(1);
    expect(choiceAt([1024, 2048], 9999)).toBe(1);
    expect(choiceAt([1024, 2048], 256)).toBe(0);
  });
});

describe('basisSentence', () => {
  it('says what was read for it', () => {
    expect(basisSentence('header', 2, 412_000)).toContain('412 kB of the file were read, in 2 requests');
    expect(basisSentence('header', 0, 0)).toContain('read before');
    expect(basisSentence('file_size', 0, 0)).toContain('size alone');
  });
});
