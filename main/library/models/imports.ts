/** Models that the user imports: chosen files, which stay in place, and dropped files, which are copied into Hearth's own folder. */
import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, readdir, realpath, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { HeaderNote } from '../../../preload/contract/model.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { diskErrorCode } from '../../../preload/wire/disk-error.ts';
import { moveToFree } from '../../base/disk.ts';
import { assertSafePath } from '../../hub/hub.ts';
import type { AuxiliarySummary, ModelSummary } from '../../model-file/model-summary.ts';
import { parseShard, shardPaths } from '../../model-file/shards.ts';
import { deleteImportedFiles, readImportedFiles, writeImportedFile } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import { summarizeFile, type ModelFile } from './model-files.ts';
import { beginsAsGguf } from '../small-files.ts';

export interface ImportsOptions {
  readonly store: Store;
  /** The folder for dropped files, used by nothing else. */
  readonly folder: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The shell's file dialog, or null. Resolves with null when the user closed it. */
  readonly pickFiles: (() => Promise<readonly string[] | null>) | null;
  /** Runs work later, unless it is undone. `name` is the deleted thing, for people. */
  readonly later: (name: string, work: () => Promise<void>) => { readonly token: string; readonly undoMs: number };
  readonly isPending: (token: string) => boolean;
  readonly now?: () => number;
  /** Opens a new file for writing. Default: the system's. */
  readonly openFile?: (file: string, flags: 'wx') => Promise<WritableFile>;
}

type WritableFile = Pick<FileHandle, 'write' | 'datasync' | 'close'>;

export interface Imports {
  /** The imported files, without those that are being removed. */
  list(): readonly { readonly modelId: string; readonly path: string }[];
  /**
   * Lets the user choose GGUF files and adds them to the list in place. The ids are those of the files, of which several may be one model.
   * Null when the dialog was closed. Throws unsupported, model.corrupt.
   */
  pickFiles(): Promise<{ modelIds: readonly string[] } | null>;
  /**
   * Writes a dropped file into Hearth's folder: complete and with a readable header, or not at all. Throws hub.unsafe_name, invalid_input
   * (not GGUF, another length than `sizeBytes`), disk.full, disk.denied, model.corrupt,
   * model.unsupported. The id is that of the file, which may be part of a model.
   */
  importStream(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ modelId: string; notes: readonly HeaderNote[] }>;
  /** Removes a model from the list and deletes its files in Hearth's folder, when its undo time is over. */
  remove(file: ModelFile, before: () => Promise<void>): { token: string; undoMs: number; freedBytes: number };
}

const PREFIX = 'imported/files';
const PARTIAL = '.hearth.partial';
/** Limit for the size of an import. No published model is as large. */
const MAX_BYTES = 4e12;
/** Bytes that an import leaves free on the disk. */
const SPARE_BYTES = 200_000_000;

/** The imports, over the table `imported_files` and the folder. Partial files of interrupted imports are deleted first. */
export function createImports(options: ImportsOptions): Imports {
  const { store, folder, openFile = open } = options;
  const now = options.now ?? Date.now;
  const leaving = new Map<string, string>();
  try {
    // Only this process uses the data folder, so no such file is in use.
    for (const name of readdirSync(folder)) if (name.endsWith(PARTIAL)) rmSync(join(folder, name), { force: true });
  } catch {
    // Nothing was ever imported.
  }

  const idOf = (name: string): string => `${PREFIX}/${name}`;
  /** The rows, with the paths of the files now. Those of Hearth's own folder are stored by name, because the folder may move. */
  const stored = () =>
    readImportedFiles(store).map((row) => ({ ...row, path: isAbsolute(row.path) ? row.path : join(folder, row.path) }));
  const list = (): { modelId: string; path: string }[] =>
    stored()
      .filter(({ modelId }) => !options.isPending(leaving.get(modelId) ?? ''))
      .map(({ modelId, path }) => ({ modelId, path }));
  const toStore = (path: string): string => (isOwn(path) ? basename(path) : path);

  /** Stores a file and returns its id: the one that it has, or a free one. */
  function keep(path: string, name: string): string {
    const known = stored();
    const place = placeOf(path);
    const same = known.find((one) => placeOf(one.path) === place);
    if (same) return same.modelId;
    const taken = new Set(known.map(({ modelId }) => modelId));
    const modelId = numbered(name)
      .map(idOf)
      .find((id) => !taken.has(id));
    if (modelId === undefined)
      throw new AppError('invalid_input', `There are too many files called ${name}.`, { reason: 'name_taken' });
    writeImportedFile(store, modelId, toStore(path), now());
    return modelId;
  }

  /** Lists the files of the folder that a process named but was ended before it listed them. They are complete. */
  function keepUnlisted(): void {
    for (const name of ownNames()) keep(join(folder, name), name);
  }

  /**
   * Stores the files of the folder by their names, which earlier versions stored by their paths. Of two entries for one file, which these
   * made when the folder was reached by another path, the older one stays.
   */
  function nameOwnFiles(): void {
    const seen = new Set<string>();
    for (const { modelId, path, addedAt } of readImportedFiles(store)) {
      const name = toStore(path);
      if (isAbsolute(name)) continue;
      if (seen.has(name)) deleteImportedFiles(store, [modelId]);
      else if (path !== name) writeImportedFile(store, modelId, name, addedAt);
      seen.add(name);
    }
  }

  function ownNames(): string[] {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.gguf$/i.test(entry.name))
      .map((entry) => entry.name);
  }

  /** Whether the file lies in Hearth's own folder, by whatever path. */
  function isOwn(path: string): boolean {
    return !isAbsolute(path) || placeOf(join(folder, basename(path))) === placeOf(path);
  }

  try {
    nameOwnFiles();
    keepUnlisted();
  } catch {
    // Nothing was ever imported, or the database takes no more: the next start tries again.
  }

  return {
    list,

    async pickFiles() {
      if (!options.pickFiles)
        throw new AppError(
          'unsupported',
          'Only the desktop window has a file dialog. Drop the file on the window, or add its folder.',
          { reason: 'desktop_only' },
        );
      const picked = await options.pickFiles();
      if (picked === null) return null;
      const modelIds = new Set<string>();
      for (const file of picked) {
        if (!(await beginsAsGguf(file)))
          throw new AppError('model.corrupt', `${shown(basename(file))} is not a GGUF file.`, { reason: 'not_gguf' });
        for (const path of await withOtherShards(file)) {
          const name = cleanName(basename(path));
          const modelId = keep(await realpath(path), name);
          leaving.delete(modelId);
          modelIds.add(modelId);
        }
      }
      return { modelIds: [...modelIds] };
    },

    async importStream(name, bytes, sizeBytes, signal) {
      assertSafePath(name);
      if (name.includes('/') || !/\.gguf$/i.test(name))
        throw new AppError('invalid_input', 'Only GGUF files can be imported.', { reason: 'not_gguf' });
      if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 24 || sizeBytes > MAX_BYTES)
        throw new AppError('invalid_input', 'The size of the file is missing or invalid.', {
          reason: 'size_unknown',
        });
      try {
        await mkdir(folder, { recursive: true });
      } catch (error) {
        throw importError(error);
      }
      const freeBytes = await options.freeDiskBytes(folder);
      if (freeBytes !== null && freeBytes < sizeBytes + SPARE_BYTES)
        throw new AppError('disk.full', 'There is not enough space on the disk for this file.', {
          neededBytes: sizeBytes,
          freeBytes,
        });
      const partial = join(folder, `${randomUUID()}${PARTIAL}`);
      try {
        const { notes = [] } = await write(partial, await openFile(partial, 'wx'), bytes, sizeBytes, signal);
        const path = await giveName(folder, partial, name);
        try {
          return { modelId: keep(path, basename(path)), notes };
        } catch (error) {
          await rm(path, { force: true });
          throw error;
        }
      } catch (error) {
        throw importError(error);
      } finally {
        await rm(partial, { force: true });
      }
    },

    remove(file, before) {
      const ids = file.shards.map((shard) => `${shard.repoId}/${shard.path}`);
      const own = file.shards.filter((shard) => isOwn(shard.openPath));
      const { token, undoMs } = options.later(file.path, async () => {
        await before();
        for (const shard of own) await rm(shard.openPath, { force: true });
        deleteImportedFiles(store, ids);
      });
      for (const modelId of ids) leaving.set(modelId, token);
      return { token, undoMs, freedBytes: own.reduce((sum, shard) => sum + shard.sizeBytes, 0) };
    },
  };
}

/** The same for each path that leads to the file: its name, and what the system numbers its folder. A missing folder's is the path. */
function placeOf(path: string): string {
  try {
    const { dev, ino } = statSync(dirname(path), { bigint: true });
    return `${dev}:${ino}/${basename(path)}`;
  } catch {
    return path;
  }
}

/** The AppError for a disk that is full or not writable; any other error unchanged. */
function importError(error: unknown): unknown {
  switch (diskErrorCode(error)) {
    case 'disk.full':
      return new AppError('disk.full', 'The disk is full. Nothing of the file was kept.', {}, { cause: error });
    case 'disk.denied':
      return new AppError(
        'disk.denied',
        'Hearth cannot write in its data folder.',
        { reason: 'data_folder' },
        { cause: error },
      );
    default:
      return error;
  }
}

/** Writes exactly `sizeBytes` and reads the header back. */
async function write(
  partial: string,
  handle: WritableFile,
  bytes: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Pick<ModelSummary | AuxiliarySummary, 'notes'>> {
  let at = 0;
  try {
    let start = Buffer.alloc(0);
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      if (start.length < 4) {
        start = Buffer.concat([start, chunk.subarray(0, 4)]);
        if (!'GGUF'.startsWith(start.toString('latin1', 0, 4)))
          throw new AppError('invalid_input', 'This is not a GGUF file.', { reason: 'not_gguf' });
      }
      if (at + chunk.byteLength > sizeBytes)
        throw new AppError('invalid_input', 'The file is longer than its announced size.', { reason: 'size_differs' });
      for (let done = 0; done < chunk.byteLength;)
        done += (await handle.write(chunk, done, chunk.byteLength - done, at + done)).bytesWritten;
      at += chunk.byteLength;
    }
    signal.throwIfAborted();
    if (at !== sizeBytes)
      throw new AppError('invalid_input', 'The file did not arrive whole. Try again.', { reason: 'incomplete' });
    await handle.datasync();
  } finally {
    await handle.close();
  }
  const entry = { repoId: PREFIX, commit: '', path: 'x.gguf', openPath: partial, sizeBytes, modifiedAtMs: 0 };
  try {
    return await summarizeFile({ ...entry, shards: [entry], missingShards: 0 });
  } catch (error) {
    // One shard of several: the list tells which are missing.
    if (isAppError(error, 'model.corrupt') && error.data['reason'] === 'shard_alone') return {};
    throw error;
  }
}

/** Renames the partial file to a free name. Never replaces another file. */
async function giveName(folder: string, partial: string, name: string): Promise<string> {
  const there = new Set((await readdir(folder)).map((one) => one.toLowerCase()));
  // A shard keeps its name, because the name links it to its model.
  const names = parseShard(name) ? [name] : numbered(name);
  for (const free of names) {
    if (there.has(free.toLowerCase())) continue;
    const path = join(folder, free);
    if (await moveToFree(partial, path)) return path;
  }
  throw new AppError('invalid_input', `There is a file called ${shown(name)} already. Delete it first.`, {
    reason: 'name_taken',
  });
}

/** `a.gguf`, `a-2.gguf`, `a-3.gguf` and so on. */
function numbered(name: string): string[] {
  const stem = name.replace(/\.gguf$/i, '');
  return [name, ...Array.from({ length: 98 }, (_, index) => `${stem}-${index + 2}.gguf`)];
}

/** The file, and the other shards beside it when it is one of several. */
async function withOtherShards(file: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of shardPaths(basename(file))) {
    const path = join(dirname(file), name);
    if ((await stat(path).catch(() => null))?.isFile()) found.push(path);
  }
  return found.length > 0 ? found : [file];
}

/** A name with only the characters that an id may have. */
function cleanName(name: string): string {
  return name
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f\\/]/g, '_')
    .slice(-200);
}

function shown(name: string): string {
  return name.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?');
}
