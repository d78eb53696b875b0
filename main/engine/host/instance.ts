/** An instance: one model from the start of its load to its end. */
import type { LoadedModel, LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { EngineProcess } from './processes/engine-process.ts';
import type { Loaded } from './load.ts';
import type { EngineModel } from './planner.ts';

export interface Instance {
  readonly model: EngineModel;
  readonly settings: LoadSettings;
  /** The state that windows see. */
  state: LoadedModel;
  /** Settles when the load does. */
  ready: Promise<LoadedModel>;
  /** The child of the present load attempt, later the one that runs the model. */
  child: EngineProcess | undefined;
  /** Set while the model can be used. */
  loaded: Loaded | undefined;
  /** Set when the host ends the child, so that its exit does not count as a crash. Resolves when the child is gone. */
  ending: Promise<void> | undefined;
  /** Aborted with `ending`, for what a load waits for. */
  readonly end: AbortController;
  /** The most sequences that anybody wished for before its load, or found to be impossible later. */
  wishedSequences: number;
  /** Loads only into free memory: no other model is evicted for it. */
  ifRoom: boolean;
  /** How long it stays in memory after its last use, in milliseconds; null: it stays; undefined: as the settings say. */
  keepMs: number | null | undefined;
  /** Users of the model, from the moment they asked for it. */
  leases: number;
  /** Requests that the child computes for. */
  running: number;
  /** Number of Hearth's own works that the child does, such as a measurement or saving a state. */
  ownWorks: number;
  /** The largest contexts for vectors that memory was made for, in tokens. */
  readonly vectorTokens: { embed: number; rerank: number };
  /** Milliseconds since the epoch. */
  lastUsedAt: number;
}

/** An instance whose model can be used. */
export type UsableInstance = Instance & { readonly loaded: Loaded; readonly child: EngineProcess };

/** A new instance. Its `ready` is rejected until a load replaces it. */
export function newInstance(
  model: EngineModel,
  settings: LoadSettings,
  { ifRoom, sequences = settings.sequences }: { readonly ifRoom: boolean; readonly sequences?: number | undefined },
  now: number,
): Instance {
  const ready = Promise.reject<LoadedModel>(loadCancelled());
  ready.catch(() => {}); // nobody waits for this one
  return {
    ...{ model, settings, ready, ifRoom, wishedSequences: sequences, keepMs: undefined, state: emptyState(model) },
    ...{ child: undefined, loaded: undefined, ending: undefined, end: new AbortController() },
    ...{ leases: 0, running: 0, ownWorks: 0, lastUsedAt: now },
    vectorTokens: { embed: 0, rerank: 0 },
  };
}

/** Whether the model is used, and so neither evicted nor unloaded for idleness. */
export const isUsed = ({ leases, running }: Instance): boolean => leases > 0 || running > 0;

/** Whether Hearth's own work runs on the model. Such work is short: an eviction waits for its end. */
export const isWorking = ({ ownWorks }: Instance): boolean => ownWorks > 0;

/** Whether the model is idle and has fewer sequences than these, and it is not known that it cannot have as many. */
export const isIdleAndNarrow = (instance: Instance, sequences: number): boolean =>
  instance.loaded !== undefined &&
  instance.ending === undefined &&
  !isUsed(instance) &&
  !isWorking(instance) &&
  instance.state.sequences < sequences &&
  instance.wishedSequences < sequences;

/** Whether the model computes or may do so at any moment: it is used, worked on, or being loaded. */
export const isAtWork = (instance: Instance): boolean =>
  isUsed(instance) || isWorking(instance) || (instance.loaded === undefined && instance.child !== undefined);

/** @throws AppError `engine.not_loaded`, or why the child ended. */
export function usable(instance: Instance): UsableInstance {
  const { loaded, child } = instance;
  if (!loaded || !child || child.death)
    throw child?.death ?? new AppError('engine.not_loaded', 'The model is not loaded.');
  return instance as UsableInstance;
}

/** The error for everyone who waits for a load that is cancelled. */
export const loadCancelled = (): AppError =>
  new AppError('cancelled', 'The load was cancelled.', { reason: 'unloaded' });

function emptyState({ modelId, name }: EngineModel): LoadedModel {
  return {
    ...{ modelId, name, status: 'loading', progress: 0, notes: [], error: null },
    ...{ contextSize: 0, trainedContextSize: 0, threads: 0, batchSize: 0, kvCacheType: 'F16', flashAttention: false },
    ...{ gpuLayers: 0, layerCount: 0, device: '', memoryBytes: 0, vramBytes: 0, loadMs: 0 },
    ...{ sequences: 1, activeSequences: 0, leases: 0, unloadsAt: null, calibration: null },
  };
}
