import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openPartialFile, partialBytes } from './partial-file.ts';

it('that begins again has a list of its ranges again, so that its gaps do not count as received', async () => {
  const folder = await mkdtemp(join(os.tmpdir(), 'hearth-partial-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'a.hearth.incomplete');
  const sizeBytes = 100;
  const partial = await openPartialFile(file, sizeBytes, open);
  await partial.write(50, new Uint8Array(10));
  await partial.reset();
  expect(await partialBytes(file, (await stat(file)).size, sizeBytes)).toBe(0);
  // The last 20 bytes, before which nothing was written.
  await partial.write(80, new Uint8Array(20));
  await partial.close();
  const lengthBytes = (await stat(file)).size;
  expect([lengthBytes, await partialBytes(file, lengthBytes, sizeBytes)]).toEqual([100, 20]);
});
