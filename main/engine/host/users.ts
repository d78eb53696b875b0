/** Who uses the models in memory: leases, running requests, and windows that show a chat with one. */
import { isUsed, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';

export interface Users {
  /** Counts a user from now on. The answer ends the use; a second call of it does nothing. */
  lease(instance: Instance): () => void;
  /** Counts a request that the child computes for. The answer ends it. */
  run(instance: Instance): () => void;
  /** A window shows this model: it is not unloaded for idleness, and evicted last. The answer ends that. */
  keep(modelId: string): () => void;
  isKept(modelId: string): boolean;
  /** Resolves when no usable model is leased, at the latest after `limitMs`. */
  released(limitMs: number): Promise<void>;
}

export interface UsersOptions {
  readonly instances: Instances;
  readonly now: () => number;
  /** A model may have become idle, or is idle no longer. */
  readonly onChange: () => void;
}

/** Nobody uses anything yet. */
export function createUsers({ instances, now, onChange }: UsersOptions): Users {
  const keepers = new Map<string, number>();
  const waiting = new Set<() => void>();

  const isFree = (): boolean =>
    instances.all().every((instance) => !isUsed(instance) || !instance.loaded || instance.ending !== undefined);
  const changed = (): void => {
    if (isFree()) for (const resolve of waiting) resolve();
    onChange();
  };

  return {
    lease(instance) {
      instance.leases++;
      instance.lastUsedAt = now();
      instances.change(instance, { leases: instance.leases, unloadsAt: null });
      return once(() => {
        instance.leases--;
        instance.lastUsedAt = now();
        instances.change(instance, { leases: instance.leases });
        changed();
      });
    },
    run(instance) {
      const count = (by: 1 | -1): void => {
        instance.running += by;
        if (!instance.loaded) return;
        const { running, state } = instance;
        instances.change(instance, {
          status: running > 0 ? 'generating' : 'ready',
          activeSequences: Math.min(running, state.sequences),
        });
      };
      count(1);
      return once(() => {
        count(-1);
        changed();
      });
    },
    keep(modelId) {
      keepers.set(modelId, (keepers.get(modelId) ?? 0) + 1);
      onChange();
      return once(() => {
        const left = (keepers.get(modelId) ?? 1) - 1;
        if (left > 0) keepers.set(modelId, left);
        else keepers.delete(modelId);
        const instance = instances.get(modelId);
        if (instance && left === 0) instance.lastUsedAt = now();
        onChange();
      });
    },
    isKept: (modelId) => keepers.has(modelId),
    async released(limitMs) {
      if (isFree()) return;
      let onFree = (): void => {};
      const free = new Promise<void>((resolve) => waiting.add((onFree = resolve)));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
      await Promise.race([free, late]);
      clearTimeout(timer);
      waiting.delete(onFree);
    },
  };
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
