/**
 * How much of each memory a model takes. This is the one rule for estimates, measured loads and the budget of all models together:
 * a discrete GPU's share is not in main memory, while on unified memory (Metal, integrated GPUs) it is a part of main memory.
 */

/** Bytes of main memory and of GPU memory. On unified memory `ramBytes` contains the GPU's share, and `vramBytes` is that share. */
export interface MemoryUse {
  readonly ramBytes: number;
  readonly vramBytes: number;
}

/** From an estimate: `totalBytes` is everything that the model takes, `vramBytes` the share that goes to the GPU. */
export function estimatedUse(totalBytes: number, vramBytes: number, unifiedMemory: boolean): MemoryUse {
  return { ramBytes: unifiedMemory ? totalBytes : Math.max(0, totalBytes - vramBytes), vramBytes };
}

/**
 * From what a process was measured to take: its resident memory and what llama.cpp reports for the GPU. On unified memory the system
 * may or may not count GPU buffers as resident, so the larger of the two is taken: adding them could count the model twice.
 */
export function measuredUse({ ramBytes, vramBytes }: MemoryUse, unifiedMemory: boolean): MemoryUse {
  return { ramBytes: unifiedMemory ? Math.max(ramBytes, vramBytes) : ramBytes, vramBytes };
}

/** Everything that the model takes, each byte counted once. */
export function totalUse({ ramBytes, vramBytes }: MemoryUse, unifiedMemory: boolean): number {
  return unifiedMemory ? ramBytes : ramBytes + vramBytes;
}
