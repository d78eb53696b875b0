/** What a power cut, a kill or another process finds between two steps of a download. */
import { existsSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { tryLock } from '../../../main/base/file-lock.ts';
import { blobPath, lockPath, partialPath, refPath, snapshotPath } from '../../../main/hub/cache/cache-paths.ts';
import { publish, writeRef } from '../../../main/hub/cache/cache.ts';
import type { FetchOptions, Hub, RemoteFile } from '../../../main/hub/hub.ts';
import { content, never, path, repoId, setUp, sha256, temporaryFolder } from '../../support/hub-setup.ts';

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
const textOf = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
const plain = (folder: string): FetchOptions => ({ folder, ref: 'main', signal: never, onProgress: () => {} });

async function resolveOne(hub: Hub): Promise<RemoteFile> {
  const [file] = await hub.resolve(repoId, path, 'main', never);
  if (!file) throw new Error('nothing to fetch');
  return file;
}

/** The paths of the file in the cache at `folder`. */
const placesOf = (folder: string, commit: string) => ({
  blob: join(folder, blobPath(repoId, sha256)),
  partial: join(folder, partialPath(repoId, sha256)),
  lock: join(folder, lockPath(repoId, sha256)),
  pointer: join(folder, snapshotPath(repoId, commit, path)),
  ref: join(folder, refPath(repoId, 'main')),
});

describe('a download', () => {
  it('syncs every byte before the file gets its name, and gives the name, then the link, then the ref, under its lock', async () => {
    const steps: string[] = [];
    const around: { places?: ReturnType<typeof placesOf> } = {};
    let writtenBytes = 0;
    const note = async (step: string): Promise<void> => {
      const { blob, lock, pointer, ref } = around.places ?? placesOf('', 'a'.repeat(40));
      const there = await Promise.all(
        Object.entries({ blob, pointer, ref, lock }).map(async ([name, file]) => ((await exists(file)) ? name : '')),
      );
      steps.push([step, ...there.filter((name) => name !== '')].join(' '));
    };
    const { hub, folder } = await setUp({
      openFile: async (...args) => {
        const handle = await open(...args);
        const { write, datasync } = handle;
        return Object.assign(handle, {
          async write(...all: Parameters<typeof write>) {
            const done = await write.apply(handle, all);
            if (!String(args[0]).includes('.parts.')) writtenBytes += done.bytesWritten;
            return done;
          },
          async datasync() {
            await note(`sync of ${String(writtenBytes)} bytes`);
            await datasync.apply(handle);
            await note('synced');
          },
        }) as typeof handle;
      },
      renameFile: async (from, to) => {
        await note(`before ${String(to) === around.places?.blob ? 'the name' : 'the ref'}`);
        await rename(from, to);
        await note('after');
      },
    });
    const file = await resolveOne(hub);
    const places = placesOf(folder, file.commit);
    around.places = places;
    await hub.fetchFile(file, plain(folder));
    expect(steps).toEqual([
      `sync of ${String(content.byteLength)} bytes lock`,
      'synced lock',
      'before the name lock',
      'after blob lock',
      'before the ref blob pointer lock',
      'after blob pointer ref lock',
    ]);
    expect(await exists(places.lock)).toBe(false);
  });

  it.each([
    ['the sync', { code: 'EIO' }],
    ['the name', { code: 'EIO' }],
  ])('of which %s fails has no name, and its bytes stay', async (what, { code }) => {
    const fail = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
    let isBroken = true;
    const { hub, folder, server } = await setUp({
      openFile: async (...args) => {
        const handle = await open(...args);
        return what === 'the sync' && isBroken ? Object.assign(handle, { datasync: fail }) : handle;
      },
      renameFile: (from, to) => (what === 'the name' && isBroken ? fail() : rename(from, to)),
    });
    const file = await resolveOne(hub);
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({ code });
    const { blob, pointer, ref, lock } = placesOf(folder, file.commit);
    for (const place of [blob, pointer, ref, lock]) expect(await exists(place)).toBe(false);
    expect((await hub.localBytes(folder, file)).bytes).toBe(content.byteLength);
    isBroken = false;
    server.requests.length = 0;
    expect(await readFile(await hub.fetchFile(file, plain(folder)))).toEqual(content);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['the name of the blob', 'blob'],
    ['the link', 'pointer'],
  ])('that was killed after it made %s is finished without the network', async (_what, last) => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    const { blob, ref, pointer } = placesOf(folder, file.commit);
    await mkdir(dirname(blob), { recursive: true });
    await writeFile(blob, content);
    if (last === 'pointer') await publish(folder, { ...file, blob: sha256 }, null);
    expect(await exists(pointer)).toBe(last === 'pointer');
    server.requests.length = 0;
    expect(await hub.fetchFile(file, plain(folder))).toBe(pointer);
    expect(await readFile(pointer)).toEqual(content);
    expect(await textOf(ref)).toBe(file.commit);
    expect(server.requests).toEqual([]);
  });

  it('that is given up leaves neither its bytes nor the list of them, unless another process writes them', async () => {
    const { hub, folder } = await setUp();
    const file = await resolveOne(hub);
    const { partial, lock } = placesOf(folder, file.commit);
    const list = partial.replace('.hearth.incomplete', '.parts.hearth.incomplete');
    await mkdir(dirname(partial), { recursive: true });
    await writeFile(partial, content.subarray(0, 9));
    await writeFile(list, '{}');
    const theirs = await tryLock(lock);
    await hub.discardFile(folder, file, { complete: true });
    expect([await exists(partial), await exists(list)]).toEqual([true, true]);
    await theirs?.release();
    await hub.discardFile(folder, file, { complete: false });
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops when another process has taken its lock, and leaves it what it writes', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    const { lock, partial, blob } = placesOf(folder, file.commit);
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_500_000 });
    const theirs = JSON.stringify({ pid: 1, host: 'elsewhere', id: 'theirs' });
    let taken: Promise<void> | undefined;
    const fetched = hub.fetchFile(file, {
      ...plain(folder),
      onProgress: ({ doneBytes }) => void (doneBytes >= 1_000_000 && (taken ??= writeFile(lock, theirs))),
    });
    await expect(fetched).rejects.toMatchObject({ code: 'cache.locked', data: { repoId, path } });
    await taken;
    expect(await textOf(lock)).toBe(theirs);
    expect(await exists(partial)).toBe(true);
    expect(await exists(blob)).toBe(false);
  });
});

it('gives a file its blob and no link where another process took the lock between the two, and finishes it later', async () => {
  const around: { places?: ReturnType<typeof placesOf> } = {};
  const theirs = JSON.stringify({ pid: 1, host: 'elsewhere', id: 'theirs' });
  const { hub, folder, server } = await setUp({
    async renameFile(from, to) {
      await rename(from, to);
      if (to === around.places?.blob) await writeFile(around.places.lock, theirs);
    },
  });
  const file = await resolveOne(hub);
  around.places = placesOf(folder, file.commit);
  const { lock, blob, pointer, ref } = around.places;
  await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({ code: 'cache.locked', data: { path } });
  expect([await textOf(lock), await exists(blob), await exists(pointer), await exists(ref)]).toEqual([
    ...[theirs, true, false, false],
  ]);
  await unlink(lock);
  server.requests.length = 0;
  expect(await readFile(await hub.fetchFile(file, plain(folder)))).toEqual(content);
  expect(server.requests).toEqual([]);
});

describe('a revision', () => {
  it('stays at its commit when the file of the next one cannot be placed', async () => {
    const folder = await temporaryFolder();
    const [before, next] = ['a'.repeat(40), 'b'.repeat(40)];
    const { blob, ref } = placesOf(folder, before);
    await mkdir(dirname(blob), { recursive: true });
    await writeFile(blob, content);
    await publish(folder, { repoId, commit: before, path, blob: sha256 }, 'main');
    // A file in the place of the next snapshot's folder.
    await writeFile(dirname(placesOf(folder, next).pointer), '');
    await expect(publish(folder, { repoId, commit: next, path, blob: sha256 }, 'main')).rejects.toThrow();
    expect(await textOf(ref)).toBe(before);
  });

  it('has its commit on the disk before its ref gets its name', async () => {
    const folder = await temporaryFolder();
    const any = await open(join(folder, 'any'), 'w');
    const methods = Object.getPrototypeOf(any) as typeof any;
    const { sync } = methods;
    await any.close();
    const steps: string[] = [];
    const spy = vi.spyOn(methods, 'sync').mockImplementation(async function (this: typeof any) {
      await sync.call(this);
      steps.push('synced');
    });
    onTestFinished(() => spy.mockRestore());
    await writeRef(folder, repoId, 'main', 'a'.repeat(40), async (from, to) => {
      steps.push(`${String(await textOf(String(from)))} is named`);
      await rename(from, to);
    });
    expect(steps).toEqual(['synced', `${'a'.repeat(40)} is named`]);
  });

  it('names its old or its new commit, and never half of one, when its ref is not given its name', async () => {
    const folder = await temporaryFolder();
    const [before, next] = ['a'.repeat(40), 'b'.repeat(40)];
    const { blob, ref } = placesOf(folder, before);
    await mkdir(dirname(blob), { recursive: true });
    await writeFile(blob, content);
    await publish(folder, { repoId, commit: before, path, blob: sha256 }, 'main');
    let aside: string | null = null;
    const cut = async (from: unknown): Promise<void> => {
      aside = await textOf(String(from));
      throw new Error('power cut');
    };
    const file = { repoId, commit: next, path, blob: sha256 };
    await expect(publish(folder, file, 'main', { renameFile: cut })).rejects.toThrow('power cut');
    expect([aside, await textOf(ref)]).toEqual([next, before]);
  });
});

it('discards nothing, and makes no folder, where the drive of a cache is gone', async () => {
  const { hub, folder } = await setUp();
  const [file] = await hub.resolve(repoId, path, 'main', never);
  if (!file) throw new Error('The Hub of the test has no file.');
  for (const complete of [true, false]) await hub.discardFile(join(folder, 'drive/hub'), file, { complete });
  expect(existsSync(join(folder, 'drive'))).toBe(false);
});
