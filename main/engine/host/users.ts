/** Who uses the models in memory: leases, running requests, and windows that show a chat with one. */
import { isUsed, isWorking, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';

export interface Users {
  /** Counts a user from now on. The answer ends the use; a second call of it does nothing. */
  lease(instance: Instance): () => void;
  /** Counts a request that the child computes for. The answer ends it. */
  run(instance: Instance): () => void;
  /** Counts a work of Hearth's own, which makes nobody a user of the model. The answer ends it. */
  work(instance: Instance): () => void;
  /** A window shows this model: it is not unloaded for idleness, and evicted last. The answer ends that. */
  keep(modelId: string): () => void;
  isKept(modelId: string): boolean;
  /** Resolves when no usable model is leased or worked for, at the latest after `limitMs`. */
  released(limitMs: number): Promise<void>;
  /** Waits until Hearth has no work for the model or `isOver`, at most `limitMs`; false when that was too short. */
  worked(instance: Instance, limitMs: number, isOver?: () => boolean): Promise<boolean>;
  /** Looks again at what is waited for: a model is being ended. */
  recheck(): void;
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
    instances
      .all()
      .every(
        (instance) => (!isUsed(instance) && !isWorking(instance)) || !instance.loaded || instance.ending !== undefined,
      );
  const recheck = (): void => {
    for (const check of waiting) check();
  };
  const changed = (): void => {
    recheck();
    onChange();
  };

  /** Waits until `isReached`, at most `limitMs`; false when that was too short. */
  async function until(isReached: () => boolean, limitMs: number): Promise<boolean> {
    if (isReached()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const check = (): void => {
      if (isReached()) resolve(true);
    };
    waiting.add(check);
    const timer = setTimeout(() => resolve(false), limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(check);
    }
  }

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
    work(instance) {
      instance.ownWorks++;
      return once(() => {
        instance.ownWorks--;
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
      await until(isFree, limitMs);
    },
    worked: (instance, limitMs, isOver = () => false) =>
      until(() => !isWorking(instance) || instance.ending !== undefined || isOver(), limitMs),
    recheck,
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
