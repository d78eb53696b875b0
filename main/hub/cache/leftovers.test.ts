import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tryLock } from '../../base/file-lock.ts';
import { findLeftovers, removeLeftovers } from './leftovers.ts';
import { scanCache } from './scan.ts';

const AT_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const blob = '1'.repeat(64);
let folder: string;
let blobs: string;
let locks: string;

async function put(file: string, text = 'rest'): Promise<void> {
  await writeFile(file, text);
  await utimes(file, new Date(AT_MS), new Date(AT_MS));
}
async function find(afterMs: number, isKept: (repoId: string) => boolean = () => false) {
  const { repositories } = await scanCache(folder);
  return await findLeftovers(folder, repositories.values(), isKept, AT_MS + afterMs);
}
const names = async (...all: Parameters<typeof find>): Promise<string[]> =>
  (await find(...all)).map(({ file }) => file.slice(folder.length + 1));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-leftovers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  blobs = join(folder, 'models--owner--name/blobs');
  locks = join(folder, '.locks/models--owner--name');
  await mkdir(blobs, { recursive: true });
});

describe('a file that no snapshot names', () => {
  it.each([
    [`${blob}.incomplete`, [false, true, true]],
    [`${blob}.0123.incomplete`, [false, true, true]],
    [`${blob}.hearth-move`, [false, true, true]],
    [blob, [false, true, true]],
    // Hearth's own has a lock that tells: no age is needed.
    [`${blob}.hearth.incomplete`, [true, true, true]],
    [`${blob}.parts.hearth.incomplete`, [true, true, true]],
    ['notes.txt', [false, false, false]],
    [`${blob}.backup`, [false, false, false]],
  ])('and is called %s is a leftover after an hour, or at once, or never: %j', async (name, expected) => {
    await put(join(blobs, name));
    const found = [];
    for (const afterMs of [HOUR_MS - 1, HOUR_MS, HOUR_MS + 1]) found.push((await names(afterMs)).length === 1);
    expect(found).toEqual(expected);
    expect(await names(1e9, (repoId) => repoId === 'owner/name')).toEqual([]);
  });

  it('stays while a living process has the lock of its blob, also when that was taken after the search', async () => {
    await put(join(blobs, `${blob}.hearth.incomplete`));
    const found = await find(1e9);
    const lock = await tryLock(join(locks, `${blob}.hearth.lock`));
    expect(await names(1e9)).toEqual([]);
    expect(await removeLeftovers(folder, found)).toBe(0);
    expect(await readdir(blobs)).toHaveLength(1);
    await lock?.release();
    expect(await removeLeftovers(folder, found)).toBe(4);
    expect(await readdir(blobs)).toEqual([]);
    expect(await readdir(folder)).not.toContain('.locks');
    expect(await removeLeftovers(folder, found)).toBe(0);
  });

  it('is none where a link stands for it, for its folder or for its repository', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(join(elsewhere, 'blobs'), { recursive: true });
    await put(join(elsewhere, 'blobs', `${blob}.hearth.incomplete`));
    await symlink(join(elsewhere, 'blobs', `${blob}.hearth.incomplete`), join(blobs, `${blob}.hearth.incomplete`));
    await symlink(elsewhere, join(folder, 'models--linked--repository'));
    await mkdir(join(folder, 'models--linked--blobs'));
    await symlink(join(elsewhere, 'blobs'), join(folder, 'models--linked--blobs/blobs'));
    await symlink(join(elsewhere, 'blobs'), join(folder, '.locks'));
    expect(await names(1e9)).toEqual([]);
  });
});

describe('a lock', () => {
  it.skipIf(process.platform !== 'linux')('of Python that nobody holds is a leftover after an hour', async () => {
    await mkdir(locks, { recursive: true });
    await put(join(locks, `${blob}.lock`));
    const found = [];
    for (const afterMs of [0, HOUR_MS, HOUR_MS + 1]) found.push((await names(afterMs)).length);
    expect(found).toEqual([0, 0, 1]);
    await removeLeftovers(folder, await find(HOUR_MS + 1));
    expect(await readdir(folder)).not.toContain('.locks');
  });

  it('of Hearth is a leftover when its process is gone, at any age', async () => {
    await mkdir(locks, { recursive: true });
    const owner = { pid: 2 ** 22 + 1, host: hostname(), id: 'x' };
    await put(join(locks, `${blob}.hearth.lock`), JSON.stringify(owner));
    expect(await names(0)).toEqual([`.locks/models--owner--name/${blob}.hearth.lock`]);
    await removeLeftovers(folder, await find(0));
    expect(await readdir(folder)).not.toContain('.locks');
    const own = await tryLock(join(locks, `${blob}.hearth.lock`));
    expect(await names(0)).toEqual([]);
    await own?.release();
  });
});
