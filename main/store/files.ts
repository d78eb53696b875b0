/**
 * The files that messages refer to, by the sha256 of their bytes: `<folder>/<first two digits>/<sha256>`. Each is stored once, and deleted
 * with the last part that refers to it. A stored file without a message (it is still being written) is held for whoever stored it, until
 * that message gives the hold back or this process ends. The next start deletes files that a killed process left.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, open as openOnDisk, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../preload/wire/errors.ts';
import { countFileNames } from './messages.ts';
import { storeError } from './store-error.ts';
import type { Store } from './store.ts';

export interface FilesOptions {
  readonly store: Store;
  readonly folder: string;
  /** Opens a file for writing, and a folder (`r`) to sync it. Default: the system's. */
  readonly open?: (path: string, flags: 'wx' | 'r', mode?: number) => Promise<WritableFile>;
}

/** The methods of an open file that are used here. */
export interface WritableFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface StoredFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Keeps the file until it is given back: a token of this one call of `putFile`. */
  readonly hold: string;
}

export interface Files {
  /**
   * Stores the bytes as a file. It gets its name only when it is complete and synced. It is held until its hold is
   * given back, also while other messages that refer to it come and go. After an error nothing is left of the file.
   * @throws AppError `invalid_input` (more than `maxBytes`, another hash than `sha256`), `disk.full`, `disk.denied`, `cancelled`;
   * and what `bytes` throws.
   */
  putFile(
    bytes: AsyncIterable<Uint8Array>,
    limits: { readonly maxBytes: number; readonly sha256?: string; readonly signal?: AbortSignal },
  ): Promise<StoredFile>;
  /** @throws AppError `not_found`. */
  openFile(sha256: string): { readonly sizeBytes: number; readonly stream: Readable };
  /** Null when there is no such file. */
  sizeOf(sha256: string): number | null;
  /** The path of a file, whether it exists or not. @throws AppError `invalid_input` for an invalid sha256. */
  pathOf(sha256: string): string;
  /** Gives holds back, because a stored message refers to their files now. Unknown ones are ignored. */
  settle(holds: Iterable<string>): void;
  /** Deletes those of the files that no message refers to. Never throws: the next start tries again. */
  deleteUnnamed(sha256s: Iterable<string>): void;
  /** Deletes incomplete files, and every file that no message refers to unless `keepUnnamed`. */
  sweep(options?: { readonly keepUnnamed?: boolean }): Promise<void>;
}

const INCOMING = 'incoming';

/** The files below `folder`, which is created with the first file. */
export function createFiles({ store, folder, open = openOnDisk }: FilesOptions): Files {
  /** The file that each hold keeps. */
  const holds = new Map<string, string>();
  const arriving = new Set<string>();

  function pathOf(sha256: string): string {
    if (!isSha256(sha256)) throw new AppError('invalid_input', 'This is not the name of a file.', { field: 'sha256' });
    return path.join(folder, sha256.slice(0, 2), sha256);
  }

  function sizeOf(sha256: string): number | null {
    const file = pathOf(sha256);
    try {
      return statSync(file, { throwIfNoEntry: false })?.size ?? null;
    } catch (error) {
      throw storeError(error);
    }
  }

  /** Synchronous, so that a deletion finds the file either held or not there yet. */
  function publish(incoming: string, sha256: string): string {
    const target = pathOf(sha256);
    if (sizeOf(sha256) !== null) rmSync(incoming, { force: true });
    else {
      mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
      renameSync(incoming, target);
    }
    const hold = randomUUID();
    holds.set(hold, sha256);
    return hold;
  }

  function deleteUnnamed(sha256s: Iterable<string>): void {
    const held = new Set(holds.values());
    for (const sha256 of sha256s) {
      try {
        if (!held.has(sha256) && countFileNames(store, sha256) === 0) rmSync(pathOf(sha256), { force: true });
      } catch {
        // In use by another program, or the database is closed: the next start sweeps.
      }
    }
  }

  return {
    async putFile(bytes, { maxBytes, sha256: expected, signal }) {
      const incoming = path.join(folder, INCOMING, randomUUID());
      arriving.add(incoming);
      try {
        if (signal?.aborted) throw new AppError('cancelled', 'Cancelled.');
        await mkdir(path.dirname(incoming), { recursive: true, mode: 0o700 });
        const { sha256, sizeBytes } = await write(await open(incoming, 'wx', 0o600), bytes, maxBytes, signal);
        if (expected !== undefined && sha256 !== expected)
          throw new AppError('invalid_input', 'The file did not arrive as it was sent. Try again.', {
            field: 'sha256',
          });
        const hold = publish(incoming, sha256);
        await syncFolder(open, path.dirname(pathOf(sha256)));
        return { sha256, sizeBytes, hold };
      } catch (error) {
        rmSync(incoming, { force: true });
        throw storeError(error);
      } finally {
        arriving.delete(incoming);
      }
    },

    openFile(sha256) {
      const sizeBytes = sizeOf(sha256);
      if (sizeBytes === null) throw new AppError('not_found', 'This file is no longer here.');
      return { sizeBytes, stream: createReadStream(pathOf(sha256)) };
    },

    sizeOf,
    pathOf,

    settle(given) {
      for (const hold of given) holds.delete(hold);
    },

    deleteUnnamed,

    async sweep({ keepUnnamed = false } = {}) {
      const namesIn = (inside: string): Promise<string[]> => readdir(path.join(folder, inside)).catch(() => []);
      for (const prefix of await namesIn('.')) {
        if (prefix === INCOMING) {
          for (const name of await namesIn(prefix)) {
            const file = path.join(folder, prefix, name);
            if (arriving.has(file)) continue;
            // A folder is not Hearth's.
            await rm(file, { force: true }).catch(() => {});
          }
        } else if (!keepUnnamed && /^[0-9a-f]{2}$/.test(prefix))
          deleteUnnamed((await namesIn(prefix)).filter(isSha256));
      }
    },
  };
}

function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Writes, hashes and syncs all bytes, and closes `file`. */
async function write(
  file: WritableFile,
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Omit<StoredFile, 'hold'>> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const chunk of abortable(bytes, signal)) {
      if (sizeBytes + chunk.byteLength > maxBytes)
        throw new AppError('invalid_input', 'The file is too large.', { field: 'bytes', maxBytes });
      hash.update(chunk);
      for (let done = 0; done < chunk.byteLength;)
        done += (await file.write(chunk, done, chunk.byteLength - done, sizeBytes + done)).bytesWritten;
      sizeBytes += chunk.byteLength;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/**
 * Passes on `bytes` until `signal` aborts. Then it throws at once, even while a chunk is awaited, and ends the source.
 * @throws AppError `cancelled`.
 */
async function* abortable(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (signal === undefined) {
    yield* bytes;
    return;
  }
  const iterator = bytes[Symbol.asyncIterator]();
  let abort = (): void => {};
  const onAbort = (): void => abort();
  signal.addEventListener('abort', onAbort);
  let isWaiting = false;
  let isDone = false;
  try {
    while (!isDone) {
      isWaiting = true;
      const result = await new Promise<IteratorResult<Uint8Array, unknown>>((resolve, reject) => {
        abort = () => reject(new AppError('cancelled', 'Cancelled.'));
        if (signal.aborted) abort();
        else iterator.next().then(resolve, reject);
      });
      isWaiting = false;
      if (result.done === true) isDone = true;
      else yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!isDone) {
      // A stream's iterator answers only after the chunk that is awaited; the stream itself can be ended before.
      if (bytes instanceof Readable) bytes.destroy();
      const returned = iterator.return?.()?.catch(() => {});
      if (!isWaiting) await returned;
    }
  }
}

/** Syncs a folder, so that a new name in it survives a power cut. Windows cannot open folders, and does not need to. */
async function syncFolder(open: NonNullable<FilesOptions['open']>, folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  try {
    await handle?.sync();
  } catch {
    // A file system that cannot: the file is there, and only a power cut now could take its name.
  } finally {
    await handle?.close();
  }
}
