/** How fast this computer reads its memory, so that the fits that a command shows have a speed. */
import { measureMemoryRate, physicalCores } from '../engine/engine.ts';
import type { FreeMemory } from '../model-file/fit.ts';
import { ESTIMATED_SHARE } from '../model-file/speed.ts';

export type MemorySpeed = Pick<FreeMemory, 'readBytesPerSecond' | 'isRateEstimated'>;

/** Measured now, in under a second; empty where the machine is too busy to tell, and then fits have no speed. */
export async function measureMemorySpeed(): Promise<MemorySpeed> {
  const rate = await measureMemoryRate(physicalCores());
  return rate === null ? {} : { readBytesPerSecond: rate * ESTIMATED_SHARE, isRateEstimated: true };
}
