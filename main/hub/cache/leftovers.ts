/**
 * Leftovers of interrupted programs in a cache: partial files, complete blobs without a name in a snapshot, and locks.
 *
 *     models--OWNER--NAME/blobs/<etag>.hearth.incomplete           Hearth's, with its list of ranges <etag>.parts.hearth.incomplete
 *     models--OWNER--NAME/blobs/<etag>[.<anything>].incomplete     Python's
 *     models--OWNER--NAME/blobs/<etag>.hearth-move                 an unfinished copy of a move of the cache
 *     .locks/models--OWNER--NAME/<etag>.hearth.lock                Hearth's: dead when its owner is
 *     .locks/models--OWNER--NAME/<etag>.lock                       Python's: it locks them with flock() and never deletes them
 */
import type { Stats } from 'node:fs';
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isBlobName, lockPath, LOCKS_FOLDER, pythonLockPath, repoFolder, repoIdOfFolder } from './cache-paths.ts';
import { isLocked, tryLock } from '../../base/file-lock.ts';
import type { ScannedRepository } from './scan.ts';
import { heldInodes, isHeldByPython } from './python-lock.ts';

export interface Leftover {
  readonly file: string;
  /** Allocated bytes on the disk; a partial file has holes. */
  readonly sizeBytes: number;
  /** The repository and blob whose lock is taken for the deletion; null for a lock file. */
  readonly of: { readonly repoId: string; readonly blob: string } | null;
}

/** A file of another program that was modified within this time may still be in use. */
const QUIET_MS = 3_600_000;

/**
 * All leftovers that no running program uses. `isKept` is true for repositories whose partial files are still needed, such as those of a
 * paused download. Links are never followed. Never throws.
 */
export async function findLeftovers(
  folder: string,
  repositories: Iterable<ScannedRepository>,
  isKept: (repoId: string) => boolean,
  now = Date.now(),
): Promise<Leftover[]> {
  const found: Leftover[] = [];
  let asked: ReturnType<typeof heldInodes> | undefined;
  const held: Held = () => (asked ??= heldInodes());
  for (const { repoId, loose, isLink } of repositories) {
    if (isLink || isKept(repoId) || loose.length === 0) continue;
    const blobs = join(folder, repoFolder(repoId), 'blobs');
    if (!(await isPlainFolder(blobs))) continue;
    for (const name of loose) {
      const blob = name.split('.')[0] ?? '';
      if (!isBlobName(blob) || (name !== blob && !/\.(incomplete|hearth-move)$/.test(name))) continue;
      const info = await lstat(join(blobs, name)).catch(() => null);
      // A link among the blobs may lead to bytes that other repositories use.
      if (info?.isFile() !== true) continue;
      const isOurs = name.endsWith('.hearth.incomplete');
      if (
        !isOurs &&
        (now - info.mtimeMs < QUIET_MS || (await isHeldByPython(join(folder, pythonLockPath(repoId, blob)), held)))
      )
        continue;
      if (await isLocked(join(folder, lockPath(repoId, blob)))) continue;
      found.push({ file: join(blobs, name), sizeBytes: bytesOnDisk(info), of: { repoId, blob } });
    }
  }
  return [...found, ...(await findDeadLocks(folder, held, now))];
}

async function findDeadLocks(folder: string, held: Held, now: number): Promise<Leftover[]> {
  const found: Leftover[] = [];
  const locks = join(folder, LOCKS_FOLDER);
  if (!(await isPlainFolder(locks))) return [];
  for (const repository of await readdir(locks).catch(() => [])) {
    if (repoIdOfFolder(repository) === null || !(await isPlainFolder(join(locks, repository)))) continue;
    for (const name of await readdir(join(locks, repository)).catch(() => [])) {
      const file = join(locks, repository, name);
      const info = await lstat(file).catch(() => null);
      if (info?.isFile() !== true || !name.endsWith('.lock')) continue;
      const isDead = name.endsWith('.hearth.lock')
        ? !(await isLocked(file))
        : now - info.mtimeMs > QUIET_MS && (await held())?.has(info.ino) === false;
      if (isDead) found.push({ file, sizeBytes: bytesOnDisk(info), of: null });
    }
  }
  return found;
}

/** Deletes leftovers that are still unused, and lock folders that became empty. Returns the freed bytes. Never throws. */
export async function removeLeftovers(folder: string, leftovers: readonly Leftover[]): Promise<number> {
  let freedBytes = 0;
  for (const { file, sizeBytes, of } of leftovers) {
    // Taking and releasing a lock also deletes a dead one.
    const lock = await tryLock(of === null ? file : join(folder, lockPath(of.repoId, of.blob))).catch(() => null);
    if (lock === null) {
      // A lock of Python's that nobody holds cannot be taken as Hearth's: it is only deleted.
      if (of === null && !file.endsWith('.hearth.lock')) await unlink(file).catch(() => {});
      continue;
    }
    try {
      if (of !== null) await unlink(file);
      freedBytes += sizeBytes;
    } catch {
      // It is gone already, or may not be deleted: nothing was freed.
    } finally {
      await lock.release();
    }
  }
  const locks = join(folder, LOCKS_FOLDER);
  for (const repository of await readdir(locks).catch(() => [])) await rmdir(join(locks, repository)).catch(() => {});
  await rmdir(locks).catch(() => {});
  return freedBytes;
}

/** `heldInodes`, read at most once and only when needed. */
type Held = () => Promise<ReadonlySet<number> | null>;

function bytesOnDisk(info: Stats): number {
  return process.platform === 'win32' ? info.size : Math.min(info.size, info.blocks * 512);
}

async function isPlainFolder(folder: string): Promise<boolean> {
  return await lstat(folder).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
