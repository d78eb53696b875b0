/**
 * The tensors of a checkpoint as its architecture names them. A quantized checkpoint stores several tensors for one of these; what is
 * read here is unpacked already.
 */
import type { Dtype, SafetensorsTensor } from '../../model-file/safetensors.ts';

export type { Dtype };

/** A tensor in a safetensors file, as the header lists it. */
export interface StoredTensor extends SafetensorsTensor {
  /** Path of the file, relative to the checkpoint. */
  readonly file: string;
}

/** A tensor that an architecture works with. */
export interface CheckpointTensor {
  readonly name: string;
  /** What its values are stored as, or F32 for values that are computed from several stored tensors. */
  readonly dtype: Dtype;
  /** The slowest dimension first. A row is the last dimension; a tensor with one dimension has one row for each value. */
  readonly shape: readonly number[];
  /** The stored tensors that its values come from. */
  readonly stored: readonly StoredTensor[];
  /** True for a bias that a library of quantization stores for every module. One without a place in the model is left out, and has to be zero. */
  readonly isSpareBias?: true;
}

/** The values of a tensor, row by row. */
export interface TensorReader {
  readonly tensor: CheckpointTensor;
  /** The bytes of `rowCount` rows from `firstRow` in the tensor's dtype, little-endian. The buffer is valid until the next call. */
  readRows(firstRow: number, rowCount: number): Promise<Uint8Array>;
}

/** A file of a checkpoint on the disk or at the Hub. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Exactly the bytes from `start` to `end`. @throws AppError `convert.invalid` (`reason: 'changed'`) where the file has fewer now. */
  read(start: number, end: number): Promise<Uint8Array>;
}
