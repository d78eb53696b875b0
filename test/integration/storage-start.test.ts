/** What is looked after when Hearth starts: the size limit, for a cache that others have filled meanwhile. */
import { mkdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readEnvironment } from '../../main/environment.ts';
import { serveApp } from '../../main/serve.ts';
import { commits, exists, temporaryFolder } from './cache-setup.ts';

/** A copy of so many bytes that takes no room, last written so many hours ago. */
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
  const environment = readEnvironment(
    { HEARTH_DATA_DIR: join(folder, 'data'), HEARTH_CACHE_DIR: cache, HEARTH_OFFLINE: '1' },
    join(folder, 'home'),
  );
  const first = await serveApp(environment, 0);
  const url = new URL(first.url);
  const answer = await fetch(`${url.origin}/rpc/settings.update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${url.searchParams.get('token') ?? ''}` },
    body: JSON.stringify({ downloads: { cacheLimitBytes: 100_000_000 } }),
  });
  expect(answer.status).toBe(200);
  await first.close();

  const older = await putLarge(cache, 'o/older', 80_000_000, 48);
  const newer = await putLarge(cache, 'o/newer', 80_000_000, 2);
  const second = await serveApp(environment, 0);
  try {
    await expect.poll(() => exists(older), { timeout: 15_000 }).toBe(false);
    expect(await exists(newer)).toBe(true);
  } finally {
    await second.close();
  }
}, 30_000);
