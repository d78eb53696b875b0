/** How the values of a tensor are stored in a quantized checkpoint. Each value is (code - zero point) * scale, rounded once to float32. */
import type { CheckpointTensor, StoredTensor } from '../checkpoint-tensor.ts';

/** A tensor as an architecture works with it, and how its values are stored. */
export interface UnpackedTensor {
  readonly tensor: CheckpointTensor;
  readonly packing: Packing;
}

export type Packing =
  /** One stored tensor of the same name, type and shape. */
  { readonly kind: 'stored'; readonly stored: StoredTensor } | RowPacking | ColumnPacking;

/** Codes that are stored row by row, in the order of the values. */
export interface RowPacking {
  readonly kind: 'rows';
  readonly codes: StoredTensor;
  /** 8-bit types have one code in each byte. Packed codes follow one another in 32-bit words, each row beginning a new word. */
  readonly code: RowCode;
  /** Null for codes that are the values. */
  readonly scale: Scale | null;
  readonly zeroPoint: ZeroPoint | null;
  /** For each column its group; null where groups are consecutive columns. */
  readonly groupIndex: StoredTensor | null;
  /** Holds the shape of the values, which must be the tensor's; null where it isn't stored. */
  readonly storedShape: StoredTensor | null;
}

export type RowCode =
  | { readonly kind: 'e4m3' | 'e5m2' | 'int8' }
  /**
   * Unsigned codes of 1 to 8 bits; `2 ** (bits - 1)` stands for zero where there is no zero point. `isWhole`: each code lies in one word, as
   * older versions of compressed-tensors packed them.
   */
  | { readonly kind: 'packed'; readonly bits: number; readonly isWhole: boolean };

/** One scale for each block of rows and columns. Matrices that lie one behind the other have scales of their own. */
export interface Scale {
  readonly tensor: StoredTensor;
  readonly blockRows: number;
  readonly blockColumns: number;
  /** Rows and columns of scales for one matrix; 0 rows where all matrices have the same. */
  readonly rows: number;
  readonly columns: number;
}

/** One zero point for each scale. `packed`: unsigned codes of the weight's bits, in words along the rows. */
export interface ZeroPoint {
  readonly tensor: StoredTensor;
  readonly kind: 'int8' | 'packed';
}

/** Codes of a matrix that is stored transposed: a word holds values of one column (GPTQ) or of neighboring rows (AWQ). */
export interface ColumnPacking {
  readonly kind: 'columns';
  readonly order: 'gptq' | 'awq';
  readonly bits: number;
  readonly codes: StoredTensor;
  /** One row for each group, one column for each row of the values. */
  readonly scales: StoredTensor;
  readonly groupCount: number;
  readonly groupSize: number;
  /** Null: `2 ** (bits - 1)` for all. */
  readonly zeros: StoredTensor | null;
  /** True where one less than each zero point is stored. */
  readonly isZeroLessOne: boolean;
  /** For each column of the values its group; null where groups are consecutive columns. */
  readonly groupIndex: StoredTensor | null;
  /** A bias that is not written, whose values have to be zero; null where none is left out. */
  readonly unusedBias: StoredTensor | null;
}

/** Reads bytes of a stored tensor, counted from the tensor's own start. What it returns is valid until the next call. */
export type ReadStored = (tensor: StoredTensor, startByte: number, endByte: number) => Promise<Uint8Array>;
