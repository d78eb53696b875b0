/** Files that get their names together, when all of them are complete. */
import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { diskErrorCode, systemCode } from '../../../preload/wire/disk-error.ts';
import { assertFreeBytes, diskFullError, freeDiskBytes, isThere, makeFolder } from '../../base/disk.ts';
import { shownName } from '../../base/foreign-text.ts';
import { syncFile, syncFolder } from '../written-file.ts';

export interface CopyContext {
  readonly signal: AbortSignal;
  /** `file` is the name of the file that is written. */
  progress(doneBytes: number, totalBytes: number, file: string): void;
  /** Makes a file, or the names in a folder, last. A process with few rights has it done by another one. Default: here. */
  readonly sync?: (path: string, what: 'file' | 'names') => Promise<void>;
}

/** Makes a file, or the names in a folder, last through a power failure. Throws as the file system does. */
export const syncHere: Required<CopyContext>['sync'] = (at, what) => (what === 'file' ? syncFile(at) : syncFolder(at));

/** A file that is to be written from its start to its end. */
export interface NewFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Gives `write` all bytes in order. */
  readonly fill: (write: (bytes: Uint8Array) => Promise<void>, signal: AbortSignal) => Promise<void>;
}

/**
 * Writes the files of one folder, and of folders in it, synced to the disk. They get their names once `assertSources` has resolved: what they were made of is as
 * it was.
 * @throws AppError `invalid_input` (`name_taken`) where one of the files is there, `disk.full` with `neededBytes` and `freeBytes`; the
 * signal's reason; what `fill` and `assertSources` throw. Then nothing is left.
 */
export async function writeTogether(
  files: readonly NewFile[],
  context: CopyContext,
  assertSources: () => Promise<void> = async () => {},
): Promise<void> {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const folder = path.dirname(files[0]?.path ?? '');
  for (const file of files) await assertFree(file.path);
  const inner = new Set(files.map((file) => path.dirname(file.path)).filter((one) => one !== folder));
  const made = [await makeFolder(folder)];
  const removeFolder = async (): Promise<void> => {
    for (const remove of made.toReversed()) await remove();
  };
  try {
    for (const one of inner) made.push(await makeFolder(one));
    await writeIn(folder, files, totalBytes, context, assertSources);
  } catch (error) {
    await removeFolder();
    if (diskErrorCode(error) === 'disk.full') throw diskFullError(NO_ROOM, totalBytes, await freeDiskBytes(folder));
    throw error;
  }
}

const NO_ROOM = 'There is not enough space on the disk for these files.';

async function writeIn(
  folder: string,
  files: readonly NewFile[],
  totalBytes: number,
  context: CopyContext,
  assertSources: () => Promise<void>,
): Promise<void> {
  await removeLeftFiles(folder);
  assertFreeBytes(NO_ROOM, totalBytes, await freeDiskBytes(folder));
  const pending = files.map((file) => ({ ...file, unfinishedPath: unfinishedName(file.path) }));
  const finished: string[] = [];
  const { sync = syncHere } = context;
  try {
    let before = 0;
    for (const file of pending) {
      const name = path.basename(file.path);
      await writeFile(file, context.signal, (done) => context.progress(before + done, totalBytes, name));
      await sync(file.unfinishedPath, 'file');
      before += file.sizeBytes;
    }
    await assertSources();
    for (const { unfinishedPath, path: at } of pending) {
      // A file that came there meanwhile is not replaced.
      await assertFree(at);
      await rename(unfinishedPath, at);
      finished.push(at);
    }
    for (const one of new Set([...pending.map(({ path: at }) => path.dirname(at)), folder])) await sync(one, 'names');
  } catch (error) {
    for (const at of finished) await rm(at, { force: true });
    throw error;
  } finally {
    for (const { unfinishedPath } of pending) await rm(unfinishedPath, { force: true });
  }
}

/** With the process that writes it, so that another one can tell whether it is still written. */
const unfinishedName = (at: string): string => `${at}.${String(process.pid)}-${randomUUID().slice(0, 8)}.unfinished`;

/** Removes what processes left in the folder that were killed while they wrote. Throws as the file system does. */
export async function removeLeftFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = /\.(\d+)-[0-9a-f]{8}\.unfinished$/.exec(name)?.[1];
    if (writer !== undefined && !isRunning(Number(writer))) await rm(path.join(folder, name), { force: true });
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

async function assertFree(at: string): Promise<void> {
  const name = shownName(path.basename(at));
  if (await isThere(at))
    throw new AppError('invalid_input', `There is a file called ${name} already.`, { reason: 'name_taken', name });
}

async function writeFile(
  { unfinishedPath, sizeBytes, fill }: NewFile & { readonly unfinishedPath: string },
  signal: AbortSignal,
  progress: (doneBytes: number) => void,
): Promise<void> {
  const file = await open(unfinishedPath, 'wx');
  let position = 0;
  try {
    await fill(async (bytes) => {
      signal.throwIfAborted();
      for (let done = 0; done < bytes.byteLength;)
        done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
      position += bytes.byteLength;
      progress(position);
    }, signal);
    if (position !== sizeBytes)
      throw new AppError('internal', `${String(position)} of ${String(sizeBytes)} bytes of a file were made.`);
    signal.throwIfAborted();
  } finally {
    await file.close();
  }
}
