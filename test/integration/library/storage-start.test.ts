/** The check at the start of Hearth: the size limit, for a cache that other programs have filled meanwhile. */
import { mkdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveFolder } from '../../support/app-setup.ts';
import { commits, exists, temporaryFolder } from '../../support/cache-setup.ts';

/** A sparse copy of this many bytes, last written this many hours ago. */
async function putLarge(cache: string, repoId: string, sizeBytes: number, hoursAgo: number): Promise<string> {
  const snapshot = join(cache, `models--${repoId.replace('/', '--')}`, 'snapshots', commits[0]);
  await mkdir(snapshot, { recursive: true });
  const file = join(snapshot, 'x.gguf');
  await writeFile(file, '');
  await truncate(file, sizeBytes);
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  await utimes(file, at, at);
  return file;
}

it('keeps the cache within the limit from the start on', async () => {
  const folder = await temporaryFolder();
  const cache = join(folder, 'cache');
  const first = await serveFolder(folder);
  await first.call('settings.update', { downloads: { cacheLimitBytes: 100_000_000 } });
  await first.close();

  const older = await putLarge(cache, 'o/older', 80_000_000, 48);
  const newer = await putLarge(cache, 'o/newer', 80_000_000, 2);
  const second = await serveFolder(folder);
  try {
    await expect.poll(() => exists(older)).toBe(false);
    expect(await exists(newer)).toBe(true);
  } finally {
    await second.close();
  }
});
