/** The settings of a quantization as the structs of llama.h. */
import path from 'node:path';
import type { Arena } from '../library/memory.ts';
import type { Pointer } from '../library/functions.ts';
import type { Llama } from '../library/llama.ts';
import type { StructValue } from '../library/structs.ts';
import type { QuantizeSettings } from '../protocol.ts';
import type { Imatrix } from './imatrix-file.ts';
import { tensorPattern } from './tensor-pattern.ts';
import { fileTypeNumber, tensorTypeNumber } from './types.ts';

/** Limit for the rows of one tensor that are held at once. The result is the same for any. */
const BUFFER_BYTES = 2 ** 30;

/** struct llama_model_kv_override: a tag, a key of 128 bytes, and after padding a value of 128 bytes. */
const override = {
  sizeBytes: 264,
  keyAt: 4,
  valueAt: 136,
  keyBytes: 128,
  valueBytes: 128,
  integer: 0,
  text: 3,
} as const;
/** struct llama_model_imatrix_data: name, values, number of values. */
const IMATRIX_BYTES = 24;
/** struct llama_model_tensor_override: pattern, type, padding. */
const TENSOR_OVERRIDE_BYTES = 16;

/**
 * A struct llama_model_quantize_params whose arrays live in `arena`.
 * @throws AppError `convert.unsupported` for an unknown type or a wrong pattern.
 */
export function quantizeParameters(
  llama: Llama,
  settings: QuantizeSettings,
  imatrix: Imatrix | null,
  arena: Arena,
): StructValue {
  const parameters = llama.structs.quantizeParams.defaults();
  parameters['nthread'] = settings.threads;
  parameters['ftype'] = fileTypeNumber(settings.fileType);
  parameters['pure'] = settings.pure === true;
  parameters['quantize_output_tensor'] = settings.keepOutputTensor !== true;
  parameters['keep_split'] = settings.keepSplit === true;
  parameters['allow_requantize'] = settings.allowRequantize === true;
  parameters['max_buf_size'] = BUFFER_BYTES;
  const { outputTensorType = null, embeddingTensorType = null } = settings;
  if (outputTensorType !== null) parameters['output_tensor_type'] = tensorTypeNumber(outputTensorType);
  if (embeddingTensorType !== null) parameters['token_embedding_type'] = tensorTypeNumber(embeddingTensorType);
  if (settings.tensorTypes !== undefined && settings.tensorTypes.length > 0)
    parameters['tt_overrides'] = tensorTypeArray(settings.tensorTypes, arena);
  const pruned = prunedLayers(settings);
  if (pruned.length > 0) parameters['prune_layers'] = arena.copy(bytesOf(Int32Array.of(...pruned, -1)));
  if (imatrix !== null) {
    parameters['imatrix'] = imatrixArray(imatrix, arena);
    parameters['kv_overrides'] = overrideArray(imatrixKeys(settings.imatrixPath ?? '', imatrix), arena);
  }
  return parameters;
}

/** The layers to leave out in their order, each once, as the library expects them. */
export const prunedLayers = ({ pruneLayers = [] }: QuantizeSettings): readonly number[] =>
  [...new Set(pruneLayers)].sort((a, b) => a - b);

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const writePointer = (bytes: Buffer, pointer: Pointer, at: number): number => bytes.writeBigUInt64LE(pointer ?? 0n, at);

function tensorTypeArray(types: NonNullable<QuantizeSettings['tensorTypes']>, arena: Arena): Pointer {
  // The last one has no pattern.
  const bytes = Buffer.alloc((types.length + 1) * TENSOR_OVERRIDE_BYTES);
  for (const [index, { pattern, type }] of types.entries()) {
    writePointer(bytes, arena.text(tensorPattern(pattern)), index * TENSOR_OVERRIDE_BYTES);
    bytes.writeInt32LE(tensorTypeNumber(type), index * TENSOR_OVERRIDE_BYTES + 8);
  }
  return arena.copy(bytes);
}

function imatrixArray({ importances }: Imatrix, arena: Arena): Pointer {
  const bytes = Buffer.alloc((importances.size + 1) * IMATRIX_BYTES);
  let at = 0;
  for (const [name, values] of importances) {
    writePointer(bytes, arena.text(name), at);
    writePointer(bytes, arena.copy(bytesOf(values)), at + 8);
    bytes.writeBigUInt64LE(BigInt(values.length), at + 16);
    at += IMATRIX_BYTES;
  }
  return arena.copy(bytes);
}

export type Override = readonly [key: string, value: string | number];

/** What llama-quantize records of an importance matrix. The folder of its file stays out of the model. */
export function imatrixKeys(file: string, imatrix: Imatrix): readonly Override[] {
  const [dataset] = imatrix.datasets;
  return [
    ['quantize.imatrix.file', cutText(path.basename(file))],
    ...(dataset === undefined ? [] : [['quantize.imatrix.dataset', cutText(dataset)] as const]),
    ['quantize.imatrix.entries_count', imatrix.importances.size],
    ...(imatrix.chunkCount > 0 ? [['quantize.imatrix.chunks_count', imatrix.chunkCount] as const] : []),
  ];
}

/** A text that fits with its zero, cut between characters. */
function cutText(text: string): string {
  let cut = text;
  while (Buffer.byteLength(cut) >= override.valueBytes) cut = Array.from(cut).slice(0, -1).join('');
  return cut;
}

function overrideArray(overrides: readonly Override[], arena: Arena): Pointer {
  // The last one has no key.
  const bytes = Buffer.alloc((overrides.length + 1) * override.sizeBytes);
  for (const [index, [key, value]] of overrides.entries()) {
    const at = index * override.sizeBytes;
    bytes.write(key, at + override.keyAt, override.keyBytes - 1);
    if (typeof value === 'number') {
      bytes.writeInt32LE(override.integer, at);
      bytes.writeBigInt64LE(BigInt(value), at + override.valueAt);
    } else {
      bytes.writeInt32LE(override.text, at);
      bytes.write(value, at + override.valueAt, override.valueBytes - 1);
    }
  }
  return arena.copy(bytes);
}
