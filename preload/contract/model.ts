/** Types of a model that several domains share: its id, KV cache type and fit. Ids cross the wire, file paths never do. */
import { z } from 'zod';

/**
 * `OWNER/NAME/PATH/IN/REPO.gguf`; of a repository without an owner `NAME/PATH/IN/REPO.gguf`. Absolute paths, `..`, backslashes and
 * control characters are refused, so that no handler ever gets a path in place of an id.
 */
export const modelIdSchema = z
  .string()
  .max(600)
  .regex(/^[A-Za-z0-9_][\w.-]*\/[^\\]+$/, 'expected OWNER/NAME/FILE')
  .refine(
    (id) => !hasControlCharacter(id) && id.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    {
      message: 'expected OWNER/NAME/FILE, not a path',
    },
  );

function hasControlCharacter(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\u007f') return true;
  return false;
}

/** Something odd in a file's header that does not keep the model from running. */
export interface HeaderNote {
  /** `bool_value`: a boolean that is neither 0 nor 1. `invalid_utf8`: a name or a value that is not UTF-8. */
  readonly code: 'bool_value' | 'invalid_utf8';
  /** The metadata key or the tensor. */
  readonly field: string;
}

/**
 * The kind of a GGUF file. All but `model` are auxiliary files of one: an adapter (LoRA) changes it, a projector lets it see or hear, a
 * draft predicts its tokens, a vocoder makes sound of its replies, an importance matrix (imatrix) was used to quantize it.
 */
export type ModelFileKind = 'model' | 'adapter' | 'projector' | 'draft' | 'vocoder' | 'imatrix';

/** Types in which llama.cpp can store keys and values. */
export const kvCacheTypeSchema = z.enum(['F32', 'F16', 'BF16', 'Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0', 'IQ4_NL']);
export type KvCacheType = z.infer<typeof kvCacheTypeSchema>;

export type FitVerdict = 'fits' | 'tight' | 'too_big' | 'unknown';

/** Why a fit has its verdict. The sizes that a sentence about it needs are in the `Fit` beside it. */
export type FitReason =
  /** `too_big`: the GPU's share is more than the GPU's whole memory. */
  | 'exceeds_vram'
  /** `too_big`: main memory as a whole is too small. */
  | 'exceeds_ram'
  /** `tight`: more main memory than is free at the moment. */
  | 'exceeds_free_ram'
  /** `tight`: more GPU memory than is free at the moment. */
  | 'exceeds_free_vram'
  /** `tight`: fits, but other programs are left with little main memory. */
  | 'leaves_little_ram'
  /** `fits`: at least one layer goes to the GPU. */
  | 'fits_with_gpu'
  /** `fits`: in main memory alone. */
  | 'fits_in_ram';

/** Whether a model fits in this machine's memory, and the memory that it needs. All sizes in bytes. */
export interface Fit {
  readonly verdict: FitVerdict;
  readonly reason: FitReason;
  /** The source of the numbers: the file's size, its header, or an earlier load on this machine. */
  readonly basis: 'file_size' | 'header' | 'measured';
  readonly weightsBytes: number;
  readonly kvCacheBytes: number;
  readonly computeBytes: number;
  readonly contextSize: number;
  readonly freeRamBytes: number;
  readonly totalRamBytes: number;
  /** The share of all main memory that programs can use. A model that needs more is `exceeds_ram`. */
  readonly usableRamBytes: number;
  /** Free memory of the best GPU; 0 without one. */
  readonly freeVramBytes: number;
  readonly totalVramBytes: number;
  /** Layers on the GPU, out of `layerCount`; both 0 while the header is unknown. */
  readonly gpuLayers: number;
  readonly layerCount: number;
  /** Main memory that the model needs; on unified memory including the GPU's share. */
  readonly ramBytes: number;
  /** GPU memory that the model needs. */
  readonly vramBytes: number;
  /** The speed of replies that this machine's measured memory lets expect; null while nothing is measured that tells. */
  readonly tokensPerSecond: number | null;
  /** True where no model was measured here yet, only this machine's memory. */
  readonly isSpeedEstimated: boolean;
}
