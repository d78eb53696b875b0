/** Models that were cut into raw pieces: listed as one file, fetched and verified piece by piece, and joined. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, readlink, realpath, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tryLock } from '../../../main/base/file-lock.ts';
import { lockPath, partialPath } from '../../../main/hub/cache/cache-paths.ts';
import { listCache } from '../../../main/hub/cache/cache.ts';
import { joinName } from '../../../main/hub/cache/join-pieces.ts';
import type { RemoteFile } from '../../../main/hub/cache/remote-file.ts';
import type { Hub } from '../../../main/hub/hub.ts';
import { never, setUp, temporaryFolder } from '../../support/hub-setup.ts';

const model = await readFile(join(import.meta.dirname, '../../fixtures/stories260K/stories260K-F32.gguf'));
const repo = {
  id: 'owner/Big-GGUF',
  files: {
    'Big-Q8_0.gguf-split-a': model.subarray(0, 500_000),
    'Big-Q8_0.gguf-split-b': model.subarray(500_000),
    'Big-Q6_K.gguf.part1of3': model.subarray(0, 100),
    'Big-Q6_K.gguf.part2of3': model.subarray(100, 200),
    'Bad-Q4_0.gguf.001': Buffer.alloc(5000, 1),
    'Bad-Q4_0.gguf.002': Buffer.alloc(5000, 2),
  },
};
const sha256 = createHash('sha256').update(model).digest('hex');
const path = 'Big-Q8_0.gguf';

async function fetchAll(hub: Hub, folder: string, wanted = path, signal = never): Promise<string> {
  const files = await hub.resolve('owner/Big-GGUF', wanted, 'main', never);
  await hub.assertRoom(folder, files);
  if (!(await hub.isJoined(folder, files)))
    for (const file of files) await hub.fetchFile(file, { folder, ref: null, signal, onProgress: () => {} });
  return await hub.joinPieces(files, { folder, ref: 'main', signal, onProgress: () => {} });
}

it('lists the pieces as one file, and a set with a gap not at all', async () => {
  const { hub } = await setUp({}, { repos: [repo] });
  const { files } = await hub.model('owner/Big-GGUF', 'main', never);
  expect(files.map((file) => [file.path, file.quantization, file.sizeBytes, file.shards.length])).toEqual([
    ['Bad-Q4_0.gguf', 'Q4_0', 10_000, 2],
    [path, 'Q8_0', model.byteLength, 2],
  ]);
});

it('joins them to a blob under its own hash, with a name in the snapshot, and deletes them', async () => {
  const { hub, folder, server } = await setUp({}, { repos: [repo] });
  const joined = await fetchAll(hub, folder);
  expect((await readFile(joined)).equals(model)).toBe(true);
  expect(await readlink(joined)).toBe(`../../blobs/${sha256}`);
  const root = join(folder, 'models--owner--Big-GGUF');
  expect(await readdir(join(root, 'blobs'))).toEqual([sha256]);
  expect(await readFile(join(root, 'refs/main'), 'utf8')).toBe(await server.mainCommitId('owner/Big-GGUF'));
  expect((await listCache(folder)).map((file) => file.path)).toEqual([path]);
  // A second time nothing is fetched.
  const before = server.requests.length;
  expect(await fetchAll(hub, folder)).toBe(joined);
  expect(
    server.requests.slice(before).filter(({ method, path: asked }) => method === 'GET' && asked.includes('resolve')),
  ).toEqual([]);
});

it('fetches and joins them where no links may be made', async () => {
  const { hub, folder } = await setUp({ withLinks: false }, { repos: [repo] });
  const joined = await fetchAll(hub, folder);
  expect((await lstat(joined)).isFile()).toBe(true);
  expect((await readFile(joined)).equals(model)).toBe(true);
  expect(existsSync(join(folder, 'models--owner--Big-GGUF/blobs'))).toBe(false);
  expect((await listCache(folder)).map((file) => file.path)).toEqual([path]);
});

it('keeps the pieces when the joining is cut off, and joins them later without a download', async () => {
  const { hub, folder, server } = await setUp({}, { repos: [repo] });
  const files = await hub.resolve('owner/Big-GGUF', path, 'main', never);
  for (const file of files) await hub.fetchFile(file, { folder, ref: null, signal: never, onProgress: () => {} });
  const abort = new AbortController();
  const cut = hub.joinPieces(files, { folder, ref: 'main', signal: abort.signal, onProgress: () => abort.abort() });
  await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
  expect(await listCache(folder)).toEqual([]);
  const before = server.requests.length;
  const joined = await hub.joinPieces(files, { folder, ref: 'main', signal: never, onProgress: () => {} });
  expect((await readFile(joined)).equals(model)).toBe(true);
  expect(server.requests.length).toBe(before);
});

it('needs room for the pieces and the joined file, and says how much', async () => {
  let freeBytes = model.byteLength * 2 - 1;
  const { hub, folder } = await setUp({ freeBytes: async () => freeBytes }, { repos: [repo] });
  await expect(fetchAll(hub, folder)).rejects.toMatchObject({
    code: 'disk.full',
    data: { neededBytes: model.byteLength * 2, freeBytes },
  });
  freeBytes++;
  expect(await fetchAll(hub, folder)).toContain(path);
});

it('counts as free what a killed joining left, because the next one deletes it first', async () => {
  const left = model.byteLength - 1000;
  let partial = '';
  // A disk with room for the joined file beside its pieces, of which the old one takes nearly all.
  const freeBytes = async (): Promise<number> =>
    partial === '' ? Infinity : model.byteLength - (await lstat(partial).catch(() => ({ size: 0 }))).size;
  const { hub, folder } = await setUp({ freeBytes }, { repos: [repo] });
  const files = await fetchPieces(hub, folder);
  const file = join(folder, partialPath('owner/Big-GGUF', joinName(files)));
  await writeFile(file, model.subarray(0, left));
  partial = file;
  expect(await hub.missingBytes(folder, files)).toBe(1000);
  const joined = await hub.joinPieces(files, { folder, ref: 'main', signal: never, onProgress: () => {} });
  expect((await readFile(joined)).equals(model)).toBe(true);
});

it('refuses pieces that are no GGUF file, and keeps none of the joined one', async () => {
  const { hub, folder } = await setUp({}, { repos: [repo] });
  await expect(fetchAll(hub, folder, 'Bad-Q4_0.gguf')).rejects.toMatchObject({ code: 'model.corrupt' });
  expect(await listCache(folder)).toEqual([]);
  expect(await readdir(join(folder, 'models--owner--Big-GGUF/blobs'))).toHaveLength(2);
});

it('syncs the joined file, then gives it its name, its link and its ref, and only then deletes the pieces', async () => {
  const steps: string[] = [];
  const around = { root: '', commit: '', isJoining: false };
  const look = async (step: string): Promise<void> => {
    if (!around.isJoining) return;
    const { root, commit } = around;
    const there = (inside: string): Promise<boolean> =>
      lstat(join(root, inside)).then(
        () => true,
        () => false,
      );
    const pieces = (await readdir(join(root, 'snapshots', commit))).filter((name) => name.includes('-split-')).length;
    const [isNamed, isLinked] = [await there(`blobs/${sha256}`), await there(`snapshots/${commit}/${path}`)];
    const words = [step, isNamed ? 'named' : '', isLinked ? 'linked' : '', `${pieces} pieces`];
    steps.push(words.filter((word) => word !== '').join(', '));
  };
  const { hub, folder, server } = await setUp(
    {
      openFile: async (...args) => {
        const handle = await open(...args);
        const datasync = handle.datasync.bind(handle);
        return Object.assign(handle, {
          async datasync() {
            await look(`sync of ${(await handle.stat()).size} bytes`);
            await datasync();
          },
        });
      },
      renameFile: async (from, to) => {
        await look('name');
        await rename(from, to);
      },
    },
    { repos: [repo] },
  );
  const files = await hub.resolve('owner/Big-GGUF', path, 'main', never);
  for (const file of files) await hub.fetchFile(file, { folder, ref: null, signal: never, onProgress: () => {} });
  around.root = join(folder, 'models--owner--Big-GGUF');
  around.commit = await server.mainCommitId('owner/Big-GGUF');
  around.isJoining = true;
  await hub.joinPieces(files, { folder, ref: 'main', signal: never, onProgress: () => {} });
  expect(steps).toEqual([
    `sync of ${model.byteLength} bytes, 2 pieces`,
    'name, 2 pieces',
    'name, named, linked, 2 pieces',
  ]);
});

it('waits for another process that joins the same pieces', async () => {
  const { hub, folder } = await setUp({}, { repos: [repo] });
  const files = await hub.resolve('owner/Big-GGUF', path, 'main', never);
  for (const file of files) await hub.fetchFile(file, { folder, ref: null, signal: never, onProgress: () => {} });
  const lock = await tryLock(join(folder, lockPath('owner/Big-GGUF', joinName(files))));
  const phases: string[] = [];
  const options = {
    folder,
    ref: 'main',
    signal: never,
    onProgress: ({ phase }: { phase: string }) => void phases.push(phase),
  };
  const joining = Promise.all([hub.joinPieces(files, options), hub.joinPieces(files, options)]);
  await expect.poll(() => phases.length).toBeGreaterThan(4);
  expect(new Set(phases)).toEqual(new Set(['waiting']));
  expect(await readdir(join(folder, 'models--owner--Big-GGUF/blobs'))).toHaveLength(2);
  await lock?.release();
  const [one, two] = await joining;
  expect(one).toBe(two);
  expect((await readFile(one)).equals(model)).toBe(true);
  expect(await readdir(folder)).not.toContain('.locks');
});

it.each([-1, 0, 1])('takes a file of %i bytes more than the pieces for the joined one, or not', async (moreBytes) => {
  const { hub, folder } = await setUp({}, { repos: [repo] });
  const files = await hub.resolve('owner/Big-GGUF', path, 'main', never);
  const snapshot = join(folder, 'models--owner--Big-GGUF/snapshots', files[0]?.commit ?? '');
  await mkdir(snapshot, { recursive: true });
  await writeFile(join(snapshot, path), Buffer.alloc(model.byteLength + moreBytes));
  expect(await hub.isJoined(folder, files)).toBe(moreBytes === 0);
  expect(await hub.missingBytes(folder, files)).toBe(moreBytes === 0 ? 0 : 2 * model.byteLength);
});

/** The pieces in the cache, before they are joined. */
async function fetchPieces(hub: Hub, folder: string): Promise<readonly RemoteFile[]> {
  const files = await hub.resolve('owner/Big-GGUF', path, 'main', never);
  for (const file of files) await hub.fetchFile(file, { folder, ref: null, signal: never, onProgress: () => {} });
  return files;
}

const snapshotOf = (folder: string, { commit }: { commit: string }): string =>
  join(folder, 'models--owner--Big-GGUF/snapshots', commit);

it('is not disturbed by another process that joins the same pieces and is killed', { timeout: 60_000 }, async () => {
  const { hub, folder } = await setUp({}, { repos: [repo] });
  const files = await fetchPieces(hub, folder);
  const mark = join(await temporaryFolder(), 'killed');
  const child = join(import.meta.dirname, '../../support/cache-child.ts');
  let writes = 0;
  const joined = await hub.joinPieces(files, {
    ...{ folder, ref: 'main', signal: never },
    onProgress({ phase }) {
      if (phase !== 'verifying' || ++writes !== files.length) return;
      // Everything is written. The other process begins, and is killed after its first piece or while it waits.
      spawn(process.execPath, [child, 'join', folder, JSON.stringify(files), mark], { stdio: 'inherit' });
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (let tries = 0; tries < 2000 && !existsSync(mark); tries++) Atomics.wait(pause, 0, 0, 20);
    },
  });
  expect(await readFile(mark, 'utf8')).toBe('waiting');
  expect((await readFile(joined)).equals(model)).toBe(true);
  expect(await readlink(joined)).toBe(`../../blobs/${sha256}`);
  expect(await readdir(snapshotOf(folder, { commit: files[0]?.commit ?? '' }))).toEqual([path]);
});

it('gives no name to a piece that has rotted on the disk, deletes that piece alone, and fetches it again', async () => {
  const { hub, folder } = await setUp({}, { repos: [repo] });
  const files = await fetchPieces(hub, folder);
  const [first, second] = files;
  const rotten = Buffer.from(model.subarray(500_000));
  rotten[400_000] = (rotten[400_000] ?? 0) ^ 1;
  await writeFile(await realpath(join(snapshotOf(folder, first ?? { commit: '' }), second?.path ?? '')), rotten);
  const joining = hub.joinPieces(files, { folder, ref: 'main', signal: never, onProgress: () => {} });
  await expect(joining).rejects.toMatchObject({ code: 'hub.hash_mismatch', data: { path: second?.path } });
  expect(await readdir(snapshotOf(folder, first ?? { commit: '' }))).toEqual([first?.path]);
  expect((await readFile(await fetchAll(hub, folder))).equals(model)).toBe(true);
});

it('keeps the pieces when the disk returns other bytes than were written', async () => {
  const flips: typeof open = async (file, flags, mode) => {
    const handle = await open(file, flags, mode);
    if (flags !== 'wx+') return handle;
    const write = handle.write.bind(handle) as (...given: unknown[]) => Promise<unknown>;
    return Object.assign(handle, {
      write(bytes: Uint8Array, ...rest: unknown[]) {
        const other = Buffer.from(bytes);
        other[100_000] = (other[100_000] ?? 0) ^ 1;
        return write(other, ...rest);
      },
    });
  };
  const { hub, folder } = await setUp({ openFile: flips }, { repos: [repo] });
  const files = await fetchPieces(hub, folder);
  const joining = hub.joinPieces(files, { folder, ref: 'main', signal: never, onProgress: () => {} });
  await expect(joining).rejects.toMatchObject({ code: 'disk.denied', data: { reason: 'unreliable' } });
  expect(await readdir(snapshotOf(folder, files[0] ?? { commit: '' }))).toEqual(files.map((file) => file.path));
  expect(await readdir(join(folder, 'models--owner--Big-GGUF/blobs'))).toHaveLength(files.length);
});

it('links no joined file whose lock another process took after it got its name, and keeps the pieces for the next try', async () => {
  const theirs = JSON.stringify({ pid: 1, host: 'elsewhere', id: 'theirs' });
  const lock = { file: '' };
  const { hub, folder } = await setUp(
    {
      async renameFile(from, to) {
        await rename(from, to);
        if (lock.file !== '' && String(to).endsWith(sha256)) await writeFile(lock.file, theirs);
      },
    },
    { repos: [repo] },
  );
  const files = await fetchPieces(hub, folder);
  lock.file = join(folder, lockPath('owner/Big-GGUF', sha256));
  const options = { folder, ref: 'main', signal: never, onProgress: () => {} };
  await expect(hub.joinPieces(files, options)).rejects.toMatchObject({ code: 'cache.locked', data: { path } });
  expect(await readFile(lock.file, 'utf8')).toBe(theirs);
  expect(await readdir(snapshotOf(folder, files[0] ?? { commit: '' }))).toEqual(files.map((file) => file.path));
  await unlink(lock.file);
  lock.file = '';
  expect((await readFile(await hub.joinPieces(files, options))).equals(model)).toBe(true);
});

it('says with a code that a piece was taken away', async () => {
  const { hub, folder } = await setUp({}, { repos: [repo] });
  const files = await fetchPieces(hub, folder);
  await unlink(join(snapshotOf(folder, files[0] ?? { commit: '' }), files[1]?.path ?? ''));
  const joining = hub.joinPieces(files, { folder, ref: 'main', signal: never, onProgress: () => {} });
  await expect(joining).rejects.toMatchObject({ code: 'disk.denied', data: { cause: 'ENOENT' } });
});
