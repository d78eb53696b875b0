/** One file from the Hub to its place in the cache: lock, room, transfer, name. And the way back, when it is not wanted after all. */
import { readdir, rename, stat, unlink, type open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { blobPath, lockPath, partialPath, pythonLockPath, snapshotPath } from './cache-paths.ts';
import { tryLock, type BlobLock } from './blob-lock.ts';
import { cachedSize, pruneRepository, publish, removeCachedFile, writeRef } from './cache.ts';
import type { HubClient } from '../api/hub-client.ts';
import { partialBytes, rangeListPath } from '../transfer/partial-file.ts';
import { tryPythonLock } from './python-lock.ts';
import type { TokenBucket } from '../transfer/token-bucket.ts';
import type { Clock, TransferProgress } from '../transfer/order.ts';
import { transfer } from '../transfer/transfer.ts';

/** A file of a repository, pinned to a commit, with what proves its content. */
export interface RemoteFile {
  readonly repoId: string;
  readonly commit: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Of files that Git LFS keeps, as all models are. */
  readonly sha256: string | null;
  /** The id of what git keeps: the file itself where `sha256` is null. */
  readonly gitOid: string;
}

export interface FetchContext {
  readonly client: HubClient;
  readonly clock: Clock;
  readonly stallMs: number;
  readonly bucket: TokenBucket;
  /** The size of a segment; null chooses it by the size of the file. */
  readonly segmentBytes: number | null;
  /** Upper limit of connections per file. */
  readonly maxConnections: number;
  readonly openFile: typeof open;
  /** Free bytes at a folder for this user; null when it cannot be told. */
  readonly freeBytes: (folder: string) => Promise<number | null>;
}

export interface FetchOptions {
  readonly folder: string;
  /** The branch or tag that is to point to the commit once the file is there; null for none. */
  readonly ref: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  /** One line of what happens. Holds no token and no address with a signature. */
  readonly log?: (text: string) => void;
}

/**
 * While another process fetches the file we wait, as long as its file grows or this has not passed. A Python that stands still
 * is then left alone, and the file fetched beside it.
 */
const PATIENCE_MS = 60_000;
const POLL_MS = 250;

/**
 * Brings the file into the cache at `folder` and answers its path there; at once when it is there already. Two processes
 * share one download, be they Hearths or Python's huggingface_hub. Throws hub.*, disk.full, disk.denied, cache.locked, and the signal's reason; what came stays for the
 * next call, except after hub.hash_mismatch. A file under its final name has the right hash, always.
 */
export async function fetchFile(context: FetchContext, file: RemoteFile, options: FetchOptions): Promise<string> {
  const { folder, signal } = options;
  const blob = file.sha256 ?? file.gitOid;
  const blobFile = join(folder, blobPath(file.repoId, blob));
  const partialFile = join(folder, partialPath(file.repoId, blob));
  const pointer = join(folder, snapshotPath(file.repoId, file.commit, file.path));
  let lock: BlobLock | undefined;
  try {
    if ((await cachedSize(folder, file.repoId, file.commit, file.path)) !== file.sizeBytes) {
      lock = await waitForLock(context, file, blob, options);
      if ((await sizeOf(blobFile)) !== file.sizeBytes) {
        await assertRoom(context, folder, [file]);
        const { lost } = lock;
        const held = AbortSignal.any([signal, lost]);
        await transfer(context, {
          repoId: file.repoId,
          path: file.path,
          url: resolveUrl(context.client, file.repoId, file.commit, file.path),
          sizeBytes: file.sizeBytes,
          hash: file.sha256 === null ? { kind: 'git_blob', hex: file.gitOid } : { kind: 'sha256', hex: file.sha256 },
          partialFile,
          signal: held,
          onProgress: options.onProgress,
          log: options.log ?? (() => {}),
        }).catch((error: unknown) => {
          throw lost.aborted && !signal.aborted ? lockedError(file) : error;
        });
        await rename(partialFile, blobFile);
      }
      return await publish(folder, { ...file, blob }, options.ref);
    }
    if (options.ref !== null) await writeRef(folder, file.repoId, options.ref, file.commit);
    return pointer;
  } catch (error) {
    if (isAppError(error, 'hub.hash_mismatch'))
      for (const left of [partialFile, rangeListPath(partialFile)]) await unlink(left).catch(() => {});
    throw await diskError(context, error, folder, [file]);
  } finally {
    await lock?.release();
  }
}

/** The address of a file at the Hub. */
export function resolveUrl(client: HubClient, repoId: string, revision: string, path: string): string {
  return client.url(
    `/${repoId}/resolve/${encodeURIComponent(revision)}/${path.split('/').map(encodeURIComponent).join('/')}`,
  );
}

/** How much of the file is on this computer, complete or not. */
export async function localBytes(folder: string, file: RemoteFile): Promise<{ bytes: number; isComplete: boolean }> {
  if ((await cachedSize(folder, file.repoId, file.commit, file.path)) === file.sizeBytes) {
    return { bytes: file.sizeBytes, isComplete: true };
  }
  const blob = file.sha256 ?? file.gitOid;
  const bytes = await bytesOfPartial(join(folder, partialPath(file.repoId, blob)), file.sizeBytes);
  return { bytes: bytes ?? 0, isComplete: false };
}

/**
 * Takes away what fetching the file left: the partial file, the lock of a process that died, empty folders, and with
 * `complete` also the file itself. What another process is fetching right now stays. Throws disk.denied.
 */
export async function discardFile(
  context: FetchContext,
  folder: string,
  file: RemoteFile,
  options: { readonly complete: boolean },
): Promise<void> {
  const blob = file.sha256 ?? file.gitOid;
  try {
    const own = (await sizeOf(folder)) === null ? null : await tryLock(join(folder, lockPath(file.repoId, blob)));
    if (own !== null) {
      const lock = (await withPython(own, join(folder, pythonLockPath(file.repoId, blob)))) ?? own;
      const partialFile = join(folder, partialPath(file.repoId, blob));
      for (const left of [partialFile, rangeListPath(partialFile)]) await unlink(left).catch(ignoreMissing);
      await lock.release();
    }
    if (options.complete) await removeCachedFile(folder, file);
    await pruneRepository(folder, file.repoId, file.path);
  } catch (error) {
    throw await diskError(context, error, folder, []);
  }
}

/** Passes when what is missing of the files fits on the disk. Throws disk.full with neededBytes and freeBytes. */
export async function assertRoom(context: FetchContext, folder: string, files: readonly RemoteFile[]): Promise<void> {
  const neededBytes = await missingBytes(folder, files);
  const freeBytes = await context.freeBytes(folder);
  if (freeBytes !== null && neededBytes > freeBytes) throw fullError(neededBytes, freeBytes);
}

/** What of the files is not on this computer. */
export async function missingBytes(folder: string, files: readonly RemoteFile[]): Promise<number> {
  const missing = await Promise.all(
    files.map(async (file) => {
      const blobBytes = await sizeOf(join(folder, blobPath(file.repoId, file.sha256 ?? file.gitOid)));
      return blobBytes === file.sizeBytes ? 0 : file.sizeBytes - (await localBytes(folder, file)).bytes;
    }),
  );
  return missing.reduce((sum, bytes) => sum + bytes, 0);
}

async function waitForLock(
  context: FetchContext,
  file: RemoteFile,
  blob: string,
  { folder, signal, onProgress, log }: FetchOptions,
): Promise<BlobLock> {
  let own: BlobLock | null = null;
  let seenBytes = -1;
  let grewAt = context.clock.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      own ??= await tryLock(join(folder, lockPath(file.repoId, blob)));
      if (own !== null) {
        const both = await withPython(own, join(folder, pythonLockPath(file.repoId, blob)));
        if (both !== null) return both;
      }
      const doneBytes = await bytesOfOthers(folder, file, blob);
      if (doneBytes !== seenBytes) [seenBytes, grewAt] = [doneBytes, context.clock.now()];
      else if (context.clock.now() - grewAt > PATIENCE_MS) {
        if (own === null) throw lockedError(file);
        log?.('Python holds the lock of this file, but nothing comes: fetched beside it');
        return own;
      }
      onProgress({ phase: 'waiting', doneBytes, segments: [], detail: { code: 'locked_elsewhere' } });
      await context.clock.sleep(POLL_MS, signal);
    }
  } catch (error) {
    await own?.release();
    throw error;
  }
}

/** Our lock together with Python's; null while Python holds that. */
async function withPython(own: BlobLock, file: string): Promise<BlobLock | null> {
  const python = await tryPythonLock(file);
  if (python === null) return null;
  return {
    lost: own.lost,
    async release() {
      await python.release();
      await own.release();
    },
  };
}

/** How much another program has of the file: another Hearth, or Python, whose partial files have names of several kinds. */
async function bytesOfOthers(folder: string, file: RemoteFile, blob: string): Promise<number> {
  const ours = partialPath(file.repoId, blob);
  const blobs = dirname(join(folder, ours));
  const names = await readdir(blobs).catch(() => []);
  const theirs = names.filter((name) => name.startsWith(`${blob}.`) && /(?<!\.hearth)\.incomplete$/.test(name));
  const sizes = theirs.map(async (name) => Math.min((await sizeOf(join(blobs, name))) ?? 0, file.sizeBytes));
  return Math.max((await bytesOfPartial(join(folder, ours), file.sizeBytes)) ?? 0, ...(await Promise.all(sizes)));
}

function lockedError({ repoId, path }: RemoteFile): AppError {
  return new AppError(
    'cache.locked',
    'Another program is fetching this file. Wait for it, or close it and try again.',
    { repoId, path },
  );
}

function fullError(neededBytes: number, freeBytes: number | null): AppError {
  return new AppError('disk.full', 'There is not enough room on the disk for this download.', {
    neededBytes,
    freeBytes,
  });
}

/** The product's error for one of the file system; every other error as it is. */
async function diskError(
  context: FetchContext,
  error: unknown,
  folder: string,
  files: readonly RemoteFile[],
): Promise<unknown> {
  if (!(error instanceof Error) || isAppError(error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fullError(await missingBytes(folder, files), await context.freeBytes(folder));
    case 'EFBIG':
      return new AppError('disk.denied', 'This drive cannot hold a file as large as this one (FAT32 ends at 4 GB).', {
        cause: 'EFBIG',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EBUSY':
    case 'ENOTDIR':
      return new AppError('disk.denied', 'The folder for models cannot be written to.', { cause: String(error.code) });
    case 'ENOENT': {
      // Node answers so for a new folder on a read-only file system, too.
      const sentence = 'The folder for models cannot be written to, or another program took the file away.';
      return new AppError('disk.denied', sentence, { cause: 'ENOENT' });
    }
    default:
      return error;
  }
}

async function bytesOfPartial(partialFile: string, sizeBytes: number): Promise<number | null> {
  const lengthBytes = await sizeOf(partialFile);
  return lengthBytes === null ? null : await partialBytes(partialFile, lengthBytes, sizeBytes);
}

async function sizeOf(file: string): Promise<number | null> {
  return await stat(file).then(
    (info) => info.size,
    () => null,
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
