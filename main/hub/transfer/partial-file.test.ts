import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openPartialFile, partialBytes } from './partial-file.ts';

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(os.tmpdir(), 'hearth-partial-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'a.hearth.incomplete');
}

it('that begins again has a list of its ranges again, so that its gaps do not count as received', async () => {
  const file = await newFile();
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

it('has nothing of what a list of another size names', async () => {
  const file = await newFile();
  const partial = await openPartialFile(file, 100, open);
  await partial.write(80, new Uint8Array(20));
  await partial.close();
  expect(await partialBytes(file, 100, 100)).toBe(20);
  expect(await partialBytes(file, 100, 200)).toBe(0);
  const next = await openPartialFile(file, 200, open);
  expect(next.done).toEqual([]);
  await next.close();
});

it('is whole where the system writes fewer bytes than it is given', async () => {
  const file = await newFile();
  const sparing: typeof open = async (...args) => {
    const handle = await open(...args);
    const write = handle.write.bind(handle) as (...given: readonly unknown[]) => Promise<unknown>;
    const writeSome = (bytes: Uint8Array, offset: number, length: number, position: number): Promise<unknown> =>
      write(bytes, offset, Math.min(length, 3), position);
    return Object.assign(handle, { write: writeSome as typeof handle.write });
  };
  const text = 'all of these words';
  const partial = await openPartialFile(file, text.length, sparing);
  await partial.write(0, Buffer.from(text));
  await partial.finish();
  await partial.close();
  expect(await readFile(file, 'utf8')).toBe(text);
});
