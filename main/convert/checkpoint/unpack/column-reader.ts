/** Reads values whose codes are stored transposed, as GPTQ and AWQ do. */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../../model-file/checkpoint-error.ts';
import { dtypeBytes } from '../../../model-file/safetensors.ts';
import type { CheckpointTensor, StoredTensor, TensorReader } from '../checkpoint-tensor.ts';
import { codeAt, packedWords } from './bit-codes.ts';
import { readGroupIndex } from './group-index.ts';
import type { ColumnPacking, ReadStored } from './packing.ts';
import { floatScalars, words } from './scalars.ts';

/** Memory for the codes, scales and zero points of a band of rows. */
const BAND_BYTES = 32 * 1024 * 1024;
/** Of the stored matrix, this much is read at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Bands begin at a multiple of this: 32 codes of any width fill whole words. */
const BAND_STEP = 32;

/** Codes, scales and zero points for some rows of the values. */
interface Band {
  readonly firstRow: number;
  readonly rowCount: number;
  /** GPTQ: one word column for each row. AWQ: one for `32 / bits` rows. */
  readonly codes: Uint32Array;
  readonly scales: Float32Array;
  readonly zeros: Uint16Array;
}

/** Of each word of AWQ, the places of the codes of its rows in order: the library writes rows 0, 2, 4, 6, 1, 3, 5, 7. */
const AWQ_PLACES = [0, 4, 1, 5, 2, 6, 3, 7] as const;

/**
 * A reader of the values of `tensor`. It keeps a band of rows with at most some 40 MiB beside the values of one call; the stored matrix
 * is read once for each band, from its first word to its last.
 * @throws AppError `convert.invalid` for group numbers that cannot be, and for an unused bias with other values than zero; what `read` throws.
 */
export async function createColumnReader(
  tensor: CheckpointTensor,
  packing: ColumnPacking,
  read: ReadStored,
  bandBytes = BAND_BYTES,
): Promise<TensorReader> {
  const [rows = 0, columns = 0] = tensor.shape;
  const { bits, groupIndex, groupCount, groupSize, unusedBias } = packing;
  if (unusedBias !== null) await assertZero(unusedBias, read);
  const order = groupIndex === null ? null : await readGroupIndex(groupIndex, groupCount, read);
  const groups = order ?? Uint32Array.from({ length: columns }, (_, column) => Math.floor(column / groupSize));
  const bytesOfRow = (columns * bits) / 8 + groupCount * 6;
  const bandRows = Math.max(BAND_STEP, Math.floor(bandBytes / bytesOfRow / BAND_STEP) * BAND_STEP);
  let values = new Float32Array(0);
  let band: Band | null = null;

  async function bandWith(row: number): Promise<Band> {
    if (band !== null && row >= band.firstRow && row < band.firstRow + band.rowCount) return band;
    band = null;
    const firstRow = Math.floor(row / BAND_STEP) * BAND_STEP;
    band = await readBand(packing, rows, firstRow, Math.min(bandRows, rows - firstRow), read);
    return band;
  }

  return {
    tensor,
    async readRows(firstRow, rowCount) {
      if (values.length < rowCount * columns) values = new Float32Array(rowCount * columns);
      for (let row = firstRow; row < firstRow + rowCount;) {
        const held = await bandWith(row);
        const end = Math.min(firstRow + rowCount, held.firstRow + held.rowCount);
        for (; row < end; row++) {
          const target = values.subarray((row - firstRow) * columns, (row - firstRow + 1) * columns);
          writeRow(held, row - held.firstRow, packing, groups, target);
        }
      }
      return new Uint8Array(values.buffer, 0, rowCount * columns * 4);
    },
  };
}

async function assertZero(bias: StoredTensor, read: ReadStored): Promise<void> {
  const { name, file, startByte, endByte } = bias;
  const values = floatScalars(bias, await read(bias, 0, endByte - startByte));
  if (values.every((value) => value === 0)) return;
  throw invalidCheckpoint({
    ...{ reason: 'unexpected_tensor', file, tensor: name, expected: 'zeros' },
    detail: `The tensor ${shownName(name)} has other values than zero, and no place in this architecture.`,
  });
}

async function readBand(
  { order, bits, codes, scales, zeros, groupCount, isZeroLessOne }: ColumnPacking,
  rows: number,
  firstRow: number,
  rowCount: number,
  read: ReadStored,
): Promise<Band> {
  const wordColumns = (count: number): number => packedWords(count, bits);
  const codeColumns =
    order === 'awq'
      ? { first: wordColumns(firstRow), count: wordColumns(rowCount) }
      : { first: firstRow, count: rowCount };
  const zeroColumns = { first: wordColumns(firstRow), count: wordColumns(rowCount) };
  const scaleBytes = await readColumns(scales, rows, { first: firstRow, count: rowCount }, read);
  const zeroWords = zeros === null ? null : words(await readColumns(zeros, wordColumns(rows), zeroColumns, read));
  return {
    ...{ firstRow, rowCount },
    codes: words(await readColumns(codes, order === 'awq' ? wordColumns(rows) : rows, codeColumns, read)),
    scales: floatScalars(scales, scaleBytes),
    zeros: zeroPoints(zeroWords, order, bits, groupCount, rowCount, isZeroLessOne),
  };
}

/** Some columns of a stored matrix, with all of its rows. */
async function readColumns(
  tensor: StoredTensor,
  tensorColumns: number,
  { first, count }: { readonly first: number; readonly count: number },
  read: ReadStored,
): Promise<Uint8Array> {
  const width = dtypeBytes[tensor.dtype];
  const rowBytes = tensorColumns * width;
  const rows = (tensor.endByte - tensor.startByte) / rowBytes;
  const kept = new Uint8Array(rows * count * width);
  const rowsAtOnce = Math.max(1, Math.floor(WINDOW_BYTES / rowBytes));
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const end = Math.min(rows, row + rowsAtOnce);
    const window = await read(tensor, row * rowBytes, end * rowBytes);
    if (count === tensorColumns) kept.set(window, row * rowBytes);
    else
      for (let at = row; at < end; at++) {
        const from = (at - row) * rowBytes + first * width;
        kept.set(window.subarray(from, from + count * width), at * count * width);
      }
  }
  return kept;
}

/** The zero points of a band, a row for each group. */
function zeroPoints(
  packed: Uint32Array | null,
  order: ColumnPacking['order'],
  bits: number,
  groupCount: number,
  rowCount: number,
  isZeroLessOne: boolean,
): Uint16Array {
  const zeros = new Uint16Array(groupCount * rowCount).fill(2 ** (bits - 1));
  if (packed === null) return zeros;
  const wordColumns = packedWords(rowCount, bits);
  const mask = (1 << bits) - 1;
  // GPTQModel adds one to all zero points of a word in one addition, so that a carry ends a borrow of the subtraction when it was written.
  if (isZeroLessOne && 32 % bits === 0) {
    const ones = Math.floor(0xffffffff / mask);
    for (let i = 0; i < packed.length; i++) packed[i] = (packed[i] ?? 0) + ones;
  }
  const added = isZeroLessOne && 32 % bits !== 0 ? 1 : 0;
  for (let group = 0; group < groupCount; group++)
    for (let row = 0; row < rowCount; row++) {
      const code =
        order === 'awq'
          ? awqCode(packed[group * wordColumns + (row >>> 3)] ?? 0, row)
          : codeAt(packed, row, bits, group * wordColumns);
      zeros[group * rowCount + row] = (code + added) & mask;
    }
  return zeros;
}

const awqCode = (word: number, row: number): number => (word >>> ((AWQ_PLACES[row & 7] ?? 0) * 4)) & 15;

/** Writes one row of values, (code - zero point) * scale each: a small whole number and a float32, whose product is rounded once. */
function writeRow(
  { codes, scales, zeros, rowCount }: Band,
  row: number,
  { order, bits }: ColumnPacking,
  groups: Uint32Array,
  target: Float32Array,
): void {
  const columns = target.length;
  if (order === 'awq') {
    const wordColumns = rowCount >>> 3;
    for (let column = 0; column < columns; column++) {
      const at = (groups[column] ?? 0) * rowCount + row;
      const code = awqCode(codes[column * wordColumns + (row >>> 3)] ?? 0, row);
      target[column] = (code - (zeros[at] ?? 0)) * (scales[at] ?? 0);
    }
    return;
  }
  for (let column = 0; column < columns; column++) {
    const at = (groups[column] ?? 0) * rowCount + row;
    target[column] = (codeAt(codes, column, bits, row, rowCount) - (zeros[at] ?? 0)) * (scales[at] ?? 0);
  }
}
