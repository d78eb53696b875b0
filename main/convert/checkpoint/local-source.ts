/** A folder on this computer as a checkpoint, also a snapshot of the Hub's cache, whose files are links to blobs. */
import type { BigIntStats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { CheckpointSource, SourceFile } from './checkpoint-source.ts';

/** The largest published checkpoints have some 400 files. */
const MAX_FILES = 10_000;
/** Such as `1_Pooling/config.json` of embedding models. */
const MAX_DEPTH = 2;
/** Folders with formats that are not read. */
const skippedFolders = new Set(['.git', '.cache', 'onnx', 'openvino', 'coreml']);

interface FoundFile extends SourceFile {
  readonly facts: BigIntStats;
}

/**
 * Opens the folder, which is read as it is at this moment. Its links are followed to files, not to folders.
 * @throws AppError `not_found` without such a folder, `disk.denied`, `convert.invalid` (`too_many_files`).
 */
export async function openLocalSource(folder: string): Promise<CheckpointSource> {
  const found: FoundFile[] = [];
  await listFiles(folder, '', found);
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const byPath = new Map(found.map((file) => [file.path, file]));
  const handles = new Map<string, Promise<FileHandle>>();

  function fileOf(name: string): FoundFile {
    const file = byPath.get(name);
    if (!file) throw new AppError('not_found', `The checkpoint has no ${shownName(name)}.`);
    return file;
  }

  async function openUnchanged(file: FoundFile): Promise<FileHandle> {
    const handle = await open(path.join(folder, file.path)).catch((error: unknown) => {
      throw readError(error, file.path);
    });
    const facts = await handle.stat({ bigint: true });
    if (isSame(facts, file.facts)) return handle;
    await handle.close();
    throw changed(file.path);
  }

  async function handleOf(file: FoundFile): Promise<FileHandle> {
    const opened = handles.get(file.path) ?? openUnchanged(file);
    handles.set(file.path, opened);
    return await opened;
  }

  return {
    files: found.map(({ path: name, sizeBytes, sha256, modifiedAtMs }) => ({
      path: name,
      sizeBytes,
      sha256,
      modifiedAtMs,
    })),
    commit: null,
    localFolder: folder,
    async read(name, start, end, into) {
      const handle = await handleOf(fileOf(name));
      const length = end - start;
      const bytes = into && into.byteLength >= length ? into.subarray(0, length) : new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, length - done, start + done).catch((error: unknown) => {
          throw readError(error, name);
        });
        if (bytesRead === 0) throw changed(name);
        done += bytesRead;
      }
      return bytes;
    },
    async assertUnchanged(name) {
      const file = fileOf(name);
      // By its path as well: a file that was replaced leaves the open one as it was.
      const facts = await stat(path.join(folder, name), { bigint: true }).catch(() => null);
      if (facts === null || !isSame(facts, file.facts)) throw changed(name);
    },
    async close() {
      const opened = [...handles.values()];
      handles.clear();
      for (const handle of await Promise.allSettled(opened))
        if (handle.status === 'fulfilled') await handle.value.close();
    },
  };
}

async function listFiles(folder: string, below: string, found: FoundFile[]): Promise<void> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) throw new AppError('not_found', 'There is no such folder.');
    throw readError(error, below === '' ? path.basename(folder) : below);
  });
  for (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (name.split('/').length < MAX_DEPTH && !skippedFolders.has(entry.name)) await listFiles(folder, name, found);
      continue;
    }
    // A link that leads nowhere is a file that is missing.
    const facts = await stat(path.join(folder, name), { bigint: true }).catch(() => null);
    if (facts?.isFile() !== true) continue;
    if (found.length === MAX_FILES)
      throw invalidCheckpoint({
        ...{ reason: 'too_many_files', expected: MAX_FILES },
        detail: `The folder has more than ${String(MAX_FILES)} files.`,
      });
    const modifiedAtMs = Number(facts.mtimeMs);
    found.push({ path: name, sizeBytes: Number(facts.size), sha256: null, modifiedAtMs, facts });
  }
}

const isSame = (now: BigIntStats, before: BigIntStats): boolean =>
  now.isFile() && now.size === before.size && now.mtimeNs === before.mtimeNs && now.ino === before.ino;

const changed = (name: string): AppError =>
  invalidCheckpoint({ reason: 'changed', file: name, detail: `${shownName(name)} was changed while it was read.` });

/** What a failed read says: which file, and the system's reason. */
function readError(error: unknown, name: string): AppError {
  const code = systemCode(error);
  if (code === 'ENOENT') return changed(name);
  return new AppError('disk.denied', `${shownName(name)} could not be read (${code || 'unknown'}).`, {
    ...{ reason: 'unreadable', file: shownName(name), detail: code },
  });
}
