/** The tensors of a GGUF file that is to be written, and where in the checkpoint each gets its values from. */

export interface PlannedTensor {
  /** The name in the GGUF file, such as `blk.0.attn_q.weight`. */
  readonly name: string;
  /** In ggml's order: the contiguous dimension comes first. */
  readonly shape: readonly number[];
  /** True for tensors that stay F32 in a file of any type, such as norms and biases. */
  readonly isFloat32: boolean;
  readonly origin: TensorOrigin;
}

/** Where values come from. Every kind but `transposed` can be read in pieces of any number of rows. */
export type TensorOrigin =
  /** Rows of checkpoint tensors, one after another, with `add` added to each value (0 for most). */
  | { readonly kind: 'rows'; readonly pieces: readonly RowPiece[]; readonly add: number }
  /** One tensor with two dimensions, in `blocks` of equally many rows; the columns of each block become rows. */
  | { readonly kind: 'transposed'; readonly source: string; readonly blocks: number }
  /** Values that follow from config.json alone, such as the factors of a stretched rope. */
  | { readonly kind: 'values'; readonly values: Float32Array };

/** Consecutive rows of one checkpoint tensor. Of a tensor with one dimension each value is a row, so that biases can be rearranged. */
export interface RowPiece {
  /** The name of the checkpoint tensor. */
  readonly source: string;
  readonly firstRow: number;
  readonly rowCount: number;
  /**
   * With n: within each n rows the first half and the second half are interleaved (0, n/2, 1, n/2 + 1, ...). llama.cpp rotates
   * neighbors where transformers rotates halves of a head. Null keeps the order.
   */
  readonly interleave: number | null;
}

/** The names of the checkpoint's tensors that the values of `tensors` come from. */
export const sourcesOf = (tensors: readonly PlannedTensor[]): ReadonlySet<string> =>
  new Set(
    tensors.flatMap(({ origin }) => {
      switch (origin.kind) {
        case 'rows':
          return origin.pieces.map(({ source }) => source);
        case 'transposed':
          return [origin.source];
        case 'values':
          return [];
        default:
          return origin satisfies never;
      }
    }),
  );
