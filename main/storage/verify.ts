/** Hashing what is in the cache again. A blob's name is its hash: the sha256 of LFS, or the id that git gives a file. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isBlobName, repoFolder } from '../core/cache-paths.ts';
import type { ScannedRepository } from '../hub/hub.ts';
import type { WorkContext } from './storage.ts';

/** Large enough that system calls do not count; hashing that much holds the thread for about two milliseconds. */
const READ_BYTES = 1 << 20;

/**
 * Hashes every blob that a name leads to. Tells its progress in bytes, and at the end what is damaged. Gives the damaged blobs of
 * each repository, with the modification times of their bytes. Throws the signal's reason.
 */
export async function verifyCache(
  folder: string,
  repositories: readonly ScannedRepository[],
  context: WorkContext,
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const blobs = repositories.flatMap(({ repoId, revisions }) => {
    const names = new Map<string, { path: string; sizeBytes: number }>();
    for (const { files } of revisions)
      for (const { blob, path, sizeBytes } of files) if (blob && isBlobName(blob)) names.set(blob, { path, sizeBytes });
    return [...names].map(([blob, { path, sizeBytes }]) => ({ repoId, blob, path, sizeBytes }));
  });
  const unnamed = repositories
    .flatMap(({ revisions }) => revisions.flatMap(({ files }) => files))
    .filter(({ blob }) => !blob).length;
  const totalBytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const marks = new Map(repositories.map(({ repoId }): [string, Record<string, number>] => [repoId, {}]));
  const damaged: string[] = [];
  let doneBytes = 0;
  context.progress(0, totalBytes);
  for (const { repoId, blob, path, sizeBytes } of blobs) {
    context.signal.throwIfAborted();
    const found = await checkBlob(join(folder, repoFolder(repoId), 'blobs', blob), blob, context.signal, (bytes) =>
      context.progress(Math.min(doneBytes + bytes, totalBytes), totalBytes),
    );
    doneBytes += sizeBytes;
    context.progress(doneBytes, totalBytes);
    if (found === 'sound' || found === 'gone') continue;
    damaged.push(`${repoId}/${path}`);
    const mark = marks.get(repoId);
    if (mark && typeof found === 'object') mark[blob] = found.modifiedAtMs;
    context.log(found === 'unreadable' ? `${repoId}/${path} cannot be read.` : `${repoId}/${path} is damaged.`);
    context.detail(inWords(damaged));
  }
  if (unnamed > 0)
    context.log(
      `${count(unnamed)} could not be checked: their names in the cache do not say what their hash should be.`,
    );
  context.log(`${count(blobs.length)} checked, ${damaged.length} damaged.`);
  context.detail(damaged.length === 0 ? `All ${blobs.length} files are sound.` : inWords(damaged));
  return marks;
}

function inWords(damaged: readonly string[]): string {
  const shown = damaged.slice(0, 5).join(', ');
  const more = damaged.length > 5 ? ` and ${damaged.length - 5} more` : '';
  return `${damaged.length === 1 ? '1 file is' : `${damaged.length} files are`} damaged: ${shown}${more}. Download again to mend.`;
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}

type Finding = 'sound' | 'gone' | 'unreadable' | { readonly modifiedAtMs: number };

async function checkBlob(
  file: string,
  blob: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Finding> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size, mtimeMs } = await handle.stat();
    const hash = blob.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; ;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, at);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
      onBytes(at);
    }
    return hash.digest('hex') === blob ? 'sound' : { modifiedAtMs: mtimeMs };
  } catch (error) {
    signal.throwIfAborted();
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'unreadable';
  } finally {
    await handle?.close();
  }
}
