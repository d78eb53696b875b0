/** The stored form of a conversion, and what follows from it. */
import { z } from 'zod';
import {
  isDirectType,
  outputTypeSchema,
  quantizeOptionsSchema,
  type DirectType,
  type OutputType,
} from '../../../preload/contract/convert.ts';
import { remoteFileSchema } from '../../hub/hub.ts';
import { adapterSpecSchema } from '../sideways/adapter-files.ts';
import { reservedOutputSchema } from '../outputs/outputs.ts';

export const conversionSpecSchema = z.object({
  workId: z.string(),
  source: z.discriminatedUnion('kind', [
    /** Pinned to the commit that the branch meant at the start. */
    z.object({
      kind: z.literal('hub'),
      repoId: z.string(),
      revision: z.string(),
      commit: z.string(),
    }),
    z.object({ kind: z.literal('folder'), path: z.string() }),
  ]),
  name: z.string(),
  /** What is merged into the source. */
  adapter: adapterSpecSchema.nullable().optional(),
  type: outputTypeSchema,
  keepSource: z.boolean(),
  quantize: quantizeOptionsSchema.nullable(),
  /** The files at the Hub that are read, small ones first; empty for a folder. */
  files: z.array(remoteFileSchema),
  /** The paths of the files that this job completed in the cache: they alone are deleted when it is cancelled. */
  finished: z.array(z.string()),
  output: reservedOutputSchema,
});
export type ConversionSpec = z.infer<typeof conversionSpecSchema>;

/**
 * The type that the checkpoint is converted to: the output's own, or for quantizing the one that keeps every value. Values that are
 * computed from a quantized checkpoint become BF16, which is finer than what they come from.
 */
export function directType(
  type: OutputType,
  isQuantized: boolean,
  sourceType: string,
  isComputed: boolean,
): DirectType {
  if (!isQuantized && isDirectType(type)) return type;
  if (sourceType === 'F16') return 'F16';
  return sourceType === 'BF16' || isComputed ? 'BF16' : 'F32';
}
