/** What a quantization will do, before it does it: the types that the library chooses in a dry run, the exact size, and reasons to refuse. */
import { shownName } from '../../main/base/foreign-text.ts';
import { bytesInType, ggmlTypes } from '../../main/model-file/ggml-types.ts';
import type { GgufHeader } from '../../main/model-file/gguf.ts';
import { readHeaders } from '../../main/model-file/disk/header-of-file.ts';
import { onThread } from '../library/functions.ts';
import type { Llama } from '../library/llama.ts';
import type { StructValue } from '../library/structs.ts';
import type { QuantizedTensor, QuantizePlan, QuantizeSettings } from '../protocol.ts';
import { invalid, libraryError, refused } from './errors.ts';
import type { Imatrix } from './imatrix-file.ts';
import { outputFileBytes } from './output-size.ts';
import { imatrixKeys, prunedLayers } from './parameters.ts';
import { fileTypeNumber, isQuantizedType, requiresImatrix, tensorTypeFromLog } from './types.ts';

export interface QuantizeInput {
  readonly settings: QuantizeSettings;
  readonly imatrix: Imatrix | null;
  readonly parameters: StructValue;
}

/**
 * The tensors of the output in the order in which they are written, and its exact size.
 * @throws AppError `convert.unsupported` or `convert.invalid` for what cannot be quantized in this way, `model.*` for a broken header.
 */
export async function planQuantization(llama: Llama, input: QuantizeInput): Promise<QuantizePlan> {
  const { settings, imatrix } = input;
  const headers = await readHeaders(settings.inputPath);
  const [first] = headers;
  if (first === undefined) throw invalid('library', 'This model has no files.');
  if (first.alignment !== 32)
    throw refused(
      'alignment',
      `The tensors of this file are aligned to ${first.alignment} bytes; llama.cpp quantizes files with 32.`,
    );
  const layers = layersLeft(first, prunedLayers(settings));
  const tensors = await dryRun(llama, input);
  const fileBytes = outputFileBytes(llama, {
    inputPath: settings.inputPath,
    fileType: fileTypeNumber(settings.fileType),
    files: filesOf(tensors, headers, settings, layers),
    overrides: imatrix === null ? [] : imatrixKeys(settings.imatrixPath ?? '', imatrix),
    layers: layers === null ? null : { key: layers.key, count: layers.kept.length },
  });
  checkRequantizing(tensors, settings);
  return {
    tensors,
    fileBytes,
    sizeBytes: fileBytes.reduce((sum, size) => sum + size, 0),
    needsImatrix: checkImatrix(tensors, settings, imatrix, layers),
  };
}

interface LayersLeft {
  readonly key: string;
  /** The numbers in the input of the layers that stay. */
  readonly kept: readonly number[];
}

/** Null where no layer is left out. @throws AppError `convert.unsupported` (`reason: 'prune_layers'`). */
function layersLeft(header: GgufHeader, pruned: readonly number[]): LayersLeft | null {
  if (pruned.length === 0) return null;
  const architecture = header.metadata.get('general.architecture');
  const prefix = `${typeof architecture === 'string' ? architecture : ''}.`;
  const key = `${prefix}block_count`;
  const count = header.metadata.get(key);
  if (typeof count !== 'number' || count > 100_000)
    throw refused('prune_layers', 'This model does not say how many layers it has.');
  const beyond = pruned.find((layer) => layer >= count);
  if (beyond !== undefined)
    throw refused('prune_layers', `There is no layer ${beyond}: the model has the layers 0 to ${count - 1}.`, {
      layer: beyond,
      layerCount: count,
    });
  if (pruned.length >= count) throw refused('prune_layers', 'At least one layer must stay.', { layerCount: count });
  for (const [name, value] of header.metadata)
    if (name.startsWith(prefix) && typeof value === 'object')
      throw refused(
        'prune_layers',
        `Layers cannot be left out of this model, because it has a value for each layer in ${shownName(name)}.`,
        { key: shownName(name) },
      );
  const leftOut = new Set(pruned);
  return { key, kept: Array.from({ length: count }, (_, layer) => layer).filter((layer) => !leftOut.has(layer)) };
}

/** `[   2/  47] token_embd.weight - [    64,   512,     1,     1], type =    f32, ` */
const tensorLine = /^\[ *\d+\/ *\d+\] (.+?) +- \[([\d, ]+)\], type = +(\S+), $/;
/** `size =     0.12 MiB ->     0.03 MiB (q8_0)`, or without the arrow for a tensor that stays. */
const sizeLine = /^size = +[\d.]+ MiB(?: -> +[\d.]+ MiB \((\S+)\))?\n$/;

/** The types that the library chooses: it logs them. */
async function dryRun(llama: Llama, { settings, parameters }: QuantizeInput): Promise<QuantizedTensor[]> {
  const tensors: QuantizedTensor[] = [];
  let current: Pick<QuantizedTensor, 'name' | 'shape' | 'fromType'> | null = null;
  const failures: unknown[] = [];
  llama.log.clearErrors();
  llama.log.listen((text) => {
    try {
      const tensor = tensorLine.exec(text);
      const size = sizeLine.exec(text);
      if (tensor) {
        const [, name = '', sizes = '', type = ''] = tensor;
        current = { name, shape: sizes.split(',').map(Number), fromType: tensorTypeFromLog(type) };
      } else if (size && current !== null) {
        const toType = size[1] === undefined ? current.fromType : tensorTypeFromLog(size[1]);
        tensors.push({ ...current, toType, sizeBytes: tensorBytes(current.shape, toType) });
        current = null;
      }
    } catch (error) {
      failures.push(error);
    }
  });
  try {
    const failed = await onThread(llama.quantize, settings.inputPath, '', { ...parameters, dry_run: true });
    if (failed !== 0) throw libraryError(llama.log.errors());
  } finally {
    llama.log.listen(null);
  }
  if (failures.length > 0) throw failures[0];
  if (tensors.length === 0) throw invalid('library', 'llama.cpp found no tensors in this model.');
  return tensors;
}

function tensorBytes(shape: readonly number[], type: string): number {
  for (const one of ggmlTypes.values()) if (one.name === type) return bytesInType(shape, one);
  throw refused('tensor_type', `There is no tensor type ${type}.`);
}

/** The tensors by the file of the output that gets them. */
function filesOf(
  tensors: readonly QuantizedTensor[],
  headers: readonly GgufHeader[],
  settings: QuantizeSettings,
  layers: LayersLeft | null,
): QuantizedTensor[][] {
  if (settings.keepSplit !== true || headers.length < 2) return [[...tensors]];
  const fileOf = new Map(headers.flatMap((header, index) => header.tensors.map(({ name }) => [name, index] as const)));
  const files = headers.map((): QuantizedTensor[] => []);
  for (const tensor of tensors) files[fileOf.get(inputName(tensor.name, layers)) ?? 0]?.push(tensor);
  return files;
}

/** The name in the input of a tensor of the output. */
function inputName(name: string, layers: LayersLeft | null): string {
  if (layers === null) return name;
  return name.replace(/blk\.(\d+)\./, (_all, layer: string) => `blk.${layers.kept[Number(layer)] ?? -1}.`);
}

function checkRequantizing(tensors: readonly QuantizedTensor[], settings: QuantizeSettings): void {
  if (settings.allowRequantize === true) return;
  const again = tensors.find(({ fromType, toType }) => isQuantizedType(fromType) && fromType !== toType);
  if (again === undefined) return;
  throw refused(
    'requantize',
    `This model is quantized already: ${shownName(again.name)} is ${again.fromType}. Quantizing it again to ${settings.fileType} loses more than quantizing the original once. Take the original in F32, F16 or BF16, or ask for it explicitly.`,
    { tensor: shownName(again.name), from: again.fromType, to: again.toType },
  );
}

/** The first tensor that needs importances and has none. @throws AppError for a matrix of another model. */
function checkImatrix(
  tensors: readonly QuantizedTensor[],
  settings: QuantizeSettings,
  imatrix: Imatrix | null,
  layers: LayersLeft | null,
): string | null {
  let matches = 0;
  let lacking: string | null = null;
  for (const { name, shape, fromType, toType } of tensors) {
    if (fromType === toType) continue;
    const found = imatrix?.importances.get(inputName(name, layers));
    if (found === undefined) {
      if (requiresImatrix(name, toType, settings.fileType)) lacking ??= name;
      continue;
    }
    matches++;
    const expected = (shape[0] ?? 1) * (shape[2] ?? 1);
    if (found.length !== expected && name !== 'token_embd.weight' && name !== 'per_layer_token_embd.weight')
      throw invalid(
        'imatrix_mismatch',
        `The importance matrix belongs to another model: it has ${found.length} values for ${shownName(name)}, which needs ${expected}.`,
        { tensor: shownName(name), expected, found: found.length },
      );
  }
  if (imatrix !== null && matches === 0)
    throw invalid('imatrix_mismatch', 'The importance matrix belongs to another model: it has none of the tensors.');
  return lacking;
}
