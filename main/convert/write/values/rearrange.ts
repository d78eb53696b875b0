/** Rows and columns in another order, as bytes and as values. */

/**
 * Copies rows of `rowBytes` bytes into `into`: within each `groupRows` rows the first half and the second half take turns (0, n/2, 1,
 * n/2 + 1, ...), as llama.cpp orders the rows of a head that it rotates.
 */
export function interleaveRows(bytes: Uint8Array, rowBytes: number, groupRows: number, into: Uint8Array): void {
  const half = groupRows / 2;
  const groupBytes = groupRows * rowBytes;
  for (let group = 0; group < bytes.byteLength; group += groupBytes)
    for (let row = 0; row < half; row++) {
      const to = group + row * 2 * rowBytes;
      const first = group + row * rowBytes;
      const second = first + half * rowBytes;
      into.set(bytes.subarray(first, first + rowBytes), to);
      into.set(bytes.subarray(second, second + rowBytes), to + rowBytes);
    }
}

/** Rows of a matrix, of which some columns are taken. */
interface Rows {
  readonly values: Float32Array;
  readonly columns: number;
  readonly firstColumn: number;
  readonly columnCount: number;
}

/** Columns of the matrix as rows of `rows` values, into which the values of the rows from `firstRow` go. */
interface Columns {
  readonly tile: Float32Array;
  readonly rows: number;
  readonly firstRow: number;
}

/** Values of a square that fits the fastest memory with its transposed copy. */
const SQUARE = 32;

/** Copies the values of rows into their places among the columns. */
export function transpose(
  { values, columns, firstColumn, columnCount }: Rows,
  { tile, rows, firstRow }: Columns,
): void {
  const rowCount = values.length / columns;
  for (let top = 0; top < rowCount; top += SQUARE) {
    const bottom = Math.min(top + SQUARE, rowCount);
    for (let left = 0; left < columnCount; left += SQUARE) {
      const right = Math.min(left + SQUARE, columnCount);
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++)
          tile[column * rows + firstRow + row] = values[row * columns + firstColumn + column] as number;
    }
  }
}
