import { describe, expect, it } from 'vitest';
import type { StorageEvent, StoredFile, StoredRepository } from '../../../preload/contract/library.ts';
import { ageOf, distinctFiles, limitState, modelIdsOf } from './storage-parts.ts';

const file = (path: string, sizeBytes: number, modelId: string | null = null): StoredFile => ({
  path,
  sizeBytes,
  ownBytes: 0,
  modelId,
  lastUsedAt: null,
});
const repository: StoredRepository = {
  repoId: 'owner/name',
  sizeBytes: 130,
  lastUsedAt: null,
  pinned: false,
  busy: false,
  revisions: [
    { commit: 'a', refs: ['main'], files: [file('README.md', 10), file('q4.gguf', 90, 'owner/name/q4.gguf')] },
    { commit: 'b', refs: [], files: [file('README.md', 30), file('q4.gguf', 90, 'owner/name/q4.gguf')] },
  ],
};

describe('a repository', () => {
  it('shows each file once, and again where its bytes differ', () => {
    expect(distinctFiles(repository).map((one) => [one.path, one.sizeBytes])).toEqual([
      ['q4.gguf', 90],
      ['README.md', 30],
      ['README.md', 10],
    ]);
  });
  it('names its models once', () => expect(modelIdsOf(repository)).toEqual(['owner/name/q4.gguf']));
});

describe('ageOf', () => {
  const now = 1_000 * 86_400_000;
  it.each([
    [0, 'week'],
    [6.9, 'week'],
    [8, 'month'],
    [40, 'half_year'],
    [400, 'older'],
  ])('%f days ago: %s', (days, age) => expect(ageOf(now - days * 86_400_000, now)).toBe(age));
  it('knows files that were never used', () => expect(ageOf(null, now)).toBe('never'));
});

describe('limitState', () => {
  const storage = { totalBytes: 120, limitBytes: 100 } as StorageEvent;
  it('gives the excess', () => {
    expect(limitState(storage)).toEqual({ share: 1.2, overBytes: 20 });
    expect(limitState({ ...storage, totalBytes: 50 })?.overBytes).toBe(0);
    expect(limitState({ ...storage, limitBytes: null })).toBeNull();
  });
});
