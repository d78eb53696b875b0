/** Unloads idle models. */
import { isUsed, isWorking, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';

export interface IdleSweepOptions {
  readonly instances: Instances;
  readonly isKept: (modelId: string) => boolean;
  /** Null: models are never unloaded for idleness. */
  readonly idleUnloadMinutes: () => number | null;
  readonly now: () => number;
  readonly end: (instance: Instance) => Promise<void>;
}

/**
 * Ends every model that was idle for too long, and publishes when each of the others will be unloaded. Returns the next such time, in
 * milliseconds since the epoch; null where none is due.
 */
export function sweepIdle({ instances, isKept, idleUnloadMinutes, now, end }: IdleSweepOptions): number | null {
  const minutes = idleUnloadMinutes();
  const settingsMs = minutes === null ? null : minutes * 60_000;
  let next: number | null = null;
  for (const instance of instances.all()) {
    if (!instance.loaded || instance.ending) continue;
    const keepMs = instance.keepMs === undefined ? settingsMs : instance.keepMs;
    const isIdle = keepMs !== null && !isUsed(instance) && !isKept(instance.model.modelId);
    const unloadsAt = isIdle ? instance.lastUsedAt + keepMs : null;
    const isDue = unloadsAt !== null && unloadsAt <= now();
    if (isDue && !isWorking(instance)) {
      void end(instance);
      continue;
    }
    if (unloadsAt !== null && !isDue) next = Math.min(next ?? Infinity, unloadsAt);
    if (unloadsAt !== instance.state.unloadsAt) instances.change(instance, { unloadsAt });
  }
  return next;
}
