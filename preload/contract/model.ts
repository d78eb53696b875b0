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

/** How a model would sit in this machine's memory. All sizes in bytes. */
export interface Fit {
  readonly verdict: FitVerdict;
  /** One plain sentence that says why. */
  readonly reason: string;
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
  /** Of what is needed, the part that goes to the GPU. */
  readonly vramBytes: number;
}
