/** What every domain says of a model: its id, how its cache is kept, how it fits. Ids go over the wire, file paths never do. */
import { z } from 'zod';

/**
 * `OWNER/NAME/PATH/IN/REPO.gguf`; of a repository without an owner `NAME/PATH/IN/REPO.gguf`. Not a path: no absolute form, no `..`, no backslash, no control characters,
 * so that a path in place of an id is refused before any handler sees it.
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

/** Types of the KV cache that llama.cpp can hold keys and values in. */
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

/** How a model would sit in this machine's memory. All sizes in bytes. */
export interface Fit {
  readonly verdict: FitVerdict;
  readonly reason: FitReason;
  /** What the numbers rest on: the file's size alone, its header, or what loading it on this machine took. */
  readonly basis: 'file_size' | 'header' | 'measured';
  readonly weightsBytes: number;
  readonly kvCacheBytes: number;
  readonly computeBytes: number;
  readonly contextSize: number;
  readonly freeRamBytes: number;
  readonly totalRamBytes: number;
  /** The best GPU's; 0 without one. */
  readonly freeVramBytes: number;
  readonly totalVramBytes: number;
  /** Layers that would go to the GPU, of `layerCount`; both 0 while the layers are not known. */
  readonly gpuLayers: number;
  readonly layerCount: number;
  /** Needed of main memory; on unified memory this includes the GPU's share. */
  readonly ramBytes: number;
  /** Needed of GPU memory. */
  readonly vramBytes: number;
}
