import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cachedFilePath, listCache, placeInSnapshot, removeCachedFile, removeCachedFiles, writeRef } from './cache.ts';

const repoId = 'owner/name';
const commits = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const blobs = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
let folder: string;

/** A file as Python writes it. */
async function put(commit: string, path: string, blob: string, bytes = 'gguf', id = repoId): Promise<string> {
  const root = join(folder, `models--${id.replace('/', '--')}`);
  const pointer = join(root, 'snapshots', commit, path);
  await mkdir(join(root, 'blobs'), { recursive: true });
  await mkdir(dirname(pointer), { recursive: true });
  await writeFile(join(root, 'blobs', blob), bytes);
  await symlink(`${'../'.repeat(path.split('/').length + 1)}blobs/${blob}`, pointer);
  return pointer;
}
const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-cache-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

describe('listCache', () => {
  it('finds every complete GGUF file', async () => {
    await put(commits[0], 'x.gguf', blobs[0], 'four');
    await put(commits[0], 'BF16/y-00001-of-00002.GGUF', blobs[1], 'longer');
    await put(commits[0], 'config.json', blobs[2]);
    await put(commits[1], 'z.gguf', blobs[0], 'other', 'second/repo');
    const files = await listCache(folder);
    expect(files.map(({ repoId: id, path, sizeBytes }) => [id, path, sizeBytes])).toEqual([
      ['owner/name', 'BF16/y-00001-of-00002.GGUF', 6],
      ['owner/name', 'x.gguf', 4],
      ['second/repo', 'z.gguf', 5],
    ]);
    expect(files[1]?.realPath).toMatch(new RegExp(`blobs/${blobs[0]}$`));
    expect(cachedFilePath(folder, repoId, commits[0], 'x.gguf')).toBe(
      join(folder, 'models--owner--name/snapshots', commits[0], 'x.gguf'),
    );
  });

  it('takes the version of main, then of another ref, then the newest', async () => {
    for (const [index, commit] of commits.entries()) await put(commit, 'x.gguf', blobs[index] ?? '');
    const snapshot = (commit: string): string => join(folder, 'models--owner--name/snapshots', commit);
    await utimes(snapshot(commits[0]), 1, 1);
    await utimes(snapshot(commits[1]), 2, 2);
    await utimes(snapshot(commits[2]), 3, 3);
    expect(await listCache(folder)).toMatchObject([{ commit: commits[2] }]);
    await writeRef(folder, repoId, 'refs/pr/1', commits[0]);
    expect(await listCache(folder)).toMatchObject([{ commit: commits[0] }]);
    await writeRef(folder, repoId, 'main', commits[1]);
    expect(await listCache(folder)).toMatchObject([{ commit: commits[1] }]);
  });

  it('keeps the model that works while a newer revision has only some of its shards', async () => {
    // A revision is written by `pull` or by Python shard after shard; Python moves `main` before the first one.
    const names = ['1', '2'].map((number) => `UD-Q4_K_XL/M-UD-Q4_K_XL-0000${number}-of-00002.gguf`);
    for (const name of names) await put(commits[0], name, blobs[0]);
    await put(commits[1], names[0] ?? '', blobs[1], 'newer');
    await put(commits[1], 'M-Q8_0.gguf', blobs[1], 'newer');
    const listed = async (): Promise<unknown[]> => (await listCache(folder)).map(({ commit, path }) => [commit, path]);
    const working = names.map((name) => [commits[0], name]);
    for (const main of [null, commits[1]]) {
      if (main !== null) await writeRef(folder, repoId, 'main', main);
      // A file that only the newer revision has is of that revision.
      expect(await listed()).toEqual([[commits[1], 'M-Q8_0.gguf'], ...working]);
    }
    await put(commits[1], names[1] ?? '', blobs[2], 'newer');
    expect(await listed()).toEqual([[commits[1], 'M-Q8_0.gguf'], ...names.map((name) => [commits[1], name])]);
  });

  it('passes over junk', async () => {
    const pointer = await put(commits[0], 'gone.gguf', blobs[0]);
    await rm(join(folder, 'models--owner--name/blobs', blobs[0]));
    expect(await exists(pointer)).toBe(true);
    await writeFile(join(folder, 'models--a--file'), 'no folder');
    await mkdir(join(folder, 'models--b--empty'));
    await mkdir(join(folder, 'models--gpt2/snapshots', commits[0]), { recursive: true });
    await mkdir(join(folder, 'models--c--odd/snapshots/not-a-commit'), { recursive: true });
    await writeFile(join(folder, 'models--c--odd/snapshots/not-a-commit/x.gguf'), 'x');
    await mkdir(join(folder, 'models--d--folder/snapshots', commits[0], 'x.gguf'), { recursive: true });
    await put(commits[0], 'loop/x.gguf', blobs[0], 'x', 'e/loop');
    await symlink('.', join(folder, 'models--e--loop/snapshots', commits[0], 'loop/again'));
    expect((await listCache(folder)).map(({ path }) => path)).toEqual(['loop/x.gguf']);
    expect(await listCache(join(folder, 'nowhere'))).toEqual([]);
  });

  it('is fast with many files', async () => {
    for (let index = 0; index < 300; index++) {
      await put(
        commits[0],
        `m-${String(index)}.gguf`,
        index.toString(16).padStart(64, '0'),
        'x',
        `owner/r${String(index % 30)}`,
      );
    }
    // The processor's time: what a busy machine takes for itself is not ours.
    const before = process.cpuUsage();
    expect(await listCache(folder)).toHaveLength(300);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

describe('removeCachedFile', () => {
  it('leaves nothing of a repository whose last file goes', async () => {
    await put(commits[0], 'a/b/x.gguf', blobs[0], 'four');
    await writeRef(folder, repoId, 'main', commits[0]);
    await mkdir(join(folder, 'models--owner--name/trees'));
    await writeFile(join(folder, 'models--owner--name/trees', `${commits[0]}.json`), '[]');
    expect(await removeCachedFile(folder, { repoId, path: 'a/b/x.gguf', commit: null })).toBe(4);
    expect(await exists(join(folder, 'models--owner--name'))).toBe(false);
  });

  it('keeps a blob that another name points to', async () => {
    await put(commits[0], 'x.gguf', blobs[0]);
    const other = await put(commits[1], 'sub/same.gguf', blobs[0]);
    expect(await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: null })).toBe(0);
    expect(await readFile(other, 'utf8')).toBe('gguf');
  });

  it('takes the file out of one snapshot or of all', async () => {
    for (const [index, commit] of commits.entries()) await put(commit, 'x.gguf', blobs[index] ?? '');
    await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: commits[0] });
    expect(await listCache(folder)).toHaveLength(1);
    expect(await exists(join(folder, 'models--owner--name/blobs', blobs[1]))).toBe(true);
    expect(await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: null })).toBe(8);
    expect(await listCache(folder)).toEqual([]);
  });

  it('leaves a file that may not go where everybody finds it', async () => {
    await put(commits[0], 'x.gguf', blobs[0]);
    await put(commits[0], 'y.gguf', blobs[1]);
    const before = await listCache(folder);
    const busy = (file: Parameters<typeof unlink>[0]): Promise<void> =>
      String(file).endsWith(blobs[1])
        ? Promise.reject(Object.assign(new Error('busy'), { code: 'EBUSY' }))
        : unlink(file);
    const names = ['x.gguf', 'y.gguf'].map((path) => ({ commit: commits[0], path }));
    await expect(removeCachedFiles(folder, repoId, names, busy)).rejects.toMatchObject({ code: 'EBUSY' });
    expect(await listCache(folder)).toEqual(before.filter(({ path }) => path === 'y.gguf'));
  });

  it('follows no link out of the cache', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'hearth-outside-'));
    onTestFinished(() => rm(outside, { recursive: true, force: true }));
    await writeFile(join(outside, 'mine.gguf'), 'precious');
    await mkdir(join(outside, 'folder'));
    await writeFile(join(outside, 'folder/x.gguf'), 'precious');
    await writeFile(join(outside, blobs[0]), 'precious');

    const root = join(folder, 'models--owner--name');
    await mkdir(join(root, 'snapshots', commits[0]), { recursive: true });
    await mkdir(join(root, 'blobs'));
    await symlink(join(outside, 'mine.gguf'), join(root, 'snapshots', commits[0], 'mine.gguf'));
    await symlink(join(outside, 'folder'), join(root, 'snapshots', commits[0], 'folder'));
    await symlink(join(outside, blobs[0]), join(root, 'blobs', blobs[0]));
    await symlink(`../../blobs/${blobs[0]}`, join(root, 'snapshots', commits[0], 'adopted.gguf'));
    await symlink(outside, join(root, 'refs'));
    await writeFile(join(outside, blobs[1]), 'precious');
    await writeFile(join(root, 'blobs', blobs[1]), 'of the same name');
    await symlink(join(outside, blobs[1]), join(root, 'snapshots', commits[0], 'namesake.gguf'));

    for (const path of ['mine.gguf', 'folder/x.gguf', 'adopted.gguf', 'namesake.gguf']) {
      expect(await removeCachedFile(folder, { repoId, path, commit: null })).toBe(0);
    }
    expect(await readFile(join(outside, 'mine.gguf'), 'utf8')).toBe('precious');
    expect(await readFile(join(outside, 'folder/x.gguf'), 'utf8')).toBe('precious');
    expect(await readFile(join(outside, blobs[0]), 'utf8')).toBe('precious');
    expect(await exists(join(root, 'blobs', blobs[1]))).toBe(true);
    expect(await exists(join(root, 'snapshots', commits[0], 'mine.gguf'))).toBe(false);
    expect(await exists(join(root, 'blobs', blobs[0]))).toBe(false);
  });

  it('frees what Python keeps once for all repositories, when the last name goes', async () => {
    const shared = join(folder, 'blobs', blobs[2].slice(0, 2), blobs[2]);
    await mkdir(dirname(shared), { recursive: true });
    await writeFile(join(folder, 'blobs/.huggingface-shared-blobs'), '1\n');
    await writeFile(shared, 'shared bytes');
    await writeFile(`${shared}.refs`, 'models--owner--name/blobs/…\n');
    for (const [id, blob] of [
      [repoId, blobs[0]],
      ['second/repo', blobs[1]],
    ] as const) {
      await put(commits[0], 'x.gguf', blob, '', id);
      const own = join(folder, `models--${id.replace('/', '--')}/blobs`, blob);
      await rm(own);
      await symlink(`../../blobs/${blobs[2].slice(0, 2)}/${blobs[2]}`, own);
    }
    expect(await listCache(folder)).toMatchObject([{ sizeBytes: 12 }, { sizeBytes: 12 }]);
    expect(await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: null })).toBe(0);
    expect(await readFile(shared, 'utf8')).toBe('shared bytes');
    expect(await removeCachedFile(folder, { repoId: 'second/repo', path: 'x.gguf', commit: null })).toBe(12);
    expect(await exists(shared)).toBe(false);
    expect(await exists(`${shared}.refs`)).toBe(false);
  });

  it.each([
    ['an unknown layout', '2\n'],
    ['no layout', null],
  ])('frees nothing of a shared store with %s', async (_what, version) => {
    const shared = join(folder, 'blobs', blobs[2].slice(0, 2), blobs[2]);
    await mkdir(dirname(shared), { recursive: true });
    if (version !== null) await writeFile(join(folder, 'blobs/.huggingface-shared-blobs'), version);
    await writeFile(shared, 'shared bytes');
    await writeFile(`${shared}.refs`, '');
    await put(commits[0], 'x.gguf', blobs[0], '');
    const own = join(folder, 'models--owner--name/blobs', blobs[0]);
    await rm(own);
    await symlink(`../../blobs/${blobs[2].slice(0, 2)}/${blobs[2]}`, own);
    expect(await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: null })).toBe(0);
    expect(await readFile(shared, 'utf8')).toBe('shared bytes');
  });

  it('leaves what a link in the repository’s folder leads to, when its last file goes', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'hearth-outside-'));
    onTestFinished(() => rm(outside, { recursive: true, force: true }));
    await writeFile(join(outside, 'main'), 'precious');
    await put(commits[0], 'x.gguf', blobs[0]);
    for (const name of ['refs', 'trees', '.no_exist'])
      await symlink(outside, join(folder, 'models--owner--name', name));
    expect(await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: null })).toBe(4);
    expect(await readFile(join(outside, 'main'), 'utf8')).toBe('precious');
  });

  it('refuses hostile names and does nothing for a file that is not there', async () => {
    await expect(removeCachedFile(folder, { repoId: '../x', path: 'x', commit: null })).rejects.toMatchObject({
      code: 'hub.unsafe_name',
    });
    await put(commits[0], 'x.gguf', blobs[0]);
    await expect(removeCachedFile(folder, { repoId, path: '../../x', commit: null })).rejects.toMatchObject({
      code: 'hub.unsafe_name',
    });
    expect(await removeCachedFile(folder, { repoId, path: 'y.gguf', commit: null })).toBe(0);
    expect(await listCache(folder)).toHaveLength(1);
  });
});

describe('placeInSnapshot', () => {
  const file = { repoId, commit: commits[0], path: 'sub/x.gguf', blob: blobs[0] };
  beforeEach(async () => {
    await mkdir(join(folder, 'models--owner--name/blobs'), { recursive: true });
    await writeFile(join(folder, 'models--owner--name/blobs', blobs[0]), 'four');
  });

  it('links, and replaces a link to something else', async () => {
    const pointer = cachedFilePath(folder, repoId, commits[0], 'sub/x.gguf');
    await mkdir(dirname(pointer), { recursive: true });
    await symlink('../elsewhere', pointer);
    await placeInSnapshot(folder, file);
    await placeInSnapshot(folder, file);
    expect(await readlink(pointer)).toBe(`../../../blobs/${blobs[0]}`);
  });

  const refuse = (): Promise<void> => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
  it.each([
    ['are not possible', refuse],
    ['are forbidden', null],
  ])('copies a file that another snapshot has, where links %s', async (_, makeLink) => {
    const before = await placeInSnapshot(folder, file);
    const next = await placeInSnapshot(folder, { ...file, commit: commits[1] }, { makeLink });
    expect((await lstat(next)).isFile()).toBe(true);
    expect([await readFile(before, 'utf8'), await readFile(next, 'utf8')]).toEqual(['four', 'four']);
    expect(await readdir(join(folder, 'models--owner--name/blobs'))).toEqual([blobs[0]]);
  });

  it('moves the file where links are not possible, and it can be listed and deleted', async () => {
    const pointer = await placeInSnapshot(folder, file, { makeLink: refuse });
    expect((await lstat(pointer)).isFile()).toBe(true);
    expect((await stat(pointer)).size).toBe(4);
    expect(await listCache(folder)).toMatchObject([{ path: 'sub/x.gguf', sizeBytes: 4 }]);
    expect(await removeCachedFile(folder, { repoId, path: 'sub/x.gguf', commit: null })).toBe(4);
    expect(await exists(join(folder, 'models--owner--name'))).toBe(false);
  });
});
