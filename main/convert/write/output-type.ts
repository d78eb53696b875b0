/** What a GGUF file of unquantized or 8-bit weights can be written in, and the type that each of its tensors gets. */
import { ggmlTypes } from '../../model-file/ggml-types.ts';
import type { PlannedTensor } from '../plan/planned-tensor.ts';

export type OutputType = 'F32' | 'F16' | 'BF16' | 'Q8_0';

/** Values of `general.file_type` (llama_ftype of llama.cpp). */
export const outputFileTypes: Readonly<Record<OutputType, number>> = { F32: 0, F16: 1, BF16: 32, Q8_0: 7 };

/** Values in a block of Q8_0. */
const Q8_BLOCK = 32;

/** The type of a tensor in a file of type `output`. Rows that do not divide into blocks of Q8_0 become F16, as the reference converter writes them. */
export function tensorType(
  { isFloat32, shape }: Pick<PlannedTensor, 'isFloat32' | 'shape'>,
  output: OutputType,
): OutputType {
  if (isFloat32) return 'F32';
  return output === 'Q8_0' && (shape[0] ?? 0) % Q8_BLOCK !== 0 ? 'F16' : output;
}

const sizes = new Map([...ggmlTypes.values()].map((type) => [type.name, type]));

/** Bytes of `count` values, which are whole blocks. */
export function outputBytes(type: OutputType, count: number): number {
  const { blockSize, blockBytes } = sizes.get(type) ?? { blockSize: 1, blockBytes: 4 };
  return (count / blockSize) * blockBytes;
}
