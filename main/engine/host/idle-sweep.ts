/** Unloads idle models, at the moment at which they have been idle for long enough. */
import { isUsed, isWorking, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';

export interface IdleSweep {
  /** Unloads idle models, and publishes when the others will be unloaded. The next such time sweeps by itself. */
  sweep(): void;
  /** No further sweep happens by itself. */
  close(): void;
}

/** Timers of a longer time fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A sweep that has not happened yet. */
export function createIdleSweep(options: IdleSweepOptions): IdleSweep {
  let next: NodeJS.Timeout | undefined;
  let isClosed = false;
  function sweep(): void {
    clearTimeout(next);
    const dueAt = sweepIdle(options);
    if (dueAt === null || isClosed) return;
    next = setTimeout(sweep, Math.min(Math.max(1, dueAt - options.now()), LONGEST_TIMER_MS)).unref();
  }
  return {
    sweep,
    close() {
      isClosed = true;
      clearTimeout(next);
    },
  };
}

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
