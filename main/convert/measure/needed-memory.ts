/** Whether a model fits into the free memory for an evaluation on the processor. */
import { stat } from 'node:fs/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import { shardPaths } from '../../model-file/shards.ts';

export interface MemoryCheck {
  /** Free bytes for a further process; by default what the system tells. */
  readonly freeMemoryBytes?: () => number;
}

/** For the cache of keys and values, computation, and the logits of half a chunk: 256 x 4 bytes for each of 260,000 tokens. */
const BESIDE_WEIGHTS_BYTES = 700 * 2 ** 20;

/** Bytes that the evaluation of the model takes: its weights, and what lies beside them. Throws as the file system does. */
async function neededMemory(modelPath: string): Promise<number> {
  let bytes = BESIDE_WEIGHTS_BYTES;
  for (const file of shardPaths(modelPath)) bytes += (await stat(file)).size;
  return bytes;
}

/** @throws AppError `engine.out_of_memory` with the bytes, before anything is loaded. */
export async function assertMemory(modelPath: string, { freeMemoryBytes }: MemoryCheck): Promise<void> {
  const free = (freeMemoryBytes ?? (() => process.availableMemory()))();
  const neededBytes = await neededMemory(modelPath);
  if (free >= neededBytes) return;
  throw new AppError('engine.out_of_memory', 'There is not enough free memory to evaluate this model.', {
    neededBytes,
    freeBytes: free,
  });
}
