/** The values that a planned tensor gets, in single precision, as its origin describes them; slow, and apart from the writer. */
import { typeOf, type OutputType } from '../../main/convert/plan/output-types.ts';
import type { PlannedTensor } from '../../main/convert/plan/planned-tensor.ts';
import { encodeValues } from '../../main/convert/write/encode-values.ts';
import { tensorBytes } from '../../main/model-file/gguf-writer.ts';
import { madeValues, type MadeTensor } from './made-checkpoint.ts';

export function plannedValues({ origin }: PlannedTensor, stored: ReadonlyMap<string, MadeTensor>): Float32Array {
  const tensorOf = (name: string): MadeTensor => {
    const tensor = stored.get(name);
    if (tensor === undefined) throw new Error(`The checkpoint has no ${name}.`);
    return tensor;
  };
  switch (origin.kind) {
    case 'values':
      return origin.values;
    case 'transposed': {
      const tensor = tensorOf(origin.source);
      const values = madeValues(tensor);
      const [rows = 0, columns = 0] = tensor.shape;
      return Float32Array.from({ length: values.length }, (_, index) => {
        return values[(index % rows) * columns + Math.floor(index / rows)] ?? NaN;
      });
    }
    case 'rows':
      return Float32Array.from(
        origin.pieces.flatMap(({ source, firstRow, rowCount, interleave }) => {
          const tensor = tensorOf(source);
          const values = madeValues(tensor);
          const length = tensor.shape.length < 2 ? 1 : (tensor.shape.at(-1) ?? 0);
          return Array.from({ length: rowCount }, (_, row) => {
            const from = firstRow + (interleave === null ? row : interleaved(row, interleave));
            return [...values.subarray(from * length, (from + 1) * length)];
          }).flat();
        }),
        (value) => value + origin.add,
      );
    default:
      return origin satisfies never;
  }
}

/** The row that comes to `row`: of each group the first half takes the even places, the second half the odd ones. */
function interleaved(row: number, group: number): number {
  const start = Math.floor(row / group) * group;
  const place = row - start;
  return start + (place % 2 === 0 ? place / 2 : group / 2 + (place - 1) / 2);
}

/** The bytes of a tensor in a file of this type. */
export function plannedBytes(tensor: PlannedTensor, values: Float32Array, outputType: OutputType): Uint8Array {
  const type = typeOf(tensor, outputType);
  const bytes = new Uint8Array(tensorBytes({ ...tensor, type }));
  encodeValues(values, type, bytes, true);
  return bytes;
}
