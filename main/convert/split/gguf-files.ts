/** The files of a GGUF model, opened to copy their tensors. */
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { GgufHeader, GgufTensor } from '../../model-file/gguf.ts';
import type { KeptEntries } from '../../model-file/gguf-writer.ts';
import { readHeaderThrough } from '../../model-file/disk/header-of-file.ts';
import { parseShard, shardPaths } from '../../model-file/shards.ts';
import { createWholeModel } from '../../model-file/split.ts';
import { noteFiles } from '../unchanged-files.ts';
import { rawEntries } from './raw-entries.ts';

export interface OpenTensor extends GgufTensor {
  readonly file: FileHandle;
}

export interface OpenModel {
  /** In the order of the files and of their tables. */
  readonly tensors: readonly OpenTensor[];
  readonly metadata: GgufHeader['metadata'];
  /** The first file's, without what `llama-gguf-split` writes. */
  readonly entries: KeptEntries;
  readonly fileCount: number;
  /** @throws AppError `model.corrupt` (`reason: 'changed'`) where a file is another than when the model was opened. */
  assertUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a model by any one of its files, whose names tell the others.
 * @throws AppError `model.missing` with `name` where one of the files isn't there, `model.corrupt` where they do not belong together or one
 * is damaged, `model.unsupported`, `disk.denied`.
 */
export async function openModel(anyPath: string): Promise<OpenModel> {
  const paths = shardPaths(anyPath);
  const { assertUnchanged } = await noteFiles([anyPath]);
  const files: FileHandle[] = [];
  const close = async (): Promise<void> => void (await Promise.allSettled(files.map((file) => file.close())));
  try {
    const whole = createWholeModel(paths.length);
    const tensors: OpenTensor[] = [];
    let entries: KeptEntries | null = null;
    for (const [index, at] of paths.entries()) {
      const file = await openShard(at);
      files.push(file);
      const sizeBytes = (await file.stat()).size;
      const header = await readHeaderThrough((start, end) => readRange(file, start, end), sizeBytes);
      whole.add(index, { path: at, header, sizeBytes });
      tensors.push(...header.tensors.map((tensor) => ({ ...tensor, file })));
      entries ??= await readEntries(file, header);
    }
    const { metadata } = whole.whole().first;
    if (entries === null) throw new AppError('internal', 'No file of the model was read.');
    return { tensors, metadata, entries, fileCount: paths.length, assertUnchanged, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openShard(at: string): Promise<FileHandle> {
  try {
    return await open(at, 'r');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const shard = parseShard(at);
    const name = shownName(path.basename(at));
    const of = shard === null ? '' : ` It is file ${String(shard.number)} of ${String(shard.count)} of this model.`;
    throw new AppError('model.missing', `There is no ${name}.${of}`, {
      name,
      ...(shard !== null && { reason: 'shard_missing', shardNumber: shard.number, shardCount: shard.count }),
    });
  }
}

/** The bytes from `start` to `end`. @throws AppError `model.corrupt` where the file ends before. */
export async function readRange(
  file: FileHandle,
  start: number,
  end: number,
  into: Uint8Array = new Uint8Array(end - start),
): Promise<Uint8Array> {
  const bytes = into.subarray(0, end - start);
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesRead } = await file.read(bytes, at, bytes.byteLength - at, start + at);
    if (bytesRead === 0) throw changed();
    at += bytesRead;
  }
  return bytes;
}

const changed = (cause?: unknown): AppError =>
  new AppError(
    'model.corrupt',
    'A file of this model was changed while it was read.',
    { reason: 'changed' },
    { cause },
  );

const isSplitKey = (key: string): boolean => /^split\.(?:no|count|tensors\.count)$/.test(key);

async function readEntries(file: FileHandle, header: GgufHeader): Promise<KeptEntries> {
  try {
    return rawEntries(await readRange(file, 0, header.dataOffsetBytes), header.alignment, isSplitKey);
  } catch (error) {
    throw error instanceof RangeError ? changed(error) : error;
  }
}
