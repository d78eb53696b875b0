/** `hearth split`, `merge` and `export`: GGUF files divided, joined, and written as safetensors. */
import path from 'node:path';
import { checkoutLayout } from '../../app/layout.ts';
import { formatBytes } from '../../base/format.ts';
import { exportSafetensors, mergeModel, splitModel, type SplitLimit } from '../../convert/convert.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { numberOption, UsageError, type Invocation, type Values } from '../invocation.ts';
import { findModelFile } from '../model-files.ts';
import { withHints } from './hints.ts';
import { sweepFolder } from './work-folder.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

/** The first file of the model that an argument names. @throws AppError `model.missing`, `invalid_input`. */
async function fileOf(model: string, { environment }: Invocation): Promise<string> {
  const places = { cacheFolder: await cacheFolderOf(environment), layout: checkoutLayout(), environment };
  return (await findModelFile(model, places)).openPath;
}

type Report = (doneBytes: number, totalBytes: number) => void;

function reporter({ output }: Invocation, phase: string): Report {
  let lastMs = 0;
  return (doneBytes, totalBytes) => {
    if (performance.now() - lastMs < PROGRESS_EVERY_MS && doneBytes < totalBytes) return;
    lastMs = performance.now();
    output.progress({ phase, doneBytes, totalBytes });
  };
}

/** @throws UsageError for limits that make no sense; as `splitModel`. */
export async function runSplit(
  values: Values<'split'>,
  [inputPath = '', outputPrefix = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const limit = limitOf(values);
  await sweepFolder(path.dirname(outputPrefix));
  const input = await fileOf(inputPath, invocation);
  const files = await withHints(() =>
    splitModel(
      { inputPath: input, outputPrefix, limit },
      { signal: invocation.signal, progress: reporter(invocation, 'splitting') },
    ),
  );
  const lines = files.map(
    (file) => `${file.path}  ${formatBytes(file.sizeBytes)}, ${String(file.tensorCount)} tensors`,
  );
  invocation.output.done({ files }, lines.join('\n'));
}

/** As llama-gguf-split: by size, or by 128 tensors. */
function limitOf(values: Values<'split'>): SplitLimit {
  const count = numberOption(values, 'max-tensors');
  const size = values['max-size'];
  if (count !== undefined && size !== undefined)
    throw new UsageError('--max-size and --max-tensors exclude each other.');
  if (size !== undefined) return { kind: 'bytes', bytes: bytesOf(size) };
  if (count !== undefined && (!Number.isInteger(count) || count < 1))
    throw new UsageError('--max-tensors takes a whole number above 0.');
  return { kind: 'tensors', count: count ?? 128 };
}

/** `500M` or `4G`, in powers of 1000. */
function bytesOf(size: string): number {
  const [, digits, unit] = /^(\d{1,9})([MG])$/.exec(size) ?? [];
  const bytes = Number(digits) * (unit === 'G' ? 1e9 : 1e6);
  if (bytes > 0) return bytes;
  throw new UsageError(`--max-size takes a size such as 500M or 4G, not "${size}".`);
}

/** @throws as `mergeModel`. */
export async function runMerge(
  _values: Values<'merge'>,
  [inputPath = '', outputPath = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  await sweepFolder(path.dirname(outputPath));
  const input = await fileOf(inputPath, invocation);
  const file = await withHints(() =>
    mergeModel(
      { inputPath: input, outputPath },
      { signal: invocation.signal, progress: reporter(invocation, 'merging') },
    ),
  );
  invocation.output.done(file, `${file.path}  ${formatBytes(file.sizeBytes)}`);
}

/** @throws as `exportSafetensors`. */
export async function runExport(
  _values: Values<'export'>,
  [model = '', outputFolder = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  for (const folder of [path.dirname(outputFolder), outputFolder]) await sweepFolder(folder);
  const input = await fileOf(model, invocation);
  const { files, sizeBytes, tensorCount, missingTokenizer } = await withHints(() =>
    exportSafetensors(
      { inputPath: input, outputFolder },
      { signal: invocation.signal, progress: reporter(invocation, 'writing') },
    ),
  );
  if (missingTokenizer !== null)
    invocation.output.warning(
      `There is no tokenizer in it. ${missingTokenizer} Take tokenizer.json and tokenizer_config.json from the model's repository.`,
    );
  invocation.output.done(
    { folder: outputFolder, files, sizeBytes, tensorCount, missingTokenizer },
    `${outputFolder}  ${files.join(', ')}, ${formatBytes(sizeBytes)}`,
  );
}
