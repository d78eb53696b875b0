import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { licenseName, readableTags, splitRepoId, isAnyInUse, isInUse, lastUseWords } from './model-words.ts';

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

describe('the last use', () => {
  it('is not told of a model that is in use', () => {
    const loaded = (changes: Partial<LoadedModel>): LoadedModel =>
      ({ status: 'ready', leases: 0, ...changes }) as LoadedModel;
    expect([undefined, loaded({}), loaded({ status: 'loading' })].map(isInUse)).toEqual([false, false, false]);
    expect([loaded({ status: 'generating' }), loaded({ leases: 1 })].map(isInUse)).toEqual([true, true]);
    expect(lastUseWords(null, true)).toBeNull();
    expect(lastUseWords(null, false)).toBe('Not used yet');
    expect(lastUseWords(1_000, false, 301_000)).toBe('Used 5\u00a0min ago');
  });
});

describe('a repository', () => {
  it('is not in use while none of its models is loaded', () => {
    expect(isAnyInUse(['o/n/a.gguf'], new Map())).toBe(false);
  });
});
