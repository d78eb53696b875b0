/** Reads a tensor whose values are changed on the way. */
import type { CheckpointTensor, TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { decodeValues, type PlainDtype } from '../write/values/decode-values.ts';

/**
 * A reader of `tensor`, a matrix of float32: of the values of `reader`, which have the type `dtype`, after `change`. That one changes the
 * rows in place; the first of them is the tensor's row `firstRow`.
 */
export function createChangedReader(
  tensor: CheckpointTensor,
  reader: TensorReader,
  dtype: PlainDtype,
  change: (rows: Float32Array, firstRow: number, rowCount: number) => void,
): TensorReader {
  const columns = tensor.shape[1] ?? 1;
  let values = new Float32Array(0);
  return {
    tensor,
    async readRows(firstRow, rowCount) {
      if (values.length < rowCount * columns) values = new Float32Array(rowCount * columns);
      const rows = values.subarray(0, rowCount * columns);
      const bytes = await reader.readRows(firstRow, rowCount);
      decodeValues(dtype, bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes), rows.length, rows);
      change(rows, firstRow, rowCount);
      return new Uint8Array(values.buffer, 0, rows.byteLength);
    },
  };
}
