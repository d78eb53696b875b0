/** What the disk says of files and folders. */
import { link, mkdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../preload/wire/disk-error.ts';
import { AppError } from '../../preload/wire/errors.ts';

/** Free bytes for this user on the disk of `folder`, or of its nearest parent that exists; null when the system does not tell. */
export async function freeDiskBytes(folder: string): Promise<number | null> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (path.dirname(at) === at) return null;
    }
  }
}

/** The error for a disk with too little room. `message` says for what. */
export const diskFullError = (message: string, neededBytes: number, freeBytes: number | null): AppError =>
  new AppError('disk.full', message, { neededBytes, freeBytes });

/** @throws AppError `disk.full` where fewer bytes are free than needed; where the system does not tell, there is room. */
export function assertFreeBytes(message: string, neededBytes: number, freeBytes: number | null): void {
  if (freeBytes !== null && freeBytes < neededBytes) throw diskFullError(message, neededBytes, freeBytes);
}

/** Whether there is a file or a folder of this name. Never throws. */
export const isThere = async (file: string): Promise<boolean> =>
  await stat(file).then(
    () => true,
    () => false,
  );

/**
 * Makes a folder with those above it. The answer takes away again those that were made here and are empty, and never throws. Throws as the
 * file system does.
 */
export async function makeFolder(folder: string): Promise<() => Promise<void>> {
  const last = path.resolve(folder);
  const first = await mkdir(last, { recursive: true });
  return async () => {
    if (first === undefined) return;
    for (let at = last; at.length >= first.length; at = path.dirname(at))
      if (await rmdir(at).catch(() => 'kept')) return;
  };
}

/** What a file with holes takes on the disk; 0 where there is none. Never throws. */
export async function allocatedBytes(file: string): Promise<number> {
  const facts = await stat(file).catch(() => null);
  return facts === null ? 0 : Math.min(facts.size, facts.blocks * 512);
}

/** Moves a file to a name that is free, on the same disk. False where there is a file of this name. Throws as the file system does. */
export async function moveToFree(file: string, target: string): Promise<boolean> {
  try {
    // A link is refused where there is a file; a rename would replace it.
    await link(file, target);
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || (await isThere(target))) return false;
    // Some file systems have no links.
    await rename(file, target);
    return true;
  }
  await rm(file);
  return true;
}

/** The bytes that files hold together; one that is not there counts nothing. Never throws. */
export async function bytesOfFiles(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}
