/** Small tensors of a quantized checkpoint as numbers: scales, zero points and group numbers. */
import { shownName } from '../../../base/foreign-text.ts';
import { unsupportedCheckpoint } from '../../../model-file/checkpoint-error.ts';
import type { StoredTensor } from '../checkpoint-tensor.ts';
import { e8m0Values } from './float8.ts';

/** A copy of `bytes` that begins at a multiple of eight in a buffer of its own. */
const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** Types of scales. */
export const scaleDtypes: readonly string[] = ['F32', 'F16', 'BF16', 'F64', 'F8_E8M0'];

/** The numbers in `bytes`, which belong to `tensor`, as float32. @throws AppError `convert.unsupported` for a type that no scale has. */
export function floatScalars(tensor: StoredTensor, bytes: Uint8Array): Float32Array {
  switch (tensor.dtype) {
    case 'F32':
      return new Float32Array(aligned(bytes));
    case 'F16':
      return new Float32Array(new Float16Array(aligned(bytes)));
    case 'F64':
      return new Float32Array(new Float64Array(aligned(bytes)));
    case 'BF16': {
      const halves = new Uint16Array(aligned(bytes));
      const words = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) words[i] = (halves[i] ?? 0) << 16;
      return new Float32Array(words.buffer);
    }
    case 'F8_E8M0':
      return Float32Array.from(bytes, (code) => e8m0Values[code] ?? NaN);
    default:
      throw wrongDtype(tensor, scaleDtypes);
  }
}

/** The 32-bit words in `bytes`, without a sign. */
export const words = (bytes: Uint8Array): Uint32Array<ArrayBuffer> => new Uint32Array(aligned(bytes));

/** Whole numbers of the types I32 and I64, as numbers. */
export function integers(tensor: StoredTensor, bytes: Uint8Array): number[] {
  if (tensor.dtype === 'I64') return Array.from(new BigInt64Array(aligned(bytes)), Number);
  if (tensor.dtype === 'I32') return Array.from(new Int32Array(aligned(bytes)));
  throw wrongDtype(tensor, ['I32', 'I64']);
}

/** The error for a tensor of a quantized checkpoint whose type is none of `expected`. */
export function wrongDtype(tensor: StoredTensor, expected: readonly string[]): Error {
  return unsupportedCheckpoint({
    ...{ reason: 'dtype', file: tensor.file, tensor: tensor.name, expected: expected.join(', '), found: tensor.dtype },
    detail: `The tensor ${shownName(tensor.name)} is of the type ${tensor.dtype}; ${expected.join(' or ')} can be read there.`,
  });
}
