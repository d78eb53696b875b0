import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { scanCache, type ScannedRepository } from './scan.ts';

const AT_MS = 1_700_000_000_000;
const repoId = 'owner/name';
const [old, next] = ['a'.repeat(40), 'b'.repeat(40)] as const;
let folder: string;
let root: string;

/** Gives every folder and ref of the repository the same time. */
async function settle(atMs: number): Promise<void> {
  const inside = (await readdir(root, { recursive: true, withFileTypes: true })).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  for (const path of [root, ...inside]) await utimes(path, new Date(atMs), new Date(atMs));
}
const paths = (repositories: ReadonlyMap<string, ScannedRepository>): string[] | undefined =>
  repositories.get(repoId)?.revisions.flatMap(({ files }) => files.map(({ path }) => path));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-scan-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  root = join(folder, 'models--owner--name');
  await mkdir(join(root, 'snapshots', old, 'deep'), { recursive: true });
  await mkdir(join(root, 'blobs'));
  await mkdir(join(root, 'refs'));
  await writeFile(join(root, 'refs/main'), old);
  await writeFile(join(root, 'snapshots', old, 'x.gguf'), 'x');
  await settle(AT_MS);
});

describe('a repository whose folders have their old times', () => {
  it.each([
    [-1, 2],
    [0, 2],
    [2_500, 2],
    [2_501, 1],
    [1e9, 1],
  ])('and was read %i ms after them, shows %i files: a recent time proves nothing', async (afterMs, count) => {
    const first = await scanCache(folder, undefined, () => AT_MS + afterMs);
    expect(paths(first.repositories)).toEqual(['x.gguf']);
    // Within the same tick of the file system's clock.
    await writeFile(join(root, 'snapshots', old, 'y.gguf'), 'y');
    await settle(AT_MS);
    const second = await scanCache(folder, first.repositories, () => AT_MS + 1e9);
    expect(paths(second.repositories)).toHaveLength(count);
    expect(second.changed).toEqual(count === 2 ? [repoId] : []);
  });

  it.each([
    ['.', () => writeFile(join(root, 'x'), '')],
    ['blobs', () => writeFile(join(root, 'blobs', 'x'), '')],
    ['snapshots', () => mkdir(join(root, 'snapshots', next))],
    ['refs', () => writeFile(join(root, 'refs/x'), next)],
    // Python writes into the file, which leaves the folder's time.
    ['refs/main', () => writeFile(join(root, 'refs/main'), next)],
    [`snapshots/${old}`, () => writeFile(join(root, 'snapshots', old, 'y.gguf'), 'y')],
    // Another program's copy grows under its name.
    [`snapshots/${old}/x.gguf`, () => writeFile(join(root, 'snapshots', old, 'x.gguf'), 'more')],
    [`snapshots/${old}/deep`, () => writeFile(join(root, 'snapshots', old, 'deep/y.gguf'), 'y')],
  ])('is read again when only %s is newer', async (inside, change) => {
    const { repositories } = await scanCache(folder, undefined, () => AT_MS + 1e9);
    await change();
    await settle(AT_MS);
    expect((await scanCache(folder, repositories)).changed).toEqual([]);
    await utimes(join(root, inside), new Date(AT_MS + 1), new Date(AT_MS + 1));
    expect((await scanCache(folder, repositories)).changed).toEqual([repoId]);
  });
});

it('content that was written again is not damaged any more', async () => {
  const inside = `snapshots/${old}/x.gguf`;
  const { repositories } = await scanCache(folder, undefined, () => AT_MS + 1e9);
  const found = repositories.get(repoId);
  if (!found) throw new Error('nothing was found');
  const known = new Map([[repoId, { ...found, times: '{}', damaged: { [inside]: AT_MS } }]]);
  const damaged = async () => (await scanCache(folder, known)).repositories.get(repoId)?.damaged;
  expect(await damaged()).toEqual({ [inside]: AT_MS });
  await writeFile(join(root, inside), 'X');
  expect(await damaged()).toEqual({});
});
