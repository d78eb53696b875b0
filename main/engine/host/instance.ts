/** One model on its way into memory, in it, or on its way out. */
import type { LoadedModel, LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { EngineProcess } from './processes/engine-process.ts';
import type { Loaded } from './load.ts';
import type { EngineModel } from './planner.ts';

export interface Instance {
  readonly model: EngineModel;
  readonly settings: LoadSettings;
  /** What windows are told. */
  state: LoadedModel;
  /** Settles when the load does. */
  ready: Promise<LoadedModel>;
  /** The child of the present load attempt, later the one that runs the model. */
  child: EngineProcess | undefined;
  /** Set while the model can be used. */
  loaded: Loaded | undefined;
  /** Set once the host ends the child: its exit is then no crash. Resolves when the child is gone. */
  ending: Promise<void> | undefined;
  /** Loads only into free memory: no other model is evicted for it. */
  ifRoom: boolean;
  /** Users of the model, from the moment they asked for it. */
  leases: number;
  /** Requests that the child computes for. */
  running: number;
  /** Works of Hearth's own that the child does: a measurement, a conversation's state that is saved. */
  ownWorks: number;
  /** Milliseconds since the epoch. */
  lastUsedAt: number;
}

/** An instance whose model can be used. */
export type UsableInstance = Instance & { readonly loaded: Loaded; readonly child: EngineProcess };

/** An instance that nothing was done for yet. Its `ready` rejects until a load takes its place. */
export function newInstance(model: EngineModel, settings: LoadSettings, ifRoom: boolean, now: number): Instance {
  const ready = Promise.reject<LoadedModel>(loadCancelled());
  ready.catch(() => {}); // nobody waits for this one
  return {
    ...{ model, settings, ready, ifRoom, state: emptyState(model) },
    ...{ child: undefined, loaded: undefined, ending: undefined },
    ...{ leases: 0, running: 0, ownWorks: 0, lastUsedAt: now },
  };
}

/** Whether somebody uses the model: such a one is neither evicted nor unloaded for idleness. */
export const isUsed = ({ leases, running }: Instance): boolean => leases > 0 || running > 0;

/** Whether Hearth itself has work for the model: it ends soon, and is waited for before the model is evicted or unloaded. */
export const isWorking = ({ ownWorks }: Instance): boolean => ownWorks > 0;

/** @throws AppError `engine.not_loaded`, or why the child ended. */
export function usable(instance: Instance): UsableInstance {
  const { loaded, child } = instance;
  if (!loaded || !child || child.death)
    throw child?.death ?? new AppError('engine.not_loaded', 'The model is not loaded.');
  return instance as UsableInstance;
}

/** What everyone gets who waited for a load that was cancelled. */
export const loadCancelled = (): AppError => new AppError('cancelled', 'The load was cancelled.');

function emptyState({ modelId, name }: EngineModel): LoadedModel {
  return {
    ...{ modelId, name, status: 'loading', progress: 0, notes: [], error: null },
    ...{ contextSize: 0, trainedContextSize: 0, threads: 0, batchSize: 0, kvCacheType: 'F16', flashAttention: false },
    ...{ gpuLayers: 0, layerCount: 0, device: '', memoryBytes: 0, vramBytes: 0, loadMs: 0 },
    ...{ sequences: 1, activeSequences: 0, leases: 0, unloadsAt: null, calibration: null },
  };
}
