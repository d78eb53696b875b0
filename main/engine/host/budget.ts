/** Which loaded models go when another one needs their memory. */
import { readFileSync } from 'node:fs';

export interface Resident {
  readonly modelId: string;
  /** What it takes of the RAM. */
  readonly ramBytes: number;
  readonly vramBytes: number;
  readonly lastUsedAt: number;
  /** It writes or loads: never taken away. */
  readonly busy: boolean;
  /** A window shows a chat with it: goes after those that nobody looks at. */
  readonly kept: boolean;
}

export interface Allowance {
  /** That all models together may take. */
  readonly ramBytes: number;
  /** Infinity without a GPU. */
  readonly vramBytes: number;
}

/**
 * The models to unload, so that `needed` fits beside the others: idle ones, least recently used first. Null when it does not fit
 * even without all of those; then nothing needs to go before something else has changed.
 */
export function makeRoom(
  residents: readonly Resident[],
  needed: { readonly ramBytes: number; readonly vramBytes: number },
  allowance: Allowance,
): readonly string[] | null {
  let ramBytes = needed.ramBytes;
  let vramBytes = needed.vramBytes;
  for (const resident of residents) {
    ramBytes += resident.ramBytes;
    vramBytes += resident.vramBytes;
  }
  const fits = (): boolean => ramBytes <= allowance.ramBytes && vramBytes <= allowance.vramBytes;
  const candidates = residents
    .filter((resident) => !resident.busy)
    .sort((a, b) => Number(a.kept) - Number(b.kept) || a.lastUsedAt - b.lastUsedAt);
  const going: string[] = [];
  for (const candidate of candidates) {
    if (fits()) break;
    // One that takes nothing of what is short would go for nothing.
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
 * What the system gets back when a process ends, in bytes: its memory without the mapped model file, whose pages count as free
 * already. `residentBytes` is what it takes in all, and the answer where the two cannot be told apart.
 */
export function returnedBytes(pid: number | undefined, residentBytes: number): number {
  if (process.platform !== 'linux' || pid === undefined) return residentBytes;
  try {
    const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return anonymous === undefined ? residentBytes : Number(anonymous) * 1024;
  } catch {
    return 0; // gone
  }
}
