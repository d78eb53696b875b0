/** The values of a checkpoint's tensors, read from a GGUF file piece by piece as F32. */
import { ggmlTypes } from '../../model-file/ggml-types.ts';
import { unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import { readRange, type OpenTensor } from '../split/gguf-files.ts';
import { decodeValues } from '../write/values/decode-values.ts';
import { dequantizerOf } from './dequantize.ts';
import type { ReversedPiece, ReversedTensor } from './reverse-plan.ts';

/** Values that are read at once. */
const STEP_VALUES = 1024 * 1024;

const plainTypes = ['F32', 'F16', 'BF16', 'F64'] as const;
type PlainType = (typeof plainTypes)[number];
const plainTypeOf = (type: string): PlainType | null => plainTypes.find((one) => one === type) ?? null;

/** @throws AppError `convert.unsupported` (`reason: 'tensor_type'`) for a type whose values cannot be computed here. */
export function assertReadable({ name, type }: Pick<OpenTensor, 'name' | 'type'>): void {
  if (plainTypeOf(type) !== null || dequantizerOf(type) !== null) return;
  throw unsupportedCheckpoint({
    ...{ reason: 'tensor_type', tensor: name, found: type },
    detail: `The tensor ${name} is of the type ${type}, whose values cannot be computed here.`,
  });
}

const blocks = new Map([...ggmlTypes.values()].map((type) => [type.name, type]));

/** The `count` values from `first` of a tensor, which begin and end with a block. */
async function readValues(
  { file, type, offsetBytes }: OpenTensor,
  first: number,
  count: number,
): Promise<Float32Array> {
  const { blockSize, blockBytes } = blocks.get(type) ?? { blockSize: 1, blockBytes: 4 };
  const start = offsetBytes + (first / blockSize) * blockBytes;
  const bytes = await readRange(file, start, start + (count / blockSize) * blockBytes);
  const values = new Float32Array(count);
  const plain = plainTypeOf(type);
  if (plain !== null) decodeValues(plain, bytes, count, values);
  else dequantizerOf(type)?.(bytes, values);
  return values;
}

/** Calls `take` with all values of `tensor` in order. @throws what reading the file and `take` throw. */
export async function eachValues(
  { shape, origin }: ReversedTensor,
  find: (name: string) => OpenTensor,
  take: (values: Float32Array) => Promise<void>,
): Promise<void> {
  if (origin.kind === 'transposed') return await eachColumn(find(origin.source), take);
  const width = shape.length < 2 ? 1 : (shape.at(-1) ?? 1);
  for (const piece of origin.pieces)
    await eachRows(find(piece.source), piece, width, async (values) => {
      if (origin.subtract !== 0) for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) - origin.subtract;
      await take(values);
    });
}

async function eachRows(
  source: OpenTensor,
  { firstRow, rowCount, deinterleave }: ReversedPiece,
  width: number,
  take: (values: Float32Array) => Promise<void>,
): Promise<void> {
  const unit = deinterleave ?? 1;
  const atOnce = Math.max(1, Math.floor(STEP_VALUES / (width * unit))) * unit;
  for (let row = 0; row < rowCount; row += atOnce) {
    const rows = Math.min(atOnce, rowCount - row);
    const values = await readValues(source, (firstRow + row) * width, rows * width);
    await take(deinterleave === null ? values : deinterleaved(values, width, deinterleave));
  }
}

function deinterleaved(values: Float32Array, width: number, group: number): Float32Array {
  const result = new Float32Array(values.length);
  const half = group / 2;
  for (let row = 0; row < values.length / width; row++) {
    const place = row % group;
    const from = row - place + (place < half ? 2 * place : 2 * (place - half) + 1);
    result.set(values.subarray(from * width, (from + 1) * width), row * width);
  }
  return result;
}

/** The columns of each matrix of a tensor as rows. A matrix is read once for each band of columns. */
async function eachColumn(source: OpenTensor, take: (values: Float32Array) => Promise<void>): Promise<void> {
  const [columns = 1, rows = 1, matrices = 1] = source.shape;
  const bandColumns = Math.max(1, Math.floor((8 * STEP_VALUES) / rows));
  for (let matrix = 0; matrix < matrices; matrix++)
    for (let first = 0; first < columns; first += bandColumns) {
      const count = Math.min(bandColumns, columns - first);
      const band = await readBand(source, matrix, { first, count });
      const columnsAtOnce = Math.max(1, Math.floor(STEP_VALUES / rows));
      for (let column = 0; column < count; column += columnsAtOnce)
        await take(band.subarray(column * rows, Math.min(count, column + columnsAtOnce) * rows));
    }
}

/** Consecutive columns of one matrix of a tensor, one after another. */
async function readBand(
  source: OpenTensor,
  matrix: number,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<Float32Array> {
  const [columns = 1, rows = 1] = source.shape;
  const atOnce = Math.max(1, Math.floor(STEP_VALUES / columns));
  const band = new Float32Array(count * rows);
  for (let row = 0; row < rows; row += atOnce) {
    const rowCount = Math.min(atOnce, rows - row);
    const values = await readValues(source, (matrix * rows + row) * columns, rowCount * columns);
    for (let at = 0; at < rowCount; at++)
      for (let column = 0; column < count; column++)
        band[column * rows + row + at] = values[at * columns + first + column] ?? 0;
  }
  return band;
}
