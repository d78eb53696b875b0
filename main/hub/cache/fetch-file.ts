/** Downloads one file into the cache: lock, check of the free disk, transfer, final name. Also deletes what a download left. */
import { unlink, type open, type rename, type symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFreeBytes, diskFullError } from '../../base/disk.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { diskErrorCode } from '../../../preload/wire/disk-error.ts';
import { blobPath, lockPath, partialPath, pythonLockPath, snapshotPath } from './cache-paths.ts';
import { tryLock, type FileLock } from '../../base/file-lock.ts';
import { cachedSize, pruneRepository, publish, removeCachedFile, writeRef } from './cache.ts';
import { isJoined, joinName, joinPieces } from './join-pieces.ts';
import { contentHash, type RemoteFile } from './remote-file.ts';
import { wholeOf } from '../../model-file/pieces.ts';
import type { HubClient } from '../api/hub-client.ts';
import { rangeListPath } from '../transfer/partial-file.ts';
import type { TokenBucket } from '../transfer/token-bucket.ts';
import type { Clock, TransferProgress } from '../transfer/order.ts';
import { transfer } from '../transfer/transfer.ts';
import { bytesOfPartial, sizeOf, underLock, waitForLock, withPython } from './wait-for-lock.ts';

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
  readonly renameFile: typeof rename;
  /** Null where no links may be made. */
  readonly makeLink: typeof symlink | null;
  /** Free bytes for this user on the disk of a folder; null when the system does not tell. */
  readonly freeBytes: (folder: string) => Promise<number | null>;
}

export interface FetchOptions {
  readonly folder: string;
  /** The branch or tag whose ref is written to point to the commit once the file is complete; null for none. */
  readonly ref: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  /** Called when this call has given the file its name in the cache; not for a file that had it before. */
  readonly onPublished?: () => void;
  /** Writes one line to the job's log. Lines contain no token and no signed address. */
  readonly log?: (text: string) => void;
}

/**
 * Downloads the file into the cache at `folder` and returns its path there; returns at once when it is complete already. Several
 * processes, Hearth or Python's huggingface_hub, share one download. Throws hub.*, disk.full, disk.denied, cache.locked, and the signal's
 * reason. Received bytes stay for the next call, except after hub.hash_mismatch. A file with its final name always has the right hash.
 */
export async function fetchFile(context: FetchContext, file: RemoteFile, options: FetchOptions): Promise<string> {
  const { folder, signal } = options;
  const blob = file.sha256 ?? file.gitOid;
  const blobFile = join(folder, blobPath(file.repoId, blob));
  const partialFile = join(folder, partialPath(file.repoId, blob));
  const pointer = join(folder, snapshotPath(file.repoId, file.commit, file.path));
  let lock: FileLock | undefined;
  try {
    if ((await cachedSize(folder, file.repoId, file.commit, file.path)) !== file.sizeBytes) {
      const own = await waitForLock({ ...file, blob }, { ...options, clock: context.clock });
      lock = own;
      return await underLock(own, file, signal, async (held) => {
        // Another program may have completed it while this one waited.
        const isNew = (await cachedSize(folder, file.repoId, file.commit, file.path)) !== file.sizeBytes;
        if ((await sizeOf(blobFile)) !== file.sizeBytes) {
          await assertRoom(context, folder, [file]);
          await transfer(context, {
            repoId: file.repoId,
            path: file.path,
            url: resolveUrl(context.client, file.repoId, file.commit, file.path),
            sizeBytes: file.sizeBytes,
            hash: contentHash(file),
            partialFile,
            signal: held,
            onProgress: options.onProgress,
            log: options.log ?? (() => {}),
          });
          await context.renameFile(partialFile, blobFile);
        }
        // A program that has taken the lock since may delete the blob, and its link would lead nowhere.
        await own.assertHeld();
        const place = await publish(folder, { ...file, blob }, options.ref, context);
        if (isNew) options.onPublished?.();
        return place;
      });
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

/**
 * Joins downloaded pieces to the file that they are; see `joinPieces`. Throws disk.full before anything is written, disk.denied,
 * model.corrupt, hub.hash_mismatch, cache.locked, and the signal's reason.
 */
export async function joinFiles(
  context: FetchContext,
  files: readonly RemoteFile[],
  options: Pick<FetchOptions, 'folder' | 'ref' | 'signal' | 'onProgress'>,
): Promise<string> {
  const { folder } = options;
  try {
    const { clock, openFile, renameFile, makeLink } = context;
    return await joinPieces(folder, files, {
      ...options,
      ...{ clock, openFile, renameFile, makeLink },
      assertRoom: () => assertRoom(context, folder, files),
    });
  } catch (error) {
    throw await diskError(context, error, folder, files);
  }
}

/** The address of a file at the Hub. */
export function resolveUrl(client: HubClient, repoId: string, revision: string, path: string): string {
  return client.url(
    `/${repoId}/resolve/${encodeURIComponent(revision)}/${path.split('/').map(encodeURIComponent).join('/')}`,
  );
}

/** The bytes of the file that are in the cache, and whether they are all. */
export async function localBytes(folder: string, file: RemoteFile): Promise<{ bytes: number; isComplete: boolean }> {
  if ((await cachedSize(folder, file.repoId, file.commit, file.path)) === file.sizeBytes) {
    return { bytes: file.sizeBytes, isComplete: true };
  }
  const blob = file.sha256 ?? file.gitOid;
  const bytes = await bytesOfPartial(folder, file.repoId, blob, file.sizeBytes);
  return { bytes: bytes ?? 0, isComplete: false };
}

/**
 * Deletes what a download of the file left: the partial file, the lock of a dead process, empty folders, and with `complete` also the
 * file itself. A partial file that another process is filling stays. Throws disk.denied.
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

const NO_ROOM = 'There is not enough room on the disk for this download.';

/** Throws disk.full with neededBytes and freeBytes when the missing bytes of the files do not fit on the disk. */
export async function assertRoom(context: FetchContext, folder: string, files: readonly RemoteFile[]): Promise<void> {
  const neededBytes = await missingBytes(folder, files);
  assertFreeBytes(NO_ROOM, neededBytes, await context.freeBytes(folder));
}

/**
 * The bytes of the files that are not in the cache; of the pieces of one file also those of the file that they are joined to, less what
 * an interrupted joining left: the next one deletes that before it writes.
 */
export async function missingBytes(folder: string, files: readonly RemoteFile[]): Promise<number> {
  if (await isJoined(folder, files)) return 0;
  const missing = await Promise.all(
    files.map(async (file) => {
      const blobBytes = await sizeOf(join(folder, blobPath(file.repoId, file.sha256 ?? file.gitOid)));
      return blobBytes === file.sizeBytes ? 0 : file.sizeBytes - (await localBytes(folder, file)).bytes;
    }),
  );
  return missing.reduce((sum, bytes) => sum + bytes, await bytesToJoin(folder, files));
}

/** The room that a joining of the files takes beside them; 0 where they are no pieces of one file. */
async function bytesToJoin(folder: string, files: readonly RemoteFile[]): Promise<number> {
  const [first] = files;
  if (first === undefined || wholeOf(files.map(({ path }) => path)) === null) return 0;
  const joinedBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const left = await bytesOfPartial(folder, first.repoId, joinName(files), joinedBytes);
  return joinedBytes - (left ?? 0);
}

/** The AppError for a file system error; any other error unchanged. */
async function diskError(
  context: FetchContext,
  error: unknown,
  folder: string,
  files: readonly RemoteFile[],
): Promise<unknown> {
  if (!(error instanceof Error) || isAppError(error) || !('code' in error)) return error;
  const diskCode = diskErrorCode(error);
  if (diskCode === 'disk.full')
    return diskFullError(NO_ROOM, await missingBytes(folder, files), await context.freeBytes(folder));
  const denied = (): AppError =>
    new AppError('disk.denied', 'The folder for models cannot be written to.', { cause: String(error.code) });
  if (diskCode === 'disk.denied') return denied();
  switch (error.code) {
    case 'EFBIG':
      return new AppError('disk.denied', 'This drive cannot hold a file as large as this one (FAT32 ends at 4 GB).', {
        reason: 'file_too_large',
        cause: 'EFBIG',
      });
    case 'EBUSY':
    case 'ENOTDIR':
      return denied();
    case 'ENOENT': {
      // Node also gives this code for a new folder on a read-only file system.
      const sentence = 'The folder for models cannot be written to, or another program took the file away.';
      return new AppError('disk.denied', sentence, { cause: 'ENOENT', reason: 'folder_missing' });
    }
    default:
      return error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
