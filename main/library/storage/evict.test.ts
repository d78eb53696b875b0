import { lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ScannedRepository } from '../../hub/hub.ts';
import { evict, type EvictOptions } from './evict.ts';

const NOW_MS = 1_700_000_000_000;
const TEN_MINUTES_MS = 600_000;
const commit = 'a'.repeat(40);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-evict-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

interface File {
  readonly path: string;
  readonly blob: string;
  readonly ageMs: number;
  readonly commit?: string;
}

/** A repository of files with 1,000 bytes each, on the disk and as it was scanned. */
async function put(repoId: string, files: readonly File[]): Promise<[string, ScannedRepository]> {
  const root = join(folder, `models--${repoId.replace('/', '--')}`);
  await mkdir(join(root, 'blobs'), { recursive: true });
  for (const { path, blob, commit: at = commit } of files) {
    await writeFile(join(root, 'blobs', blob.repeat(64)), Buffer.alloc(1000));
    const pointer = join(root, 'snapshots', at, path);
    await mkdir(dirname(pointer), { recursive: true });
    await symlink(`../../blobs/${blob.repeat(64)}`, pointer);
  }
  const revisions = [...Map.groupBy(files, (file) => file.commit ?? commit)].map(([at, own]) => ({
    commit: at,
    modifiedAtMs: 1,
    files: own.map(({ path, blob, ageMs }) => ({
      ...{ path, blob: blob.repeat(64), sizeBytes: 1000, modifiedAtMs: NOW_MS - ageMs },
    })),
  }));
  const rest = { refs: {}, shared: {}, loose: [], damaged: {}, shards: {}, isLink: false, times: '{}' };
  return [repoId, { repoId, revisions, ...rest }];
}

async function run(repositories: readonly (readonly [string, ScannedRepository])[], rest: Partial<EvictOptions>) {
  const { evicted, remainingBytes } = await evict({
    ...{ folder, limitBytes: 0, repositories: new Map(repositories), lastUsedAt: new Map<string, number>() },
    ...{ pins: new Set<string>(), loaded: new Set<string>(), isFetching: () => false, isHidden: null, now: NOW_MS },
    ...rest,
  });
  return { names: evicted.map(({ name }) => name), freed: evicted.map(({ freedBytes }) => freedBytes), remainingBytes };
}
const exists = (repoId: string, inside: string): Promise<boolean> =>
  lstat(join(folder, `models--${repoId.replace('/', '--')}`, inside)).then(
    () => true,
    () => false,
  );
const old = TEN_MINUTES_MS + 1;

describe('the size limit', () => {
  it.each([
    [1999, ['o/a/x.gguf'], null],
    [2000, [], null],
    [2001, [], null],
    [1000, ['o/a/x.gguf'], null],
    [999, ['o/a/x.gguf', 'o/b/x.gguf'], null],
  ])('of %i bytes, with 2,000 there, deletes %j', async (limitBytes, names, remainingBytes) => {
    const two = [
      await put('o/b', [{ path: 'x.gguf', blob: '1', ageMs: old }]),
      await put('o/a', [{ path: 'x.gguf', blob: '2', ageMs: old + 1 }]),
    ];
    expect(await run(two, { limitBytes })).toEqual({ names, freed: names.map(() => 1000), remainingBytes });
    expect(await exists('o/a', 'snapshots')).toBe(names.length === 0);
    expect(await exists('o/b', 'snapshots')).toBe(names.length < 2);
  });

  it.each([
    [TEN_MINUTES_MS - 1, false],
    [TEN_MINUTES_MS, false],
    [TEN_MINUTES_MS + 1, true],
    // The clock was set back.
    [-1, false],
  ])('spares what is %i ms old, or not: %s', async (ageMs, isDeleted) => {
    const one = [await put('o/a', [{ path: 'x.gguf', blob: '1', ageMs }])];
    expect(await run(one, {})).toMatchObject({ names: isDeleted ? ['o/a/x.gguf'] : [] });
    const used = [await put('o/b', [{ path: 'x.gguf', blob: '1', ageMs: 1e9 }])];
    const lastUsedAt = new Map([['o/b/x.gguf', NOW_MS - ageMs]]);
    expect(await run(used, { lastUsedAt })).toEqual({
      ...{ names: isDeleted ? ['o/b/x.gguf'] : [], freed: isDeleted ? [1000] : [] },
      remainingBytes: isDeleted ? null : 1000,
    });
  });

  it('counts the later of a use and a download, and the newest shard for all', async () => {
    const repositories = [
      await put('o/old', [{ path: 'x.gguf', blob: '1', ageMs: 9e9 }]),
      await put('o/again', [{ path: 'x.gguf', blob: '2', ageMs: 2e9 }]),
      await put('o/shards', [
        { path: 'x-00001-of-00002.gguf', blob: '3', ageMs: 9.5e9 },
        { path: 'x-00002-of-00002.gguf', blob: '4', ageMs: 1e9 },
      ]),
    ];
    const lastUsedAt = new Map([
      ['o/old/x.gguf', NOW_MS - 8e9],
      ['o/again/x.gguf', NOW_MS - 9e9],
    ]);
    expect(await run(repositories, { lastUsedAt })).toEqual({
      names: ['o/old/x.gguf', 'o/again/x.gguf', 'o/shards/x-00001-of-00002.gguf'],
      freed: [1000, 1000, 2000],
      remainingBytes: null,
    });
  });

  it('deletes the files of no model with the last model, and not beside a kept one', async () => {
    const files = [
      { path: 'a.gguf', blob: '1', ageMs: 3e9 },
      { path: 'b.gguf', blob: '2', ageMs: 2e9 },
      { path: 'config.json', blob: '3', ageMs: 1e9 },
    ];
    const kept = await run([await put('o/kept', files)], { pins: new Set(['o/kept/b.gguf']) });
    expect(kept).toEqual({ names: ['o/kept/a.gguf'], freed: [1000], remainingBytes: 2000 });
    expect(await exists('o/kept', `snapshots/${commit}/config.json`)).toBe(true);
    const all = await run([await put('o/all', files)], {});
    expect(all).toEqual({ names: ['o/all/a.gguf', 'o/all/b.gguf'], freed: [1000, 2000], remainingBytes: null });
    expect(await exists('o/all', '.')).toBe(false);
    const first = await run([await put('o/first', files)], { limitBytes: 2500 });
    expect(first.names).toEqual(['o/first/a.gguf']);
    expect(await exists('o/first', `snapshots/${commit}/config.json`)).toBe(true);
  });

  it('frees the bytes of two names with the second', async () => {
    const repositories = [
      await put('o/a', [
        { path: 'x.gguf', blob: '1', ageMs: 3e9 },
        { path: 'y.gguf', blob: '1', ageMs: 2e9 },
        { path: 'z.gguf', blob: '2', ageMs: 1e9 },
      ]),
    ];
    expect(await run(repositories, { limitBytes: 1000 })).toEqual({
      ...{ names: ['o/a/x.gguf', 'o/a/y.gguf'], freed: [0, 1000], remainingBytes: null },
    });
  });

  it('never deletes what is pinned, loaded, being fetched, linked or being deleted already', async () => {
    const file = { path: 'x.gguf', blob: '1', ageMs: 9e9 };
    const ids = ['o/pinned', 'o/loaded', 'o/fetching', 'o/linked', 'o/hidden'];
    const repositories = await Promise.all(ids.map((id) => put(id, [file])));
    const result = await run(
      repositories.map(([id, repository]) => [id, { ...repository, isLink: id === 'o/linked' }]),
      {
        pins: new Set(['o/pinned/x.gguf']),
        loaded: new Set(['o/loaded/x.gguf']),
        isFetching: (id) => id === 'o/fetching',
        isHidden: (id) => id === 'o/hidden',
      },
    );
    expect(result.names).toEqual([]);
    for (const id of ids) expect(await exists(id, `snapshots/${commit}/x.gguf`)).toBe(true);
  });
});

it('keeps small files while a model of the repository stays, whether or not it is the newest', async () => {
  const one = await put('o/kept', [
    { path: 'a.gguf', blob: '1', ageMs: 3 * old },
    { path: 'b.gguf', blob: '2', ageMs: 2 * old },
    { path: 'config.json', blob: '3', ageMs: old },
  ]);
  expect((await run([one], { pins: new Set(['o/kept/a.gguf']) })).names).toEqual(['o/kept/b.gguf']);
  expect(await exists('o/kept', `snapshots/${commit}/config.json`)).toBe(true);
});
