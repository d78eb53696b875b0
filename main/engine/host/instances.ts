/** The instances by model id, with the states that windows and the planner see. */
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { Instance } from './instance.ts';

export interface Instances {
  get(modelId: string): Instance | undefined;
  all(): readonly Instance[];
  states(): readonly LoadedModel[];
  /** Adds an instance and removes all failed ones. */
  add(instance: Instance): void;
  /** Removes an instance unless another one has replaced it. */
  remove(instance: Instance): void;
  /** Changes the published state of an instance. */
  change(instance: Instance, patch: Partial<LoadedModel>): void;
}

/** An empty map. `listener` gets all states after each change; its errors become warnings. */
export function createInstances(listener: (states: readonly LoadedModel[]) => void): Instances {
  const byId = new Map<string, Instance>();
  const states = (): LoadedModel[] => [...byId.values()].map((instance) => instance.state);
  const isCurrent = (instance: Instance): boolean => byId.get(instance.model.modelId) === instance;
  function tell(): void {
    try {
      listener(states());
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  return {
    get: (modelId) => byId.get(modelId),
    all: () => [...byId.values()],
    states,
    add(instance) {
      for (const [modelId, other] of byId) if (other.state.status === 'failed') byId.delete(modelId);
      byId.set(instance.model.modelId, instance);
      tell();
    },
    remove(instance) {
      if (!isCurrent(instance)) return;
      byId.delete(instance.model.modelId);
      tell();
    },
    change(instance, patch) {
      instance.state = { ...instance.state, ...patch };
      if (isCurrent(instance)) tell();
    },
  };
}
