/** How the vectors of an embedding model's tokens become one. */
import type { MetadataEntry, Surroundings } from './architecture.ts';
import { bool, uint32 } from './entries.ts';

/** Numbers of llama.cpp's `enum llama_pooling_type`. */
export const poolingTypes = { mean: 1, cls: 2, last: 3 } as const;

/** `pooling_type`, where the checkpoint says it. */
export const poolingEntries = (pooling: Surroundings['pooling']): readonly MetadataEntry[] =>
  pooling === null ? [] : [uint32('pooling_type', poolingTypes[pooling])];

/** Metadata of a model that sees the text in both directions. */
export const encoderEntries: readonly MetadataEntry[] = [bool('attention.causal', false)];
