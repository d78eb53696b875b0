/** When each model was last used. */
import { readModelUse, writeModelUse } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';

export interface ModelUse {
  /** The model is used now. Never throws: what a full disk does not take is remembered in memory, and stored with the next use. */
  mark(modelId: string): void;
  /** By model id, in milliseconds since the epoch. */
  all(): ReadonlyMap<string, number>;
}

export function createModelUse(store: Store, now: () => number, log: (line: string) => void): ModelUse {
  const unstored = new Map<string, number>();
  return {
    mark(modelId) {
      unstored.set(modelId, now());
      try {
        writeModelUse(store, unstored);
        unstored.clear();
      } catch (error) {
        log(`The use of ${modelId} was not stored: ${String(error)}`);
      }
    },
    all() {
      const stored = readModelUse(store);
      return unstored.size === 0 ? stored : new Map([...stored, ...unstored]);
    },
  };
}
