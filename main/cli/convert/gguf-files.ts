/** `hearth split`, `merge`, `export` and `adapter`: GGUF files divided, joined, written as safetensors, and made of LoRA adapters. */
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { parseModelReference } from '../../../preload/contract/model-reference.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { checkoutLayout } from '../../app/layout.ts';
import { formatBytes } from '../../base/format.ts';
import {
  convertAdapter,
  convertMerged,
  discardUnfinished,
  exportSafetensors,
  mergeModel,
  openCheckpoint,
  type OpenCheckpoint,
  outputTypes,
  splitModel,
  syncToDisk,
  type AdapterContext,
  type OutputType,
  type SplitLimit,
} from '../../convert/convert.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { connectHub, hubTokenOf } from '../connect-hub.ts';
import { numberOption, UsageError, type Invocation, type Values } from '../invocation.ts';
import { findModelFile } from '../model-files.ts';
import { outputPath as outputPathOf } from './conversion.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

/** The first file of the model that an argument names. @throws AppError `model.missing`, `invalid_input`. */
async function fileOf(model: string, { environment }: Invocation): Promise<string> {
  const places = { cacheFolder: await cacheFolderOf(environment), layout: checkoutLayout() };
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
  values: Values,
  [inputPath = '', outputPrefix = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const limit = limitOf(values);
  const files = await splitModel(
    { inputPath: await fileOf(inputPath, invocation), outputPrefix, limit },
    { signal: invocation.signal, progress: reporter(invocation, 'Splitting') },
  );
  const lines = files.map(
    (file) => `${file.path}  ${formatBytes(file.sizeBytes)}, ${String(file.tensorCount)} tensors`,
  );
  invocation.output.done({ files }, lines.join('\n'));
}

/** As llama-gguf-split: by size, or by 128 tensors. */
function limitOf(values: Values): SplitLimit {
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
  _values: Values,
  [inputPath = '', outputPath = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const file = await mergeModel(
    { inputPath: await fileOf(inputPath, invocation), outputPath },
    { signal: invocation.signal, progress: reporter(invocation, 'Merging') },
  );
  invocation.output.done(file, `${file.path}  ${formatBytes(file.sizeBytes)}`);
}

/** @throws as `exportSafetensors`. */
export async function runExport(
  _values: Values,
  [model = '', outputFolder = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { files, sizeBytes, tensorCount, missingTokenizer } = await exportSafetensors(
    { inputPath: await fileOf(model, invocation), outputFolder },
    { signal: invocation.signal, progress: reporter(invocation, 'Writing') },
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

/** @throws UsageError for a type that is not known; as `convertAdapter` and `convertMerged`. */
export async function runAdapter(
  values: Values,
  [adapterName = '', baseName = '', outputName = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const outputType = outputTypeOf(values.to);
  const outputPath = outputPathOf({ output: outputName }, outputName);
  const report = reporter(invocation, 'Converting');
  const adapter = await openSide(adapterName, 'adapter', invocation);
  const base = await openSide(baseName, 'base', invocation);
  const context: AdapterContext = {
    sync: (what) => syncToDisk(outputPath, what),
    async nextTurn() {
      await setImmediate();
      invocation.signal.throwIfAborted();
    },
    onPlanned: () => {},
    onProgress({ doneBytes, totalBytes }) {
      invocation.signal.throwIfAborted();
      report(doneBytes, totalBytes);
    },
  };
  const request = { name: adapter.name, outputType, outputPath, verificationBytes: 0 };
  try {
    const convert = values.merge ? convertMerged : convertAdapter;
    const { sizeBytes, tensorCount } = await convert({ base: base.source, adapter: adapter.source }, request, context);
    invocation.output.done(
      { path: outputPath, sizeBytes, tensorCount },
      `${outputPath}  ${formatBytes(sizeBytes)}, ${String(tensorCount)} tensors`,
    );
  } catch (error) {
    // What another process is writing is left alone.
    if (!isAppError(error, 'busy')) await discardUnfinished(outputPath);
    throw error;
  } finally {
    await Promise.all([base.source.close(), adapter.source.close()]);
  }
}

/** The folder or the repository that an argument names. @throws AppError `not_found` with the argument's role, `hub.*`. */
async function openSide(
  text: string,
  role: 'adapter' | 'base',
  { environment, signal }: Invocation,
): Promise<OpenCheckpoint> {
  const hub = connectHub(environment, await cacheFolderOf(environment), hubTokenOf(environment));
  const options = { hub, signal, cost: { requests: 0, bytes: 0 } };
  const isFolder = (await stat(text).catch(() => null))?.isDirectory() === true;
  if (isFolder) return await openCheckpoint({ kind: 'folder', path: text }, options);
  const found = parseModelReference(text, [environment.hubEndpoint]);
  if (found === null || /^[./]/.test(text))
    throw new AppError(
      'not_found',
      `The ${role} "${text}" is no folder and no repository. Write OWNER/NAME or a path.`,
    );
  return await openCheckpoint({ kind: 'hub', repoId: found.repoId, revision: found.revision ?? 'main' }, options);
}

function outputTypeOf(name: string | undefined): OutputType {
  if (name === undefined) return 'F16';
  const found = outputTypes.find((type) => type === name.toUpperCase());
  if (found !== undefined) return found;
  throw new UsageError(`--to takes ${outputTypes.join(', ')}, not "${name}".`);
}
