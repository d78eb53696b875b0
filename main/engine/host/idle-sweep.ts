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

/** Ends every model that was idle for too long, and publishes when each of the others will be unloaded. */
export function sweepIdle({ instances, isKept, idleUnloadMinutes, now, end }: IdleSweepOptions): void {
  const minutes = idleUnloadMinutes();
  for (const instance of instances.all()) {
    if (!instance.loaded || instance.ending) continue;
    const isIdle = minutes !== null && !isUsed(instance) && !isKept(instance.model.modelId);
    const unloadsAt = isIdle ? instance.lastUsedAt + minutes * 60_000 : null;
    if (unloadsAt !== null && unloadsAt <= now() && !isWorking(instance)) void end(instance);
    else if (unloadsAt !== instance.state.unloadsAt) instances.change(instance, { unloadsAt });
  }
}
