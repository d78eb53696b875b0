/** Joins the pieces of a file in the cache (`model-file/pieces.ts`) to that file, which takes their place; see decision 37. */
import { createHash } from 'node:crypto';
import { open, rm, stat, type FileHandle, type rename, type symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { readHeaderOfOpen } from '../../model-file/disk/header-of-file.ts';
import { wholeOf } from '../../model-file/pieces.ts';
import { blobPath, partialPath, snapshotPath } from './cache-paths.ts';
import { cachedFilePath, publish, removeCachedFiles } from './cache.ts';
import { inFolderOf } from '../../base/in-folder.ts';
import { contentHash, type RemoteFile } from './remote-file.ts';
import { digestOf } from '../transfer/digest.ts';
import { openFileHasher } from '../transfer/file-hasher.ts';
import type { Clock, TransferProgress } from '../transfer/order.ts';
import { underLock, waitForLock, type LockWait } from './wait-for-lock.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;

export interface JoinOptions {
  /** The branch or tag whose ref is written to point to the commit; null for none. */
  readonly ref: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  readonly clock: Clock;
  readonly openFile: typeof open;
  readonly renameFile: typeof rename;
  /** Null where no links may be made. */
  readonly makeLink: typeof symlink | null;
  /** Throws disk.full when the joined file does not fit on the disk. */
  readonly assertRoom: () => Promise<void>;
}

/** Whether the files are pieces of one file, and that is in the cache already, in its full size. */
export async function isJoined(folder: string, files: readonly RemoteFile[]): Promise<boolean> {
  const [first] = files;
  const whole = wholeOf(files.map(({ path }) => path));
  if (first === undefined || whole === null) return false;
  const file = join(folder, snapshotPath(first.repoId, first.commit, whole));
  const info = await stat(file).catch(() => null);
  return info !== null && info.size === sizeOf(files);
}

/**
 * Writes the file that the downloaded pieces are, checks what was written by the pieces' own hashes, checks its header, gives it its name
 * in the snapshot and then deletes the pieces. Until the last step the pieces stay, so that an interrupted joining starts again without a
 * download. Of several processes that join the same pieces one does, and the others wait. Returns the path of the file. Throws
 * model.corrupt when the pieces are no GGUF file, hub.hash_mismatch when a piece is not what the Hub lists (it is then deleted),
 * cache.locked, file system errors, and the signal's reason.
 */
export async function joinPieces(folder: string, files: readonly RemoteFile[], options: JoinOptions): Promise<string> {
  const [first] = files;
  const whole = wholeOf(files.map(({ path }) => path));
  if (first === undefined || whole === null) throw new AppError('internal', 'These files are no pieces of one file.');
  const { repoId, commit } = first;
  if (!(await isJoined(folder, files))) {
    const name = joinName(files);
    const joined = { repoId, path: whole, sizeBytes: sizeOf(files), blob: name };
    const wait: LockWait = { ...options, folder };
    // While the holder verifies and syncs, its file does not grow.
    const lock = await waitForLock(joined, { ...wait, maxStallMs: Infinity });
    try {
      await underLock(lock, joined, options.signal, async (signal) => {
        // Another process may have joined them during the wait.
        if (await isJoined(folder, files)) return;
        await options.assertRoom();
        const partial = join(folder, partialPath(repoId, name));
        try {
          const blob = await write(folder, files, partial, { ...options, signal });
          // A blob gets a name only under its own lock: a deletion of the same bytes under another name holds it.
          const blobLock = await waitForLock({ ...joined, blob }, { ...wait, signal });
          try {
            await underLock(blobLock, joined, signal, async (held) => {
              held.throwIfAborted();
              await options.renameFile(partial, join(folder, blobPath(repoId, blob)));
              // A program that has taken the lock since may delete the blob, and its link would lead nowhere.
              await blobLock.assertHeld();
              await publish(folder, { repoId, commit, path: whole, blob }, options.ref, options);
            });
          } finally {
            await blobLock.release();
          }
        } finally {
          // Without the lock the file of this name is another process's.
          if (!lock.lost.aborted) await rm(partial, { force: true });
        }
      });
    } finally {
      await lock.release();
    }
  }
  await removeCachedFiles(
    folder,
    repoId,
    files.map(({ path }) => ({ commit, path })),
  );
  return cachedFilePath(folder, repoId, commit, whole);
}

/** Writes the pieces one after the other; returns the sha256 of the whole, of the bytes that the file has. */
async function write(
  folder: string,
  files: readonly RemoteFile[],
  partial: string,
  options: Pick<JoinOptions, 'signal' | 'onProgress' | 'openFile'>,
): Promise<string> {
  const { signal, openFile } = options;
  const sizeBytes = sizeOf(files);
  const target = await inFolderOf(partial, async () => {
    // A new file, never the one of a process that was killed or lost its lock: that one may still have it open.
    await rm(partial, { force: true });
    return await openFile(partial, 'wx+');
  });
  const hasher = openFileHasher(partial, 'sha256', sizeBytes);
  const digestOptions = { signal, sizeBytes, onProgress: options.onProgress };
  try {
    let at = 0;
    for (const file of files) {
      const verifier = openFileHasher(partial, contentHash(file).kind, file.sizeBytes, at);
      try {
        const copiedBytes = await copyPiece(folder, file, target, at, options, (bytes) => {
          verifier.upTo(bytes);
          hasher.upTo(at + bytes);
          const percent = Math.floor(((at + bytes) / sizeBytes) * 100);
          options.onProgress({
            phase: 'verifying',
            doneBytes: at + bytes,
            segments: [],
            detail: { code: 'hashing', percent },
          });
        });
        if (copiedBytes !== file.sizeBytes)
          throw new AppError('model.corrupt', 'The joined pieces have a different size from the one the Hub lists.', {
            reason: 'changed',
          });
        const quiet = { ...digestOptions, onProgress: () => {} };
        if ((await digestOf(quiet, verifier)) !== contentHash(file).hex) throw await mismatch(folder, file, quiet);
      } finally {
        await verifier.close();
      }
      at += file.sizeBytes;
    }
    await readHeaderOfOpen(target, sizeBytes);
    const hex = await digestOf(digestOptions, hasher);
    await target.datasync();
    return hex;
  } finally {
    await hasher.close();
    await target.close();
  }
}

/** Writes a piece to the place `at`; `onBytes` gets the written bytes of it. Returns their number. */
async function copyPiece(
  folder: string,
  { repoId, commit, path, sizeBytes }: RemoteFile,
  target: FileHandle,
  at: number,
  { signal }: Pick<JoinOptions, 'signal'>,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const source = await open(cachedFilePath(folder, repoId, commit, path), 'r');
  try {
    for (let copied = 0; ;) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, copied);
      if (bytesRead === 0 || copied > sizeBytes) return copied;
      for (let done = 0; done < bytesRead;)
        done += (await target.write(chunk, done, bytesRead - done, at + copied + done)).bytesWritten;
      copied += bytesRead;
      onBytes(copied);
    }
  } finally {
    await source.close();
  }
}

/** The error for a piece that was not written as the Hub lists it. The piece itself is deleted when it is the cause. */
async function mismatch(
  folder: string,
  file: RemoteFile,
  options: { readonly signal: AbortSignal; readonly onProgress: () => void },
): Promise<AppError> {
  const { repoId, commit, path, sizeBytes } = file;
  const { kind, hex } = contentHash(file);
  const piece = openFileHasher(cachedFilePath(folder, repoId, commit, path), kind, sizeBytes);
  try {
    piece.upTo(sizeBytes);
    if ((await digestOf({ ...options, sizeBytes }, piece)) === hex)
      return new AppError('disk.denied', 'The disk returns other bytes than were written. It may be failing.', {
        reason: 'unreliable',
      });
  } finally {
    await piece.close();
  }
  await removeCachedFiles(folder, repoId, [{ commit, path }]);
  return new AppError(
    'hub.hash_mismatch',
    'A downloaded piece is not what the Hub lists. It was deleted; try again to download it.',
    { repoId, path },
  );
}

/** The name of the partial file and of its lock: every process that joins these pieces has the same. */
export function joinName(files: readonly RemoteFile[]): string {
  return createHash('sha256')
    .update(files.map((file) => file.sha256 ?? file.gitOid).join(' '))
    .digest('hex');
}

function sizeOf(files: readonly RemoteFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
