import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFileHasher } from './file-hasher.ts';

/** More than two blocks, and no multiple of one. */
const bytes = randomBytes(2_500_001);
const sha256 = createHash('sha256').update(bytes).digest('hex');
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-hash-'));
  file = path.join(folder, 'file');
  writeFileSync(file, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file hasher', () => {
  it('follows the writer to the end of the file', async () => {
    const hasher = openFileHasher(file, 'sha256', bytes.length);
    hasher.upTo(1_000_000);
    await expect.poll(() => hasher.hashedBytes).toBe(1_000_000);
    hasher.upTo(bytes.length);
    expect(await hasher.digest()).toBe(sha256);
    await hasher.close();
  });

  it('gives git’s id of a blob, and two files at once', async () => {
    const [git, lfs] = [openFileHasher(file, 'git_blob', bytes.length), openFileHasher(file, 'sha256', bytes.length)];
    for (const hasher of [git, lfs]) hasher.upTo(bytes.length);
    const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    expect(await Promise.all([git.digest(), lfs.digest()])).toEqual([blob, sha256]);
    await Promise.all([git.close(), lfs.close()]);
  });

  it('starts again after a reset, also after an error', async () => {
    const hasher = openFileHasher(file, 'sha256', bytes.length);
    hasher.upTo(bytes.length + 1);
    await expect(hasher.digest()).rejects.toThrow('shorter than what was written');
    await hasher.reset();
    expect(hasher.hashedBytes).toBe(0);
    hasher.upTo(bytes.length);
    expect(await hasher.digest()).toBe(sha256);
    await hasher.close();
  });

  it('fails with the system’s error for a file that cannot be opened', async () => {
    const hasher = openFileHasher(path.join(folder, 'missing'), 'sha256', 1);
    await expect(hasher.digest()).rejects.toMatchObject({ code: 'ENOENT' });
    await hasher.close();
  });
});
