/** Waits for the locks of a blob, Hearth's and Python's, and tells meanwhile what the program that holds them has received. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { partialBytes } from '../transfer/partial-file.ts';
import type { Clock, TransferProgress } from '../transfer/order.ts';
import { tryLock, type FileLock } from '../../base/file-lock.ts';
import { lockPath, partialPath, pythonLockPath } from './cache-paths.ts';
import { tryPythonLock } from './python-lock.ts';

export interface LockedBlob {
  readonly repoId: string;
  readonly blob: string;
  /** The file that the blob is, for error data and progress. */
  readonly path: string;
  readonly sizeBytes: number;
}

export interface LockWait {
  readonly folder: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  readonly log?: (text: string) => void;
  /** How long a holder may receive nothing before the wait ends; Infinity for one whose work is not seen in the file's length. */
  readonly maxStallMs?: number;
}

const MAX_STALL_MS = 60_000;
const POLL_MS = 250;

/**
 * Takes both locks. A Python that receives nothing for `maxStallMs` is left alone, and only Hearth's lock is taken. Throws cache.locked
 * when another Hearth receives nothing for so long, file system errors, and the signal's reason.
 */
export async function waitForLock(
  { repoId, blob, path, sizeBytes }: LockedBlob,
  { folder, clock, signal, onProgress, log, maxStallMs = MAX_STALL_MS }: LockWait,
): Promise<FileLock> {
  let own: FileLock | null = null;
  let seenBytes = -1;
  let grewAt = clock.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      own ??= await tryLock(join(folder, lockPath(repoId, blob)));
      if (own !== null) {
        const both = await withPython(own, join(folder, pythonLockPath(repoId, blob)));
        if (both !== null) return both;
      }
      const doneBytes = await bytesOfOthers(folder, repoId, blob, sizeBytes);
      if (doneBytes !== seenBytes) [seenBytes, grewAt] = [doneBytes, clock.now()];
      else if (clock.now() - grewAt > maxStallMs) {
        if (own === null) throw lockedError(repoId, path);
        log?.('Python holds the lock of this file but receives nothing: the file is downloaded in parallel');
        return own;
      }
      onProgress({ phase: 'waiting', doneBytes, segments: [], detail: { code: 'locked_elsewhere' } });
      await clock.sleep(POLL_MS, signal);
    }
  } catch (error) {
    await own?.release();
    throw error;
  }
}

/**
 * Runs `work` with a signal that also fires when another process takes the lock, as it may after this machine slept. Throws cache.locked
 * then.
 */
export async function underLock<T>(
  lock: FileLock,
  { repoId, path }: Pick<LockedBlob, 'repoId' | 'path'>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await work(AbortSignal.any([signal, lock.lost]));
  } catch (error) {
    throw lock.lost.aborted && !signal.aborted ? lockedError(repoId, path) : error;
  }
}

/** Hearth's lock together with Python's; null while Python holds its own. */
export async function withPython(own: FileLock, file: string): Promise<FileLock | null> {
  const python = await tryPythonLock(file);
  if (python === null) return null;
  return {
    lost: own.lost,
    assertHeld: () => own.assertHeld(),
    async release() {
      try {
        await python.release();
      } finally {
        await own.release();
      }
    },
  };
}

/** The bytes that Hearth's partial file of a blob has; null without one. */
export async function bytesOfPartial(
  folder: string,
  repoId: string,
  blob: string,
  sizeBytes: number,
): Promise<number | null> {
  const file = join(folder, partialPath(repoId, blob));
  const lengthBytes = await sizeOf(file);
  return lengthBytes === null ? null : await partialBytes(file, lengthBytes, sizeBytes);
}

/** Bytes of the file that another process has received: Hearth, or Python, whose partial files have several kinds of names. */
async function bytesOfOthers(folder: string, repoId: string, blob: string, sizeBytes: number): Promise<number> {
  const blobs = dirname(join(folder, partialPath(repoId, blob)));
  const names = await readdir(blobs).catch(() => []);
  const theirs = names.filter((name) => name.startsWith(`${blob}.`) && /(?<!\.hearth)\.incomplete$/.test(name));
  const sizes = theirs.map(async (name) => Math.min((await sizeOf(join(blobs, name))) ?? 0, sizeBytes));
  return Math.max((await bytesOfPartial(folder, repoId, blob, sizeBytes)) ?? 0, ...(await Promise.all(sizes)));
}

/** The length of a file or an entry of a folder in bytes; null when there is none. */
export async function sizeOf(file: string): Promise<number | null> {
  return await stat(file).then(
    (info) => info.size,
    () => null,
  );
}

function lockedError(repoId: string, path: string): AppError {
  return new AppError(
    'cache.locked',
    'Another program is fetching this file. Wait for it, or close it and try again.',
    { repoId, path },
  );
}
