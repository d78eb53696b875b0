/** Counts the users of models in memory: leases, running requests, Hearth's own work, and windows that show a chat. */
import { isUsed, isWorking, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';

export interface Users {
  /** Counts a user until the returned function is called; calling it again does nothing. */
  lease(instance: Instance): () => void;
  /** Counts a request of the child until the returned function is called. */
  run(instance: Instance): () => void;
  /** Counts Hearth's own work, which does not make the model used, until the returned function is called. */
  work(instance: Instance): () => void;
  /** Keeps a model that a window shows from being unloaded for idleness, and evicts it last, until the returned function is called. */
  keep(modelId: string): () => void;
  isKept(modelId: string): boolean;
  /** Resolves when no usable model has a lease or Hearth's own work, or after `limitMs`. */
  released(limitMs: number): Promise<void>;
  /** Waits until Hearth's own work on the model ends or `isOver` is true; false after `limitMs`. */
  worked(instance: Instance, limitMs: number, isOver?: () => boolean): Promise<boolean>;
  /** Checks the conditions of all waits again, after a model began to end. */
  recheck(): void;
}

export interface UsersOptions {
  readonly instances: Instances;
  readonly now: () => number;
  /** Called when a model may have become idle or used. */
  readonly onChange: () => void;
}

/** Users of instances, none at first. */
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

  /** Waits until `isReached` is true; false after `limitMs`. */
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
