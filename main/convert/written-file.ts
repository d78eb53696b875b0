/** Files that are written under another name and get their own when they are complete. */
import { open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../preload/wire/disk-error.ts';

/** Syncs the files and moves each to its name, from the last to the first. Throws as the file system does. */
export async function moveSynced(moves: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
  for (const { from } of moves) await syncFile(from);
  for (const { from, to } of [...moves].reverse()) await rename(from, to);
  for (const folder of new Set(moves.map(({ to }) => path.dirname(to)))) await syncFolder(folder);
}

/** Writes a small file: complete, or not at all. Throws as the file system does. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await writeFile(partial, text, { flush: true });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Makes what a file holds last through a power failure. Throws as the file system does. */
export const syncFile = async (file: string): Promise<void> => await sync(file, 'r+');

/**
 * Makes new names in a folder last through a power failure, where the file system can do that: Windows and some network file systems
 * cannot. Throws as the file system does, for a failing disk.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    await sync(folder, 'r');
  } catch (error) {
    if (!REFUSED.has(systemCode(error) ?? '')) throw error;
  }
}

/** Errors by which file systems say that they sync no folders. */
const REFUSED: ReadonlySet<string> = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EISDIR',
  'EBADF',
  'EACCES',
  'EPERM',
]);

async function sync(file: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(file, flags);
  await handle.sync().finally(() => handle.close());
}
