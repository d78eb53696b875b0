/** The time of each model's last use, by kind of use. */
import { readModelUse, writeModelUse, type UseKind } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';

export interface ModelUse {
  /** Notes a use of the models now. Never throws: on a full disk the time stays in memory and is stored with the next use. */
  mark(modelIds: readonly string[], kind: UseKind): void;
  /** The last use of each model of any kind, by model id, in milliseconds since the epoch. */
  all(): ReadonlyMap<string, number>;
  /** The last reply of each model, by model id, in milliseconds since the epoch. */
  replies(): ReadonlyMap<string, number>;
}

export function createModelUse(store: Store, now: () => number, log: (line: string) => void): ModelUse {
  const unstored: Readonly<Record<UseKind, Map<string, number>>> = { reply: new Map(), auxiliary: new Map() };
  const read = (kind: UseKind): Map<string, number> => new Map([...readModelUse(store, kind), ...unstored[kind]]);
  return {
    mark(modelIds, kind) {
      for (const modelId of modelIds) unstored[kind].set(modelId, now());
      try {
        writeModelUse(store, kind, unstored[kind]);
        unstored[kind].clear();
      } catch (error) {
        log(`The use of ${modelIds.join(', ')} was not stored: ${String(error)}`);
      }
    },
    all() {
      const all = read('reply');
      for (const [modelId, at] of read('auxiliary')) all.set(modelId, Math.max(at, all.get(modelId) ?? 0));
      return all;
    },
    replies: () => read('reply'),
  };
}
