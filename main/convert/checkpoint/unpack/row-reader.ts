/** Reads values whose codes are stored row by row. */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../../model-file/checkpoint-error.ts';
import { dtypeBytes, shownShape } from '../../../model-file/safetensors.ts';
import type { CheckpointTensor, TensorReader } from '../checkpoint-tensor.ts';
import { codeAt, packedWords, readCodes } from './bit-codes.ts';
import { e4m3Values, e5m2Values } from './float8.ts';
import { readGroupIndex } from './group-index.ts';
import type { ReadStored, RowCode, RowPacking, Scale } from './packing.ts';
import { floatScalars, integers, words } from './scalars.ts';
import { matricesOf } from './stored-names.ts';

/** Rows and columns of a tensor; of more than two dimensions, the matrices lie one behind the other. */
interface Layout {
  readonly rowsOfMatrix: number;
  readonly columns: number;
}

/**
 * A reader of the values of `tensor`. It keeps the codes, scales and values of the rows of one call, and nothing else that grows with the
 * tensor but its packed zero points and group numbers.
 * @throws AppError `convert.invalid` where the stored shape or the group numbers contradict the headers; what `read` throws.
 */
export async function createRowReader(
  tensor: CheckpointTensor,
  packing: RowPacking,
  read: ReadStored,
): Promise<TensorReader> {
  const { rows: rowsOfMatrix, columns } = matricesOf(tensor.shape);
  const layout: Layout = { rowsOfMatrix, columns };
  await checkStoredShape(tensor, packing, read);
  const { scale, groupIndex } = packing;
  const groups = groupIndex === null || scale === null ? null : await readGroupIndex(groupIndex, scale.columns, read);
  const readZeros = await createZeroReader(packing, layout, read);
  let values = new Float32Array(0);
  const codes = new Float32Array(columns);

  return {
    tensor,
    async readRows(firstRow, rowCount) {
      if (values.length < rowCount * columns) values = new Float32Array(rowCount * columns);
      const rowBytes = codeRowBytes(packing.code, columns);
      const stored = await read(packing.codes, firstRow * rowBytes, (firstRow + rowCount) * rowBytes);
      const coded = new Uint8Array(stored);
      const scales = scale === null ? null : await readScales(scale, layout, firstRow, rowCount, read);
      const zeros = scale === null ? null : await readZeros(scale, firstRow, rowCount);
      for (let row = 0; row < rowCount; row++) {
        readCodeRow(packing.code, coded.subarray(row * rowBytes, (row + 1) * rowBytes), codes);
        const target = values.subarray(row * columns, (row + 1) * columns);
        if (scale === null || scales === null) target.set(codes);
        else scaleRow(codes, target, scale, scales, zeros, groups, scaleRowOf(scale, layout, firstRow + row), packing);
      }
      return new Uint8Array(values.buffer, 0, rowCount * columns * 4);
    },
  };
}

async function checkStoredShape(
  tensor: CheckpointTensor,
  { storedShape }: RowPacking,
  read: ReadStored,
): Promise<void> {
  if (storedShape === null) return;
  const bytes = await read(storedShape, 0, storedShape.endByte - storedShape.startByte);
  const found = integers(storedShape, bytes);
  if (found.length === tensor.shape.length && found.every((length, at) => length === tensor.shape[at])) return;
  const [expected, shown] = [shownShape(tensor.shape), shownShape(found)];
  throw invalidCheckpoint({
    ...{ reason: 'shape_mismatch', file: storedShape.file, tensor: tensor.name, expected, found: shown },
    detail: `${shownName(storedShape.name)} says that the tensor is ${shown}; its packed values and scales make it ${expected}.`,
  });
}

function codeRowBytes(code: RowCode, columns: number): number {
  return code.kind === 'packed' ? packedWords(columns, code.bits, code.isWhole) * 4 : columns;
}

function readCodeRow(code: RowCode, bytes: Uint8Array<ArrayBuffer>, target: Float32Array): void {
  switch (code.kind) {
    case 'e4m3':
    case 'e5m2': {
      const table = code.kind === 'e4m3' ? e4m3Values : e5m2Values;
      for (let i = 0; i < bytes.length; i++) target[i] = table[bytes[i] ?? 0] ?? NaN;
      return;
    }
    case 'int8':
      target.set(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      return;
    case 'packed':
      readCodes(
        new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
        code.bits,
        code.isWhole,
        target.length,
        target,
      );
      return;
    default:
      code satisfies never;
  }
}

/** The row of scales for a row of the values, counted over all matrices. */
function scaleRowOf({ rows, blockRows }: Scale, { rowsOfMatrix }: Layout, row: number): number {
  return Math.floor(row / rowsOfMatrix) * rows + Math.floor((row % rowsOfMatrix) / blockRows);
}

/** The code that stands for zero where there is no zero point. */
const middleOf = (code: RowCode): number => (code.kind === 'packed' ? 2 ** (code.bits - 1) : 0);

/** Rows of scales, or of zero points, and the number of the first. */
interface ScaleRows<T extends Float32Array | Int16Array> {
  readonly first: number;
  readonly values: T;
}

function scaleRange(scale: Scale, layout: Layout, firstRow: number, rowCount: number): { first: number; end: number } {
  const first = scaleRowOf(scale, layout, firstRow);
  return { first, end: scaleRowOf(scale, layout, firstRow + rowCount - 1) + 1 };
}

async function readScales(
  scale: Scale,
  layout: Layout,
  firstRow: number,
  rowCount: number,
  read: ReadStored,
): Promise<ScaleRows<Float32Array>> {
  const { first, end } = scaleRange(scale, layout, firstRow, rowCount);
  const rowBytes = scale.columns * dtypeBytes[scale.tensor.dtype];
  return { first, values: floatScalars(scale.tensor, await read(scale.tensor, first * rowBytes, end * rowBytes)) };
}

type ReadZeros = (scale: Scale, firstRow: number, rowCount: number) => Promise<ScaleRows<Int16Array> | null>;

async function createZeroReader({ zeroPoint, code }: RowPacking, layout: Layout, read: ReadStored): Promise<ReadZeros> {
  if (zeroPoint === null) return async () => null;
  const { tensor, kind } = zeroPoint;
  const middle = middleOf(code);
  if (kind === 'int8')
    return async (scale, firstRow, rowCount) => {
      const { first, end } = scaleRange(scale, layout, firstRow, rowCount);
      const bytes = await read(tensor, first * scale.columns, end * scale.columns);
      return { first, values: Int16Array.from(bytes, (byte) => ((byte << 24) >> 24) + middle) };
    };
  const { bits, isWhole } = code.kind === 'packed' ? code : { bits: 8, isWhole: false };
  const packed = words(await read(tensor, 0, tensor.endByte - tensor.startByte));
  return async (scale, firstRow, rowCount) => {
    const { first, end } = scaleRange(scale, layout, firstRow, rowCount);
    const matrixWords = packedWords(scale.rows, bits, isWhole) * scale.columns;
    const values = new Int16Array((end - first) * scale.columns);
    for (let row = first; row < end; row++) {
      const from = Math.floor(row / scale.rows) * matrixWords;
      for (let column = 0; column < scale.columns; column++)
        values[(row - first) * scale.columns + column] = codeAt(
          packed,
          row % scale.rows,
          bits,
          from + column,
          scale.columns,
          isWhole,
        );
    }
    return { first, values };
  };
}

/** Writes (code - zero point) * scale. The product of a small whole number, or a float of few bits, and a float32 is rounded once. */
function scaleRow(
  codes: Float32Array,
  target: Float32Array,
  { blockColumns, columns }: Scale,
  scales: ScaleRows<Float32Array>,
  zeros: ScaleRows<Int16Array> | null,
  groups: Uint32Array | null,
  scaleRowNumber: number,
  { code }: RowPacking,
): void {
  const from = (scaleRowNumber - scales.first) * columns;
  const middle = middleOf(code);
  if (groups !== null) {
    for (let i = 0; i < target.length; i++) {
      const at = from + (groups[i] ?? 0);
      target[i] = ((codes[i] ?? 0) - (zeros === null ? middle : (zeros.values[at] ?? 0))) * (scales.values[at] ?? 0);
    }
    return;
  }
  for (let block = 0, i = 0; i < target.length; block++) {
    const scale = scales.values[from + block] ?? 0;
    const zero = zeros === null ? middle : (zeros.values[from + block] ?? 0);
    const end = Math.min(target.length, i + blockColumns);
    for (; i < end; i++) target[i] = ((codes[i] ?? 0) - zero) * scale;
  }
}
