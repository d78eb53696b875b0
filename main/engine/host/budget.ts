/** Which loaded models are evicted when another one needs their memory. */
import { readFileSync } from 'node:fs';
import { measuredUse, type MemoryUse } from '../../model-file/memory.ts';

/** A model in memory; its bytes are as its process was measured. */
export interface Resident extends MemoryUse {
  readonly modelId: string;
  readonly lastUsedAt: number;
  /** It is leased or loads: never evicted. */
  readonly busy: boolean;
  /** A window shows a chat with it: evicted after those that nobody looks at. */
  readonly kept: boolean;
}

/** What all models together may take. `vramBytes` is Infinity without a GPU. */
export interface Allowance extends MemoryUse {
  readonly unifiedMemory: boolean;
}

/**
 * The models to evict, so that `needed` fits beside the others: idle ones, least recently used first. Null when it does not fit
 * even without all of those.
 */
export function modelsToEvict(
  residents: readonly Resident[],
  needed: MemoryUse,
  allowance: Allowance,
): readonly string[] | null {
  let ramBytes = needed.ramBytes;
  let vramBytes = needed.vramBytes;
  const counted = residents.map((resident) => ({ ...resident, ...measuredUse(resident, allowance.unifiedMemory) }));
  for (const resident of counted) {
    ramBytes += resident.ramBytes;
    vramBytes += resident.vramBytes;
  }
  const fits = (): boolean => ramBytes <= allowance.ramBytes && vramBytes <= allowance.vramBytes;
  const candidates = counted
    .filter((resident) => !resident.busy)
    .sort((a, b) => Number(a.kept) - Number(b.kept) || a.lastUsedAt - b.lastUsedAt);
  const going: string[] = [];
  for (const candidate of candidates) {
    if (fits()) break;
    // Only a model that takes some of the missing kind of memory is worth evicting.
    const helps =
      (ramBytes > allowance.ramBytes && candidate.ramBytes > 0) ||
      (vramBytes > allowance.vramBytes && candidate.vramBytes > 0);
    if (!helps) continue;
    going.push(candidate.modelId);
    ramBytes -= candidate.ramBytes;
    vramBytes -= candidate.vramBytes;
  }
  return fits() ? going : null;
}

/**
 * Main memory that the system gets back when a process ends, in bytes: without the mapped model file, whose pages count as free
 * already. `use` is what the process takes in all; its `ramBytes` are the answer where the two cannot be told apart.
 */
export function returnedBytes(pid: number | undefined, use: MemoryUse, unifiedMemory: boolean): number {
  const { ramBytes, vramBytes } = measuredUse(use, unifiedMemory);
  if (process.platform !== 'linux' || pid === undefined) return ramBytes;
  try {
    const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (anonymous === undefined) return ramBytes;
    return Math.max(Number(anonymous) * 1024, unifiedMemory ? vramBytes : 0);
  } catch {
    return 0; // gone
  }
}
