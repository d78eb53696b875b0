import { expect, it } from 'vitest';
import { findDuplicates } from './duplicates.ts';
import type { ScannedRepository } from './scan.ts';

const one = 'a'.repeat(64);
const two = 'b'.repeat(64);

function repository(
  repoId: string,
  files: readonly [string, string | null, number][],
  more: Partial<ScannedRepository> = {},
): ScannedRepository {
  const revision = {
    commit: 'c'.repeat(40),
    modifiedAtMs: 0,
    files: files.map(([path, blob, sizeBytes]) => ({ path, blob, sizeBytes, modifiedAtMs: 0 })),
  };
  const rest = { refs: {}, shared: {}, loose: [], damaged: {}, shards: {}, isLink: false, times: '' };
  return { repoId, revisions: [revision, { ...revision, commit: 'd'.repeat(40) }], ...rest, ...more };
}

it('finds the same content in several repositories, that with the most bytes first', () => {
  const found = findDuplicates([
    repository('z/Last', [
      ['x.gguf', one, 10],
      ['y.gguf', two, 100],
    ]),
    repository('a/First', [['other.gguf', one, 10]]),
    repository('b/Second', [['y.gguf', two, 100]]),
  ]);
  expect(found).toEqual([
    {
      sha256: two,
      sizeBytes: 100,
      files: [
        { repoId: 'b/Second', path: 'y.gguf' },
        { repoId: 'z/Last', path: 'y.gguf' },
      ],
    },
    {
      sha256: one,
      sizeBytes: 10,
      files: [
        { repoId: 'a/First', path: 'other.gguf' },
        { repoId: 'z/Last', path: 'x.gguf' },
      ],
    },
  ]);
});

it('takes neither copies, nor links elsewhere, nor the shared store, nor two names in one repository', () => {
  const shared = { shared: { [one]: 'e'.repeat(64) } };
  expect(findDuplicates([repository('a/A', [['x', null, 1]]), repository('b/B', [['x', null, 1]])])).toEqual([]);
  expect(
    findDuplicates([repository('a/A', [['x', one, 1]]), repository('b/B', [['x', one, 1]], { isLink: true })]),
  ).toEqual([]);
  expect(
    findDuplicates([repository('a/A', [['x', one, 1]], shared), repository('b/B', [['x', one, 1]], shared)]),
  ).toEqual([]);
  expect(
    findDuplicates([
      repository('a/A', [
        ['x', one, 1],
        ['y', one, 1],
      ]),
    ]),
  ).toEqual([]);
});
