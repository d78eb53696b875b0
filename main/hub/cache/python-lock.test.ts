import { fstatSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tryPythonLock } from './python-lock.ts';

let file: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-python-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  file = join(folder, 'x.lock');
});

describe.skipIf(process.platform !== 'linux')('a lock file that was opened', () => {
  it.each([
    ['is deleted', () => unlink(file)],
    [
      'is replaced',
      async () => {
        await unlink(file);
        await writeFile(file, '');
      },
    ],
  ])('and %s before it is locked is opened again', async (_what, change) => {
    const locked: number[] = [];
    const lock = await tryPythonLock(file, async (descriptor) => {
      locked.push(fstatSync(descriptor).ino);
      if (locked.length === 1) await change();
      return 'taken';
    });
    expect(locked).toHaveLength(2);
    expect(locked[1]).toBe((await stat(file)).ino);
    await lock?.release();
  });

  it('is no lock of ours when another process holds it, and stays', async () => {
    await writeFile(file, 'theirs');
    expect(await tryPythonLock(file, () => Promise.resolve('held'))).toBeNull();
    expect(await readFile(file, 'utf8')).toBe('theirs');
  });

  it('without a tool that locks, holds nothing but is no failure', async () => {
    const lock = await tryPythonLock(file, () => Promise.resolve('unsupported'));
    expect(lock).not.toBeNull();
    await lock?.release();
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
