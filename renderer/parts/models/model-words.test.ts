import { describe, expect, it } from 'vitest';
import { licenseName, readableTags, splitRepoId } from './model-words.ts';

describe('licenseName', () => {
  it('names known licenses, keeps unknown ones, and says when there is none', () => {
    expect(licenseName('apache-2.0')).toBe('Apache 2.0');
    expect(licenseName('my-own')).toBe('my-own');
    expect(licenseName(null)).toBe('No license stated');
  });
});

describe('readableTags', () => {
  it('drops tags that the Hub adds itself', () => {
    expect(readableTags(['gguf', 'license:mit', 'base_model:a/b', 'region:us', 'conversational'])).toEqual([
      'gguf',
      'conversational',
    ]);
  });
});

describe('splitRepoId', () => {
  it('splits at the slash', () => {
    expect(splitRepoId('owner/na.me')).toEqual({ owner: 'owner', name: 'na.me' });
    expect(splitRepoId('gpt2')).toEqual({ owner: '', name: 'gpt2' });
  });
});
