/** Unloading for idleness. */
import { isUsed, isWorking, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';

export interface IdleSweepOptions {
  readonly instances: Instances;
  readonly isKept: (modelId: string) => boolean;
  /** Null: models stay. */
  readonly idleUnloadMinutes: () => number | null;
  readonly now: () => number;
  readonly end: (instance: Instance) => Promise<void>;
}

/** Ends every model that nobody has used for too long, and tells of each other when it will be unloaded. */
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
