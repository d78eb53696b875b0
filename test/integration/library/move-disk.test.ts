/** Moves over a disk that has no hard links, fails, or loses its power: what is copied, compared, synced and deleted, in which order. */
import { lstat, mkdir, open, readFile, rename, symlink, utimes, writeFile, type FileHandle } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moveCache, type MoveDisk } from '../../../main/library/storage/move.ts';
import { alone } from '../../support/alone.ts';
import { commits, exists, movePlan, putFile, temporaryFolder, tree } from '../../support/cache-setup.ts';

const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));

interface Faults {
  /** Changes what is read back of a copy. */
  readonly onRead?: (bytes: Uint8Array, position: number) => void;
  /** Called before each step; a rejection is that step's error. */
  readonly before?: (step: string) => Promise<void>;
}

/** A disk without hard links, and its steps in order. */
function slowDisk(to: string, { onRead = () => {}, before = () => Promise.resolve() }: Faults = {}) {
  const steps: string[] = [];
  const note = async (step: string): Promise<void> => {
    await before(step);
    if (steps.at(-1) !== step) steps.push(step);
  };
  const named = (file: unknown): string => relative(to, String(file)).replace(/^models--owner--name\/?/, '') || '.';
  const disk: MoveDisk = {
    link: () => failing('EXDEV'),
    deviceOf: () => Promise.resolve(1),
    async rename(from, target) {
      await note(`name ${named(target)}`);
      await rename(from, target);
    },
    async open(file, flags, mode) {
      const handle = await open(file, flags, mode);
      if (relative(to, String(file)).startsWith('..')) return handle;
      const name = named(file).replace(/\.hearth-move$/, '');
      const { read, write, datasync, sync } = handle;
      return Object.assign(handle, {
        async read(buffer: Uint8Array, offset: number, length: number, position: number) {
          await note(`read ${name}`);
          const done = await (read as (...all: unknown[]) => Promise<{ bytesRead: number }>).call(
            handle,
            ...[buffer, offset, length, position],
          );
          onRead(buffer.subarray(offset, offset + done.bytesRead), position);
          return done;
        },
        async write(...all: unknown[]) {
          await note(`write ${name}`);
          return await (write as (...all: unknown[]) => Promise<{ bytesWritten: number }>).apply(handle, all);
        },
        async datasync() {
          await note(`sync ${name}`);
          await datasync.call(handle);
        },
        async sync() {
          await note(`sync ${name}`);
          await sync.call(handle);
        },
      }) as FileHandle;
    },
  };
  return { disk, steps };
}

describe('a copy to another disk', () => {
  it('is written, synced, read back and named, and its folders are synced before the old file goes', async () => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    const blob = await putFile(from, { bytes: 'the bytes' });
    const { disk, steps } = slowDisk(to);
    const plan = {
      ...movePlan(from, to),
      async switchOver() {
        steps.push('switch over');
        // Until then everything is where it was.
        expect(await readFile(join(from, `models--owner--name/blobs/${blob}`), 'utf8')).toBe('the bytes');
      },
    };
    await moveCache(plan, alone, disk);
    const file = `blobs/${blob}`;
    expect(steps.slice(0, 4)).toEqual([`write ${file}`, `sync ${file}`, `read ${file}`, `name ${file}`]);
    const folders = steps.slice(4, -1);
    expect(new Set(folders)).toEqual(
      new Set(['.', 'blobs', 'snapshots', `snapshots/${'a'.repeat(40)}`].map((folder) => `sync ${folder}`)),
    );
    expect(steps.at(-1)).toBe('switch over');
    expect(await tree(from)).toEqual([]);
  });

  it.each([
    ['the first byte', 0],
    ['a byte of the second block', (1 << 20) + 5],
    ['the last byte', 3_000_000 - 1],
  ])('of which %s reads back otherwise is refused, and the good file stays', async (_what, at) => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    await putFile(from, { bytes: Buffer.alloc(3_000_000, 7) });
    const before = await tree(from);
    let isBroken = true;
    const { disk } = slowDisk(to, {
      onRead(bytes, position) {
        const index = at - position;
        if (isBroken && index >= 0 && index < bytes.length) bytes[index] = 8;
      },
    });
    let switched = 0;
    const plan = {
      ...movePlan(from, to),
      async switchOver() {
        switched++;
      },
    };
    await expect(moveCache(plan, alone, disk)).rejects.toMatchObject({
      code: 'disk.denied',
      data: { reason: 'unreliable' },
    });
    expect([switched, await tree(from)]).toEqual([0, before]);
    expect(await tree(to)).toEqual([]);
    isBroken = false;
    await moveCache(plan, alone, disk);
    expect([switched, await tree(to)]).toEqual([1, before]);
    expect((await readFile(join(to, before[0] ?? ''))).equals(Buffer.alloc(3_000_000, 7))).toBe(true);
  });

  it('of a file that another program makes longer meanwhile is refused', async () => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    const blob = await putFile(from, { bytes: 'short' });
    const old = join(from, `models--owner--name/blobs/${blob}`);
    const { disk } = slowDisk(to);
    const open = disk.open;
    const growing: MoveDisk = {
      ...disk,
      async open(file, ...rest) {
        if (file === old) await writeFile(old, 'much longer');
        return await open(file, ...rest);
      },
    };
    await expect(moveCache(movePlan(from, to), alone, growing)).rejects.toMatchObject({ code: 'disk.denied' });
    expect(await readFile(old, 'utf8')).toBe('much longer');
    expect(await tree(to)).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'write', { code: 'disk.full', data: { reason: 'moving' } }],
    ['EIO', 'write', { code: 'EIO' }],
    ['EIO', 'sync', { code: 'EIO' }],
    ['EIO', 'name', { code: 'EIO' }],
    ['EIO', 'sync snapshots', { code: 'EIO' }],
    ['EROFS', 'name', { code: 'disk.denied', data: { cause: 'EROFS' } }],
  ])('that fails with %s at "%s" changes nothing, and goes on from there', async (code, at, expected) => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    await putFile(from, { bytes: 'the bytes', ref: 'main' });
    const before = await tree(from);
    let isBroken = true;
    const { disk } = slowDisk(to, {
      before: (step) => (isBroken && step.startsWith(at) ? failing(code) : Promise.resolve()),
    });
    await expect(moveCache(movePlan(from, to), alone, disk)).rejects.toMatchObject(expected);
    expect(await tree(from)).toEqual(before);
    expect((await tree(to)).filter((name) => name.includes('.hearth-move'))).toEqual([]);
    isBroken = false;
    await moveCache(movePlan(from, to), alone, disk);
    expect([await tree(from), await tree(to)]).toEqual([[], before]);
  });

  it('that is stopped leaves no half of a file', async () => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    await putFile(from, { bytes: Buffer.alloc(3_000_000, 7) });
    const before = await tree(from);
    const abort = new AbortController();
    const { disk } = slowDisk(to);
    const context = {
      ...alone,
      signal: abort.signal,
      progress: (doneBytes: number) => void (doneBytes > 0 && abort.abort(new Error('enough'))),
    };
    await expect(moveCache(movePlan(from, to), context, disk)).rejects.toThrow('enough');
    expect([await tree(from), await tree(to)]).toEqual([before, []]);
  });

  it('follows no link that lies in the place of the copy, and needs no folder that can be synced', async () => {
    const [from, to, outside] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    const blob = await putFile(from, { bytes: 'the bytes' });
    const before = await tree(from);
    await writeFile(join(outside, 'mine'), 'precious');
    await mkdir(join(to, 'models--owner--name/blobs'), { recursive: true });
    await symlink(join(outside, 'mine'), join(to, `models--owner--name/blobs/${blob}.hearth-move`));
    const { disk } = slowDisk(to, {
      before: (step) => (/^sync (\.|blobs|snapshots[^.]*)$/.test(step) ? failing('EINVAL') : Promise.resolve()),
    });
    await moveCache(movePlan(from, to), alone, disk);
    expect(await readFile(join(outside, 'mine'), 'utf8')).toBe('precious');
    expect(await tree(to)).toEqual(before);
  });

  it.each([
    ['a byte too few', 8, true],
    ['just enough', 9, false],
    ['a byte more', 10, false],
    ['nobody knows how many', null, false],
  ])('with %s free bytes', async (_what, freeBytes, isRefused) => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    await putFile(from, { bytes: 'the bytes' });
    const { disk, steps } = slowDisk(to);
    const plan = { ...movePlan(from, to), freeDiskBytes: () => Promise.resolve(freeBytes) };
    // A device of its own, as another disk has.
    const otherDevice: MoveDisk = { ...disk, deviceOf: (folder) => Promise.resolve(folder === to ? 2 : 1) };
    const moved = moveCache(plan, alone, otherDevice);
    if (!isRefused) return void (await moved);
    await expect(moved).rejects.toMatchObject({ code: 'disk.full', data: { neededBytes: 9, freeBytes: 8 } });
    expect(steps).toEqual([]);
  });
});

it('keeps the time of a copied file, so that its header need not be read again', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()];
  const blob = await putFile(from, { bytes: 'the bytes' });
  const inside = `models--owner--name/blobs/${blob}`;
  const { mtimeMs } = await lstat(join(from, inside));
  await moveCache(movePlan(from, to), alone, slowDisk(to).disk);
  expect(Math.abs((await lstat(join(to, inside))).mtimeMs - mtimeMs)).toBeLessThan(1);
  expect(await exists(join(from, inside))).toBe(false);
});

it('replaces no partial file that another process began in the new folder during the copy', async () => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()];
  await putFile(from, { bytes: 'the bytes' });
  const partial = `models--owner--name/blobs/${'5'.repeat(64)}.hearth.incomplete`;
  await writeFile(join(from, partial), 'received before');
  const { disk } = slowDisk(to, {
    async before(step) {
      if (step.startsWith('sync') && step.endsWith('.hearth.incomplete'))
        await writeFile(join(to, partial), 'what another process receives', { flag: 'wx' });
    },
  });
  await moveCache(movePlan(from, to), alone, disk);
  expect(await readFile(join(to, partial), 'utf8')).toBe('what another process receives');
  expect(await readFile(join(from, partial), 'utf8')).toBe('received before');
  expect(await exists(join(to, `${partial}.hearth-move`))).toBe(false);
});

it.each([
  ['older', -60, commits[1]],
  ['newer', 60, commits[2]],
])('of a branch that is %s in the new folder keeps the newer commit', async (_what, secondsLater, kept) => {
  const [from, to] = [await temporaryFolder(), await temporaryFolder()];
  await putFile(from, { bytes: 'the bytes', commit: commits[1], ref: 'main' });
  await putFile(to, { bytes: 'other bytes', commit: commits[2], ref: 'main' });
  const main = 'models--owner--name/refs/main';
  const at = 1_700_000_000;
  await utimes(join(from, main), at, at);
  await utimes(join(to, main), at + secondsLater, at + secondsLater);
  await moveCache(movePlan(from, to), alone, slowDisk(to).disk);
  expect(await readFile(join(to, main), 'utf8')).toBe(kept);
});
