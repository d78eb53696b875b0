/** Splits GGUF models into several files and merges them, as `llama-gguf-split` does. Tensors are copied byte by byte. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { freeDiskBytes } from '../../base/disk.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { layOutGguf, type GgufLayout } from '../../model-file/gguf-writer.ts';
import { openModel, readRange, type OpenModel, type OpenTensor } from './gguf-files.ts';

/** When a further file begins. */
export type SplitLimit =
  { readonly kind: 'tensors'; readonly count: number } | { readonly kind: 'bytes'; readonly bytes: number };

export interface SplitRequest {
  /** The model, or any file of it. */
  readonly inputPath: string;
  /** Where the files go: `-00001-of-00003.gguf` and so on is added. */
  readonly outputPrefix: string;
  readonly limit: SplitLimit;
  /** The first file has the metadata alone. */
  readonly isFirstWithoutTensors?: boolean;
}

export interface MergeRequest {
  /** Any file of the model. */
  readonly inputPath: string;
  readonly outputPath: string;
}

export interface CopyContext {
  readonly signal: AbortSignal;
  /** `file` is the name of the file that is written. */
  progress(doneBytes: number, totalBytes: number, file: string): void;
}

export interface WrittenFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tensorCount: number;
}

/** Tensor counts of llama.cpp are int32, file counts uint16; names have room for five digits. */
const MAX_FILES = 1000;
const COPY_BYTES = 4 * 1024 * 1024;

interface OutputFile extends WrittenFile {
  /** Its name until all files are complete. */
  readonly unfinishedPath: string;
  readonly layout: GgufLayout;
  readonly tensors: readonly OpenTensor[];
}

/**
 * The files that a split would write, without writing them.
 * @throws AppError `invalid_input` (`too_many_files`), and as `openModel`.
 */
export async function planSplit(request: SplitRequest): Promise<readonly WrittenFile[]> {
  const model = await openModel(request.inputPath);
  try {
    return splitFiles(model, request).map(({ path, sizeBytes, tensorCount }) => ({ path, sizeBytes, tensorCount }));
  } finally {
    await model.close();
  }
}

/**
 * Splits a model. The files get their names when all are complete.
 * @throws AppError as `planSplit`; `invalid_input` (`name_taken`) where one of the files is there, `disk.full` with `neededBytes` and
 * `freeBytes`; the signal's reason. Then nothing is left.
 */
export async function splitModel(request: SplitRequest, context: CopyContext): Promise<readonly WrittenFile[]> {
  const model = await openModel(request.inputPath);
  try {
    return await writeFiles(splitFiles(model, request), context);
  } finally {
    await model.close();
  }
}

/**
 * Merges the files of a model into one, which is the file that was split, byte for byte. A model of one file is copied.
 * @throws as `splitModel`.
 */
export async function mergeModel({ inputPath, outputPath }: MergeRequest, context: CopyContext): Promise<WrittenFile> {
  const model = await openModel(inputPath);
  try {
    const [file] = await writeFiles([outputFile(outputPath, model, model.tensors, [], true)], context);
    if (file === undefined) throw new AppError('internal', 'No file was written.');
    return file;
  } finally {
    await model.close();
  }
}

function splitFiles(
  model: OpenModel,
  { outputPrefix, limit, isFirstWithoutTensors = false }: SplitRequest,
): OutputFile[] {
  const groups: OpenTensor[][] = isFirstWithoutTensors ? [[], []] : [[]];
  let groupBytes = 0;
  for (const [index, tensor] of model.tensors.entries()) {
    const bytes = Math.ceil(tensor.sizeBytes / model.entries.alignment) * model.entries.alignment;
    const isFull = limit.kind === 'bytes' ? groupBytes + bytes > limit.bytes : index > 0 && index % limit.count === 0;
    if (isFull && groupBytes > 0) {
      groups.push([]);
      groupBytes = 0;
    }
    groups.at(-1)?.push(tensor);
    groupBytes += bytes;
  }
  if (groups.length > MAX_FILES)
    throw new AppError('invalid_input', `The model would be split into ${String(groups.length)} files.`, {
      ...{ reason: 'too_many_files', count: groups.length, max: MAX_FILES },
    });
  const digits = (value: number): string => String(value).padStart(5, '0');
  return groups.map((tensors, index) =>
    outputFile(
      `${outputPrefix}-${digits(index + 1)}-of-${digits(groups.length)}.gguf`,
      model,
      tensors,
      [
        { key: 'split.no', type: 'uint16', value: index },
        { key: 'split.tensors.count', type: 'int32', value: model.tensors.length },
        { key: 'split.count', type: 'uint16', value: groups.length },
      ],
      index === 0,
    ),
  );
}

function outputFile(
  at: string,
  model: OpenModel,
  tensors: readonly OpenTensor[],
  entries: readonly GgufEntry[],
  hasMetadata: boolean,
): OutputFile {
  const layout = layOutGguf(entries, tensors, hasMetadata ? model.entries : null);
  const unfinishedPath = unfinishedName(at);
  return { path: at, unfinishedPath, sizeBytes: layout.fileBytes, tensorCount: tensors.length, layout, tensors };
}

async function writeFiles(files: readonly OutputFile[], context: CopyContext): Promise<WrittenFile[]> {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const folder = path.dirname(files[0]?.path ?? '');
  for (const file of files) await assertFree(file.path);
  await mkdir(folder, { recursive: true });
  await removeLeftFiles(folder);
  const freeBytes = await freeDiskBytes(folder);
  if (freeBytes !== null && freeBytes < totalBytes)
    throw new AppError('disk.full', 'There is not enough space on the disk for these files.', {
      neededBytes: totalBytes,
      freeBytes,
    });
  const finished: string[] = [];
  try {
    let before = 0;
    for (const file of files) {
      await writeFile(file, {
        ...context,
        progress: (done) => context.progress(before + done, totalBytes, path.basename(file.path)),
      });
      before += file.sizeBytes;
    }
    for (const file of files) {
      // A file that came there meanwhile is not replaced.
      await assertFree(file.path);
      await rename(file.unfinishedPath, file.path);
      finished.push(file.path);
    }
    await syncFolder(folder);
    return files.map(({ path, sizeBytes, tensorCount }) => ({ path, sizeBytes, tensorCount }));
  } catch (error) {
    for (const at of finished) await rm(at, { force: true });
    throw error;
  } finally {
    for (const { unfinishedPath } of files) await rm(unfinishedPath, { force: true });
  }
}

/** With the process that writes it, so that another one can tell whether it is still written. */
const unfinishedName = (at: string): string => `${at}.${String(process.pid)}-${randomUUID().slice(0, 8)}.unfinished`;

/** Removes what processes left in the folder that were killed while they wrote. */
async function removeLeftFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = /\.gguf\.(\d+)-[0-9a-f]{8}\.unfinished$/.exec(name)?.[1];
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
  const isThere = await stat(at).then(
    () => true,
    () => false,
  );
  const name = shownName(path.basename(at));
  if (isThere)
    throw new AppError('invalid_input', `There is a file called ${name} already.`, { reason: 'name_taken', name });
}

type FileContext = Pick<CopyContext, 'signal'> & { progress(doneBytes: number): void };

async function writeFile(
  { unfinishedPath, layout, tensors }: OutputFile,
  { signal, progress }: FileContext,
): Promise<void> {
  const file = await open(unfinishedPath, 'wx');
  const buffer = new Uint8Array(COPY_BYTES);
  let position = 0;
  async function write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength;)
      done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
    position += bytes.byteLength;
    progress(position);
  }
  try {
    await write(layout.header);
    for (const [index, tensor] of tensors.entries()) {
      const end = tensor.offsetBytes + tensor.sizeBytes;
      for (let from = tensor.offsetBytes; from < end; from += COPY_BYTES) {
        signal.throwIfAborted();
        await write(await readRange(tensor.file, from, Math.min(end, from + COPY_BYTES), buffer));
      }
      await write(new Uint8Array((layout.tensors[index + 1]?.offsetBytes ?? layout.fileBytes) - position));
    }
    signal.throwIfAborted();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes new names last through a power failure. Windows knows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
