/** Joins the pieces of a file in the cache (`model-file/pieces.ts`) to that file, which takes their place; see decision 37. */
import { createHash } from 'node:crypto';
import { mkdir, open, rm, stat, type rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import { readGgufHeader } from '../../model-file/gguf.ts';
import { wholeOf } from '../../model-file/pieces.ts';
import { blobPath, partialPath, snapshotPath } from './cache-paths.ts';
import { cachedFilePath, publish, removeCachedFiles } from './cache.ts';
import type { RemoteFile } from './remote-file.ts';
import type { TransferProgress } from '../transfer/order.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
/** Bytes of the header that are read at a time. */
const READ_BYTES = 256 * 1024;

export interface JoinOptions {
  /** The branch or tag whose ref is written to point to the commit; null for none. */
  readonly ref: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  readonly openFile: typeof open;
  readonly renameFile: typeof rename;
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
 * Writes the file that the downloaded pieces are, checks its header, gives it its name in the snapshot and then deletes the pieces. Until
 * the last step the pieces stay, so that an interrupted joining starts again without a download. Returns the path of the file. Throws
 * model.corrupt when the pieces are no GGUF file, file system errors, and the signal's reason.
 */
export async function joinPieces(
  folder: string,
  files: readonly RemoteFile[],
  { ref, signal, onProgress, openFile, renameFile }: JoinOptions,
): Promise<string> {
  const [first] = files;
  const whole = wholeOf(files.map(({ path }) => path));
  if (first === undefined || whole === null) throw new AppError('internal', 'These files are no pieces of one file.');
  const { repoId, commit } = first;
  if (!(await isJoined(folder, files))) {
    const partial = join(folder, partialPath(repoId, joinName(files)));
    try {
      const blob = await write(folder, files, partial, { signal, onProgress, openFile });
      await renameFile(partial, join(folder, blobPath(repoId, blob)));
      await publish(folder, { repoId, commit, path: whole, blob }, ref, renameFile);
    } finally {
      await rm(partial, { force: true });
    }
  }
  await removeCachedFiles(
    folder,
    repoId,
    files.map(({ path }) => ({ commit, path })),
  );
  return cachedFilePath(folder, repoId, commit, whole);
}

/** Writes the pieces one after the other; returns the sha256 of the whole. */
async function write(
  folder: string,
  files: readonly RemoteFile[],
  partial: string,
  { signal, onProgress, openFile }: Pick<JoinOptions, 'signal' | 'onProgress' | 'openFile'>,
): Promise<string> {
  await mkdir(dirname(partial), { recursive: true });
  const sizeBytes = sizeOf(files);
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const target = await openFile(partial, 'w+');
  let at = 0;
  try {
    for (const { repoId, commit, path } of files) {
      const source = await open(cachedFilePath(folder, repoId, commit, path), 'r');
      try {
        for (;;) {
          signal.throwIfAborted();
          const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, null);
          if (bytesRead === 0) break;
          hash.update(chunk.subarray(0, bytesRead));
          for (let done = 0; done < bytesRead;)
            done += (await target.write(chunk, done, bytesRead - done, at + done)).bytesWritten;
          at += bytesRead;
          const percent = Math.floor((at / sizeBytes) * 100);
          onProgress({ phase: 'verifying', doneBytes: at, segments: [], detail: { code: 'hashing', percent } });
        }
      } finally {
        await source.close();
      }
    }
    if (at !== sizeBytes)
      throw new AppError('model.corrupt', 'The joined pieces have another size than the Hub lists.', {
        reason: 'changed',
      });
    await readGgufHeader(
      async (start, neededEnd) => {
        const bytes = new Uint8Array(Math.max(neededEnd, Math.min(sizeBytes, start + READ_BYTES)) - start);
        const { bytesRead } = await target.read(bytes, 0, bytes.length, start);
        return bytes.subarray(0, bytesRead);
      },
      sizeBytes,
      nextTurn,
    );
    await target.datasync();
  } finally {
    await target.close();
  }
  return hash.digest('hex');
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
