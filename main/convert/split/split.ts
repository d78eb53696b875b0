/** Splits GGUF models into several files and merges them, as `llama-gguf-split` does. Tensors are copied byte by byte. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { layOutGguf, type GgufLayout } from '../../model-file/gguf-writer.ts';
import { clearVerificationIn } from '../write/verification-entry.ts';
import { openModel, readRange, type OpenModel, type OpenTensor } from './gguf-files.ts';
import { writeTogether, type CopyContext } from './write-together.ts';

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

export interface WrittenFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tensorCount: number;
}

/** Tensor counts of llama.cpp are int32, file counts uint16; names have room for five digits. */
const MAX_FILES = 1000;
const COPY_BYTES = 4 * 1024 * 1024;

interface OutputFile extends WrittenFile {
  readonly layout: GgufLayout;
  readonly tensors: readonly OpenTensor[];
}

/**
 * Splits a model. The files get their names when all are complete. What a verification found is not in them: it tells of the whole file.
 * @throws AppError as `openModel`; `invalid_input` (`too_many_files`; `name_taken` where one of the files is there), `disk.full` with
 * `neededBytes` and `freeBytes`, `model.corrupt` (`changed`) where the model changed meanwhile; the signal's reason. Then nothing is left.
 */
export async function splitModel(request: SplitRequest, context: CopyContext): Promise<readonly WrittenFile[]> {
  const model = await openModel(request.inputPath);
  try {
    return await writeFiles(splitFiles(model, request), model, context);
  } finally {
    await model.close();
  }
}

/**
 * Merges the files of a model into one, which is the file that was split, byte for byte but for what its verification found. A model of one
 * file is copied.
 * @throws as `splitModel`.
 */
export async function mergeModel({ inputPath, outputPath }: MergeRequest, context: CopyContext): Promise<WrittenFile> {
  const model = await openModel(inputPath);
  try {
    const [file] = await writeFiles([outputFile(outputPath, model, model.tensors, [], true)], model, context);
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
  const files = groups.map((tensors, index) =>
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
  for (const { layout } of files) clearVerificationIn(layout.header);
  return files;
}

function outputFile(
  at: string,
  model: OpenModel,
  tensors: readonly OpenTensor[],
  entries: readonly GgufEntry[],
  hasMetadata: boolean,
): OutputFile {
  const layout = layOutGguf(entries, tensors, hasMetadata ? model.entries : null);
  return { path: at, sizeBytes: layout.fileBytes, tensorCount: tensors.length, layout, tensors };
}

async function writeFiles(
  files: readonly OutputFile[],
  { assertUnchanged }: OpenModel,
  context: CopyContext,
): Promise<WrittenFile[]> {
  await writeTogether(
    files.map(({ path, sizeBytes, layout, tensors }) => ({
      ...{ path, sizeBytes },
      fill: (write) => copyTensors(layout, tensors, write),
    })),
    context,
    assertUnchanged,
  );
  return files.map(({ path, sizeBytes, tensorCount }) => ({ path, sizeBytes, tensorCount }));
}

async function copyTensors(
  layout: GgufLayout,
  tensors: readonly OpenTensor[],
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(COPY_BYTES);
  let position = layout.header.byteLength;
  await write(layout.header);
  for (const [index, tensor] of tensors.entries()) {
    const end = tensor.offsetBytes + tensor.sizeBytes;
    for (let from = tensor.offsetBytes; from < end; from += COPY_BYTES)
      await write(await readRange(tensor.file, from, Math.min(end, from + COPY_BYTES), buffer));
    const next = layout.tensors[index + 1]?.offsetBytes ?? layout.fileBytes;
    await write(new Uint8Array(next - position - tensor.sizeBytes));
    position = next;
  }
}
