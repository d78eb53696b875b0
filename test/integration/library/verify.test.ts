/** What a verification says of files that change under it. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scanCache } from '../../../main/hub/hub.ts';
import { verifyCache } from '../../../main/library/verify.ts';
import type { JobDetail } from '../../../preload/contract/jobs.ts';
import { alone } from '../../support/alone.ts';
import { putFile, temporaryFolder } from '../../support/cache-setup.ts';

it('a file that is gone is not damaged, one that cannot be read is, and has no mark', async () => {
  const folder = await temporaryFolder();
  const blobs = join(folder, 'models--owner--name/blobs');
  const gone = await putFile(folder, { path: 'gone.gguf', bytes: 'gone' });
  const unreadable = await putFile(folder, { path: 'unreadable.gguf', bytes: 'unreadable' });
  const damaged = await putFile(folder, { path: 'damaged.gguf', bytes: 'damaged' });
  await putFile(folder, { path: 'sound.gguf', bytes: 'sound' });
  const { repositories } = await scanCache(folder);
  await rm(join(blobs, gone));
  await rm(join(blobs, unreadable));
  await mkdir(join(blobs, unreadable));
  await writeFile(join(blobs, damaged), 'dAmaged');
  const [details, lines]: [(JobDetail | null)[], string[]] = [[], []];
  const marks = await verifyCache(folder, [...repositories.values()], () => new Map<string, string>(), {
    ...alone,
    detail: (detail) => void details.push(detail),
    log: (text) => void lines.push(text),
  });
  expect(details.at(-1)).toMatchObject({ checkedCount: 4, damagedCount: 2, unverifiableCount: 0 });
  expect(lines.sort()).toEqual([
    '4 files checked, 2 damaged.',
    'owner/name/damaged.gguf is damaged.',
    'owner/name/unreadable.gguf cannot be read.',
  ]);
  expect(Object.keys(marks.get('owner/name') ?? {})).toEqual([`blobs/${damaged}`]);
});

it('that is stopped calls no file damaged, and does not end as done', async () => {
  const folder = await temporaryFolder();
  await putFile(folder, { path: 'a.gguf', bytes: 'a' });
  const { repositories } = await scanCache(folder);
  const stop = new AbortController();
  const told: unknown[] = [];
  const verified = verifyCache(folder, [...repositories.values()], () => new Map<string, string>(), {
    ...alone,
    signal: stop.signal,
    progress: (doneBytes) => {
      if (doneBytes > 0) stop.abort();
    },
    detail: (detail) => void told.push(detail),
    log: (text) => void told.push(text),
  });
  await expect(verified).rejects.toMatchObject({ name: 'AbortError' });
  expect(told).toEqual([]);
});
