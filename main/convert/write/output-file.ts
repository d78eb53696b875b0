/**
 * The file that a conversion writes: under a temporary name beside the final one until it is whole. A note beside it says how far it is,
 * so that a killed conversion is taken up again, by the same converter from the same source alone.
 */
import { constants } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { diskErrorCode } from '../../../preload/wire/disk-error.ts';
import { allocatedBytes, assertFreeBytes, diskFullError, freeDiskBytes, isThere } from '../../base/disk.ts';
import { tryLock } from '../../base/file-lock.ts';
import { syncFile, syncFolder } from '../written-file.ts';
import type { OddValues } from './values/convert-values.ts';

/** How far a file is. */
export interface WrittenSteps {
  /** The steps that are written, as ranges in order, each without its end. */
  readonly done: readonly (readonly [from: number, end: number])[];
  /** What they counted, by the tensor's number. */
  readonly odd: readonly (readonly [tensor: number, odd: OddValues])[];
}

export interface OutputFile {
  /** The temporary name. */
  readonly path: string;
  /** What an earlier process wrote; null for a new file. */
  readonly written: WrittenSteps | null;
  write(bytes: Uint8Array, atByte: number): Promise<void>;
  /** The error of a full disk with the bytes that are needed and free; any other as it is. */
  explain(error: unknown): Promise<unknown>;
  /** Notes how far the file is, after what it notes is safe on the disk. */
  note(written: WrittenSteps): Promise<void>;
  /** Gives the file its final name, after its bytes are safe on the disk. */
  finish(): Promise<void>;
  /** Deletes what was written. Never throws. */
  discard(): Promise<void>;
  /** Ends the use of the file, and keeps it. Never throws. */
  close(): Promise<void>;
}

export interface OutputRequest {
  /** The final name. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Names everything that the bytes follow from: another text begins a new file. */
  readonly identity: string;
  readonly sync: SyncToDisk;
}

/** Resolves when what was written is safe on the disk: the unfinished file, or the names in its folder. */
export type SyncToDisk = (what: 'file' | 'names') => Promise<void>;

/** Left free, because a full disk harms more than this file. */
const RESERVE_BYTES = 64 * 1024 * 1024;

const partOf = (file: string): string => `${file}.part`;
const noteOf = (file: string): string => `${file}.part.json`;
/** Room for the next note, which is taken while there is some: what was written is noted on a full disk, too. */
const spareOf = (file: string): string => `${noteOf(file)}.new`;
const lockOf = (file: string): string => `${file}.lock`;

/** Deletes what an unfinished conversion to `file` left. Throws file system errors. */
export async function discardUnfinished(file: string): Promise<void> {
  await rm(partOf(file), { force: true });
  await rm(noteOf(file), { force: true });
  await rm(spareOf(file), { force: true });
}

/**
 * Makes what was written for `file` last. A process with few rights may not call this (Node's permissions allow no fsync), so that it is
 * done by main for the convert child. Throws file system errors.
 */
export async function syncToDisk(file: string, what: 'file' | 'names'): Promise<void> {
  if (what === 'file') return await syncFile(partOf(file));
  await syncFolder(path.dirname(file));
}

/**
 * Opens the file for writing.
 * @throws AppError `busy` (`reason: 'output_in_use'`) while another conversion writes it, `invalid_input` (`reason: 'output_exists'`) for a file
 * that is there already, `disk.full` with `neededBytes` and `freeBytes`, `disk.denied`; file system errors.
 */
export async function openOutput(request: OutputRequest): Promise<OutputFile> {
  const file = request.path;
  const lock = await tryLock(lockOf(file), undefined, 0);
  if (lock === null)
    throw new AppError('busy', 'Another conversion is writing this file.', { reason: 'output_in_use' });
  try {
    if (await isThere(file))
      throw new AppError('invalid_input', 'There is a file of this name already.', { reason: 'output_exists' });
    const written = await readNote(request);
    if (written === null) await discardUnfinished(file);
    await assertRoom(request);
    const handle = await open(partOf(file), written === null ? 'wx' : 'r+');
    try {
      if (written === null) await handle.truncate(request.sizeBytes);
      await writeFile(spareOf(file), SPARE);
      return usable(request, handle, written, lock.release);
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function usable(
  request: OutputRequest,
  handle: FileHandle,
  written: WrittenSteps | null,
  release: () => Promise<void>,
): OutputFile {
  const file = request.path;
  let isOpen = true;
  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await handle.close().catch(() => {});
    await rm(spareOf(file), { force: true }).catch(() => {});
    await release();
  }
  return {
    path: partOf(file),
    written,
    async write(bytes, atByte) {
      try {
        for (let done = 0; done < bytes.byteLength;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, atByte + done);
          done += bytesWritten;
        }
      } catch (error) {
        throw await writeError(error, request);
      }
    },
    async explain(error) {
      const isFull = isAppError(error, 'disk.full') || diskErrorCode(error) === 'disk.full';
      return isFull ? await fullErrorOf(request) : error;
    },
    async note(steps) {
      await request.sync('file');
      await writeNote(file, JSON.stringify({ identity: request.identity, ...steps }));
    },
    async finish() {
      try {
        await request.sync('file');
      } catch (error) {
        throw await writeError(error, request);
      }
      await rename(partOf(file), file);
      await request.sync('names');
      await rm(noteOf(file), { force: true });
      await close();
    },
    async discard() {
      // Deleted before the lock is released, behind which another process may begin a new one.
      await discardUnfinished(file).catch(() => {});
      await close();
    },
    close,
  };
}

/** How far the unfinished file is; null where there is none, or one of other content. */
async function readNote({ path: file, sizeBytes, identity }: OutputRequest): Promise<WrittenSteps | null> {
  const [text, facts] = await Promise.all([
    readFile(noteOf(file), 'utf8').catch(() => null),
    stat(partOf(file)).catch(() => null),
  ]);
  if (text === null || facts?.isFile() !== true || facts.size !== sizeBytes) return null;
  try {
    const { identity: own, done, odd } = JSON.parse(text) as Partial<WrittenSteps & { identity: string }>;
    const isWhole = own === identity && Array.isArray(done) && Array.isArray(odd) && done.every(isRange);
    return isWhole ? { done, odd } : null;
  } catch {
    return null;
  }
}

const isRange = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((one) => Number.isSafeInteger(one) && one >= 0);

async function assertRoom({ path: file, sizeBytes }: OutputRequest): Promise<void> {
  const folder = path.dirname(file);
  const there = await allocatedBytes(partOf(file));
  const neededBytes = Math.max(0, sizeBytes - there) + RESERVE_BYTES;
  assertFreeBytes(NO_ROOM, neededBytes, await freeDiskBytes(folder));
}

const NO_ROOM = 'There is not enough room on the disk for this model.';

async function fullErrorOf({ path: file, sizeBytes }: OutputRequest): Promise<AppError> {
  const missing = Math.max(0, sizeBytes - (await allocatedBytes(partOf(file))));
  return diskFullError(NO_ROOM, missing + RESERVE_BYTES, await freeDiskBytes(path.dirname(file)));
}

async function writeError(error: unknown, request: OutputRequest): Promise<unknown> {
  if (diskErrorCode(error) === 'disk.full') return await fullErrorOf(request);
  if (error instanceof Error && 'code' in error && error.code === 'EFBIG')
    return new AppError('disk.denied', 'This drive cannot hold a file as large as this one (FAT32 ends at 4 GB).', {
      ...{ reason: 'file_too_large', cause: 'EFBIG' },
    });
  return error;
}

/** A block of the disk: most notes are shorter. */
const SPARE = ' '.repeat(4096);

/** Writes a note into the spare room. One that is torn by a crash of the system is no JSON, and the file begins anew. */
async function writeNote(file: string, text: string): Promise<void> {
  const spare = await open(spareOf(file), constants.O_RDWR | constants.O_CREAT);
  // Spaces behind it are no part of it.
  await spare.writeFile(text.padEnd(SPARE.length)).finally(() => spare.close());
  await rename(spareOf(file), noteOf(file));
  await writeFile(spareOf(file), SPARE).catch(() => {});
}
