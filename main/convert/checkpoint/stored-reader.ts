/** Reads the rows of tensors that are stored as they are, without a quantization of their own. */
import { dtypeBytes } from '../../model-file/safetensors.ts';
import type { CheckpointSource } from './checkpoint-source.ts';
import type { CheckpointTensor, StoredTensor, TensorReader } from './checkpoint-tensor.ts';

/** A stored tensor as the architecture's own. */
export const plainTensor = (stored: StoredTensor): CheckpointTensor => ({
  name: stored.name,
  dtype: stored.dtype,
  shape: stored.shape,
  stored: [stored],
});

/** Values in a row: of the last dimension, or one where there are fewer than two. */
export const rowLength = ({ shape }: Pick<CheckpointTensor, 'shape'>): number =>
  shape.length < 2 ? 1 : (shape.at(-1) ?? 1);

/** Reads from `stored`, with one buffer that grows to the largest request. */
export function createStoredReader(source: CheckpointSource, stored: StoredTensor): TensorReader {
  const tensor = plainTensor(stored);
  const width = dtypeBytes[tensor.dtype] * rowLength(tensor);
  let buffer = new Uint8Array(0);
  return {
    tensor,
    async readRows(firstRow, rowCount) {
      const start = stored.startByte + firstRow * width;
      const end = start + rowCount * width;
      if (firstRow < 0 || rowCount < 0 || end > stored.endByte)
        throw new RangeError(`${stored.name} has no rows ${String(firstRow)} to ${String(firstRow + rowCount)}.`);
      if (buffer.byteLength < end - start) buffer = new Uint8Array(end - start);
      return await source.read(stored.file, start, end, buffer);
    },
  };
}
