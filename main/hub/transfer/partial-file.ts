/**
 * A partial file that several connections fill, and the ranges of it that were written. While it grows only at its end its length says
 * enough; once there are gaps, a list of ranges lies beside it. The list is written after the bytes that it names, so that a killed
 * process loses only the bytes in flight.
 */
import { readFile, unlink, type FileHandle, type open } from 'node:fs/promises';
import { addRange, coveredBytes, prefixBytes, type ByteRange } from './byte-ranges.ts';
import { inFolderOf } from '../../base/in-folder.ts';

export interface PartialFile {
  /** The ranges that were written. */
  readonly done: readonly ByteRange[];
  readonly doneBytes: number;
  /** The ETag of the server's file that the bytes came from; kept in the list for the next process. */
  entityTag: string | null;
  /** Throws file system errors, also of an earlier write of the list. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Fills `buffer` from `position`, or less of it where the file ends. */
  read(position: number, buffer: Uint8Array): Promise<void>;
  /** Discards the content. */
  reset(): Promise<void>;
  /** Syncs the file to the disk, so that a power cut cannot leave a final name on missing bytes, and deletes the list. */
  finish(): Promise<void>;
  /** Waits for the last write of the list. Never throws. */
  close(): Promise<void>;
}

/** The list as stored: JSON, padded to a fixed size so that rewriting it needs no room on a full disk. */
interface RangeList {
  readonly version: 1;
  readonly sizeBytes: number;
  readonly entityTag: string | null;
  readonly done: readonly (readonly [start: number, end: number])[];
}
const LIST_BYTES = 4096;
/** Written bytes are synced to the disk after this many, so that the last sync is short. */
const SYNC_EVERY_BYTES = 256 * 1024 * 1024;

/** The path of the list beside the partial file `file`. It ends in the same suffix, so that clean-ups find both. */
export function rangeListPath(file: string): string {
  return file.replace(/(\.hearth)?\.incomplete$/, (suffix) => `.parts${suffix}`);
}

/**
 * Opens `file`, created with its folder when missing. Content that is longer than `sizeBytes` is discarded. `openFile` is that of
 * node:fs, or in tests one with a quota.
 */
export async function openPartialFile(file: string, sizeBytes: number, openFile: typeof open): Promise<PartialFile> {
  const listFile = rangeListPath(file);
  const handle = await inFolderOf(file, () => openFile(file, 'a+')).then(async (created) => {
    // `a+` creates a missing file without truncating it, but always writes at the end: `r+` writes anywhere.
    await created.close();
    return await openFile(file, 'r+');
  });
  try {
    let lengthBytes = (await handle.stat()).size;
    const list = await readRangeList(listFile, sizeBytes);
    if (lengthBytes > sizeBytes) {
      await handle.truncate(0);
      lengthBytes = 0;
    }
    let done: readonly ByteRange[] = rangesOf(list, lengthBytes);
    let entityTag = list?.entityTag ?? null;
    let listHandle: FileHandle | null = list === null ? null : await openFile(listFile, 'r+');
    let saving: Promise<void> = Promise.resolve();
    let listBytes = LIST_BYTES;
    let isDirty = false;
    let isSaving = false;
    let failure: unknown = null;
    let unsyncedBytes = 0;
    let syncing: Promise<void> | null = null;

    const save = async (): Promise<void> => {
      const value: RangeList = {
        version: 1,
        sizeBytes,
        entityTag,
        done: done.map(({ start, end }) => [start, end]),
      };
      const text = Buffer.from(JSON.stringify(value));
      listBytes = Math.max(listBytes, text.byteLength);
      const padded = Buffer.alloc(listBytes, ' ');
      text.copy(padded);
      await listHandle?.write(padded, 0, listBytes, 0);
    };
    /** One write at a time; changes during it go into the next one. */
    const saveSoon = (): void => {
      isDirty = true;
      if (isSaving) return;
      isSaving = true;
      saving = (async () => {
        while (isDirty) {
          isDirty = false;
          await save();
        }
      })()
        .catch((error: unknown) => void (failure ??= error))
        .finally(() => void (isSaving = false));
    };
    const makeList = async (): Promise<void> => {
      if (listHandle !== null) return;
      const made = await openFile(listFile, 'w');
      if (listHandle !== null) return await made.close();
      listHandle = made;
      try {
        await save();
      } catch (error) {
        // On a full disk: the file has no gaps yet, and an empty list would hide its bytes.
        await dropList();
        throw error;
      }
    };
    const dropList = async (): Promise<void> => {
      await saving;
      await (listHandle as FileHandle | null)?.close();
      listHandle = null;
      await unlink(listFile).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    };
    let making: Promise<void> | null = null;

    return {
      get done() {
        return done;
      },
      get doneBytes() {
        return coveredBytes(done);
      },
      get entityTag() {
        return entityTag;
      },
      set entityTag(tag) {
        entityTag = tag;
      },
      async write(position, bytes) {
        if (failure !== null) throw failure as Error;
        if (position > prefixBytes(done) && listHandle === null) await (making ??= makeList());
        for (let written = 0; written < bytes.byteLength;) {
          const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, position + written);
          written += bytesWritten;
        }
        done = addRange(done, { start: position, end: position + bytes.byteLength });
        if (listHandle !== null) saveSoon();
        unsyncedBytes += bytes.byteLength;
        if (unsyncedBytes < SYNC_EVERY_BYTES || syncing !== null) return;
        unsyncedBytes = 0;
        // An error of this sync shows again in the last one.
        syncing = handle
          .datasync()
          .catch(() => {})
          .finally(() => void (syncing = null));
      },
      async read(position, buffer) {
        let count = 0;
        while (count < buffer.byteLength) {
          const { bytesRead } = await handle.read(buffer, count, buffer.byteLength - count, position + count);
          if (bytesRead === 0) return;
          count += bytesRead;
        }
      },
      async reset() {
        await saving;
        await handle.truncate(0);
        done = [];
        entityTag = null;
        making = null;
        await dropList();
      },
      async finish() {
        await syncing;
        await handle.datasync();
        await dropList();
      },
      async close() {
        await saving;
        await syncing;
        await listHandle?.close().catch(() => {});
        await handle.close().catch(() => {});
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Received bytes in the partial file `file`, which is `lengthBytes` long, of a file of `sizeBytes`. */
export async function partialBytes(file: string, lengthBytes: number, sizeBytes: number): Promise<number> {
  if (lengthBytes > sizeBytes) return 0;
  return coveredBytes(rangesOf(await readRangeList(rangeListPath(file), sizeBytes), lengthBytes));
}

function rangesOf(list: RangeList | null, lengthBytes: number): readonly ByteRange[] {
  if (list === null) return addRange([], { start: 0, end: lengthBytes });
  return list.done.reduce<readonly ByteRange[]>(
    (ranges, [start, end]) => addRange(ranges, { start, end: Math.min(end, lengthBytes) }),
    [],
  );
}

/** The list, or null when there is none. An unreadable list, or one of another file, counts as one without ranges. */
async function readRangeList(listFile: string, sizeBytes: number): Promise<RangeList | null> {
  const text = await readFile(listFile, 'utf8').catch(() => null);
  // An empty list was just created: the file has no gaps before the list's first content.
  if (text === null || text === '') return null;
  const nothing: RangeList = { version: 1, sizeBytes, entityTag: null, done: [] };
  try {
    const value = JSON.parse(text) as Partial<RangeList> | null;
    if (value?.version !== 1 || value.sizeBytes !== sizeBytes || !Array.isArray(value.done)) return nothing;
    const isGood = value.done.every((pair: readonly unknown[]) => {
      const [start, end] = pair;
      return Number.isSafeInteger(start) && Number.isSafeInteger(end) && Number(start) >= 0 && Number(end) <= sizeBytes;
    });
    const entityTag = typeof value.entityTag === 'string' ? value.entityTag : null;
    return isGood ? { ...nothing, entityTag, done: value.done } : nothing;
  } catch {
    return nothing;
  }
}
