/** Reads the sources of a GGUF adapter. */
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { createStoredReader } from '../checkpoint/stored-reader.ts';
import { decodeValues, plainDtype } from '../write/decode-values.ts';
import type { AdapterSource } from './lora-plan.ts';

/** A reader of a factor's values, multiplied in float32 where the module has a scale of its own. */
export function openAdapterSource(source: CheckpointSource, { tensor, stored, factor }: AdapterSource): TensorReader {
  const reader = createStoredReader(source, stored);
  if (factor === 1) return reader;
  const dtype = plainDtype(stored.dtype, stored.name);
  const columns = stored.shape[1] ?? 1;
  let values = new Float32Array(0);
  return {
    tensor,
    async readRows(firstRow, rowCount) {
      if (values.length < rowCount * columns) values = new Float32Array(rowCount * columns);
      const rows = values.subarray(0, rowCount * columns);
      const bytes = await reader.readRows(firstRow, rowCount);
      decodeValues(dtype, bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes), rows.length, rows);
      for (let i = 0; i < rows.length; i++) rows[i] = (rows[i] ?? 0) * factor;
      return new Uint8Array(values.buffer, 0, rows.byteLength);
    },
  };
}
