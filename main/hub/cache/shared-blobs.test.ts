import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sweepSharedBlob } from './shared-blobs.ts';

it('keeps bytes that a data set still links to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-shared-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const hash = 'ab'.repeat(32);
  const shared = join(folder, 'blobs/ab', hash);
  await mkdir(dirname(shared), { recursive: true });
  await writeFile(join(folder, 'blobs/.huggingface-shared-blobs'), '1\n');
  await writeFile(shared, 'x');
  await writeFile(`${shared}.refs`, '');
  const link = join(folder, 'datasets--o--d/blobs/etag');
  await mkdir(dirname(link), { recursive: true });
  await symlink(`../../blobs/ab/${hash}`, link);
  expect(await sweepSharedBlob(folder, shared)).toBe(0);
  await rm(link);
  expect(await sweepSharedBlob(folder, shared)).toBe(1);
});
