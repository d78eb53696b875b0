/**
 * A file that is filled from several places at once, and what of it is there. While it grows from its beginning alone its
 * length says all; once there are gaps a list lies beside it. The list is written after the bytes that it names, so that a
 * process that is killed loses what was on its way and nothing else.
 */
import { readFile, unlink, type FileHandle, type open } from 'node:fs/promises';
import { addRange, coveredBytes, prefixBytes, type ByteRange } from './byte-ranges.ts';
import { inFolderOf } from '../cache/folder.ts';

export interface PartialFile {
  /** What is written. */
  readonly done: readonly ByteRange[];
  readonly doneBytes: number;
  /** Of the server's file that the bytes came from, for the next process. */
  entityTag: string | null;
  /** Throws what writing throws. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Reads into `buffer`, which is filled unless the file ends. */
  read(position: number, buffer: Uint8Array): Promise<void>;
  /** Throws the content away. */
  reset(): Promise<void>;
  /** Waits until everything is on the disk itself, so that a power cut cannot leave a good name on bad bytes; the list goes. */
  finish(): Promise<void>;
  /** Waits for the list. Never throws. */
  close(): Promise<void>;
}

/** The list as it is written: JSON, padded so that it never needs more room on a disk that became full. */
interface PartList {
  readonly version: 1;
  readonly sizeBytes: number;
  readonly entityTag: string | null;
  readonly done: readonly (readonly [start: number, end: number])[];
}
const LIST_BYTES = 4096;
/** So much may wait in the system's memory before it is sent on to the disk: the rest at the end is short then. */
const SYNC_EVERY_BYTES = 256 * 1024 * 1024;

/** The list beside the partial file `file`. Its name ends as that of the partial file does, so that clean-ups find both. */
export function partListPath(file: string): string {
  return file.replace(/(\.hearth)?\.incomplete$/, (suffix) => `.parts${suffix}`);
}

/**
 * Opens `file`, made when missing with its folder. Content that cannot be of a file of `sizeBytes` is thrown away. `openFile` is
 * that of node:fs, or a stand-in with a quota.
 */
export async function openPartialFile(file: string, sizeBytes: number, openFile: typeof open): Promise<PartialFile> {
  const listFile = partListPath(file);
  const handle = await inFolderOf(file, () => openFile(file, 'a+')).then(async (created) => {
    // Opened for appending only to make it when missing: positions are ours to choose afterwards.
    await created.close();
    return await openFile(file, 'r+');
  });
  try {
    let lengthBytes = (await handle.stat()).size;
    const list = await readPartList(listFile, sizeBytes);
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
      const value: PartList = {
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
    /** One write at a time; what changed meanwhile is in the next. */
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
        // On a full disk: what is here has no gaps yet, and a list that says nothing would hide it.
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
        // A failure of this shows again at the end.
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

/** How many bytes of a file of `sizeBytes` are in the partial file `file`, which is `lengthBytes` long. */
export async function partialBytes(file: string, lengthBytes: number, sizeBytes: number): Promise<number> {
  if (lengthBytes > sizeBytes) return 0;
  return coveredBytes(rangesOf(await readPartList(partListPath(file), sizeBytes), lengthBytes));
}

function rangesOf(list: PartList | null, lengthBytes: number): readonly ByteRange[] {
  if (list === null) return addRange([], { start: 0, end: lengthBytes });
  return list.done.reduce<readonly ByteRange[]>(
    (ranges, [start, end]) => addRange(ranges, { start, end: Math.min(end, lengthBytes) }),
    [],
  );
}

/** The list, or null when there is none. One that cannot be read or is of another file says that nothing is there. */
async function readPartList(listFile: string, sizeBytes: number): Promise<PartList | null> {
  const text = await readFile(listFile, 'utf8').catch(() => null);
  // An empty one was just made: gaps come after the first words in it.
  if (text === null || text === '') return null;
  const nothing: PartList = { version: 1, sizeBytes, entityTag: null, done: [] };
  try {
    const value = JSON.parse(text) as Partial<PartList> | null;
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
