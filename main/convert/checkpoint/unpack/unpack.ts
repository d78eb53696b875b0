/**
 * Quantized checkpoints as their architecture names them: several stored tensors become one with float32 values. All is decided from
 * config.json and the headers; what the small tensors hold (shapes, group numbers) is checked when a reader is made.
 */
import type { CheckpointSource } from '../checkpoint-source.ts';
import type { StoredTensor, TensorReader } from '../checkpoint-tensor.ts';
import { createStoredReader } from '../stored-reader.ts';
import { createColumnReader } from './column-reader.ts';
import { columnTensors } from './column-tensors.ts';
import { unknownMethod } from './config-fields.ts';
import type { ReadStored, UnpackedTensor } from './packing.ts';
import { readQuantizationMethod } from './quantization-config.ts';
import { createRowReader } from './row-reader.ts';
import { rowTensors, withoutUnused } from './row-tensors.ts';

export type { UnpackedTensor } from './packing.ts';

/**
 * The tensors of a checkpoint with the stored tensors `stored` and the config.json `config`. A checkpoint that is not quantized has those
 * that are stored, in their order; 8-bit floats become float32 there, too.
 * @throws AppError `convert.unsupported` (`reason: 'quantization'`, `found` is the method) for a method that cannot be unpacked, and
 * `convert.invalid` with `tensor`, `expected` and `found` where the headers contradict one another or config.json.
 */
export function unpackedTensors(
  config: Readonly<Record<string, unknown>>,
  stored: readonly StoredTensor[],
): readonly UnpackedTensor[] {
  const method = readQuantizationMethod(config);
  switch (method.kind) {
    case 'none':
      return plainTensors(stored);
    case 'float8':
      return rowTensors(stored, [
        {
          isPacked: false,
          isFloat: true,
          bits: 8,
          hasZeroPoints: false,
          sharing: method.block === null ? { kind: 'by shape' } : { kind: 'block', ...method.block },
        },
      ]);
    case 'compressed-tensors':
      if (method.schemes.length === 0) return plainTensors(withoutUnused(stored));
      return rowTensors(stored, method.schemes);
    case 'gptq':
    case 'awq':
      return columnTensors(stored, method);
    default:
      return method satisfies never;
  }
}

/** Tensors that hold their values; what a quantization stores beside them is refused. */
function plainTensors(stored: readonly StoredTensor[]): readonly UnpackedTensor[] {
  const trace = stored.find(({ name }) =>
    /\.(?:qweight|weight_packed|weight_scale|weight_scale_inv|SCB|absmax)$/.test(name),
  );
  if (trace !== undefined) throw unknownMethod('a method that config.json does not name');
  return rowTensors(stored, []);
}

/**
 * A reader of the values of a tensor, with the type that it names.
 * @throws AppError `convert.invalid` where what the small tensors hold contradicts the headers; what the source throws.
 */
export async function openTensor(source: CheckpointSource, { tensor, packing }: UnpackedTensor): Promise<TensorReader> {
  const read: ReadStored = (stored, startByte, endByte) =>
    source.read(stored.file, stored.startByte + startByte, stored.startByte + endByte);
  switch (packing.kind) {
    case 'stored':
      return createStoredReader(source, packing.stored);
    case 'rows':
      return createRowReader(tensor, packing, read);
    case 'columns':
      return createColumnReader(tensor, packing, read);
    default:
      return packing satisfies never;
  }
}
