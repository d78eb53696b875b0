/** The models in memory, one child each: opens, leases, evicts and ends them. The entry of this folder. */
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import type { MemoryUse } from '../../model-file/memory.ts';
import { createAdmission } from './admission.ts';
import type { FindAuxiliaryFile } from './auxiliary-files.ts';
import type { BusyMeter } from './machine/busy-cores.ts';
import { makeRoom } from './eviction.ts';
import { createFailedStarts } from './processes/failed-starts.ts';
import { createIdleSweep } from './idle-sweep.ts';
import {
  isIdleAndNarrow,
  isUsed,
  isWorking,
  loadCancelled,
  newInstance,
  usable,
  type Instance,
  type UsableInstance,
} from './instance.ts';
import { createInstances } from './instances.ts';
import { mayAddSequences } from './load-plan.ts';
import type { EngineModel, Occupant, Planner } from './planner.ts';
import type { LoadRecords } from '../../store/load-records.ts';
import type { ChildMemory } from '../protocol.ts';
import { createScratchFolder } from './processes/scratch-folder.ts';
import type { Spares } from './processes/spares.ts';
import { createUsers } from './users.ts';

export interface ResidentsOptions {
  readonly planner: Planner;
  readonly spares: Spares;
  readonly busy: BusyMeter;
  readonly records: LoadRecords | null;
  readonly idleUnloadMinutes: () => number | null;
  readonly findAuxiliaryFile: FindAuxiliaryFile | null;
  /** A model was loaded with these adapters and draft models. */
  readonly onAuxiliaryUsed: (modelIds: readonly string[]) => void;
  readonly scratchFolder: string | null;
  readonly onChange: (loaded: readonly LoadedModel[]) => void;
  readonly now: () => number;
  /** A model was loaded. */
  readonly onLoaded?: () => void;
  /** How long closing waits for leases. */
  readonly closeMs?: number;
}

export interface OpenOptions {
  /** Ends the wait for the load. The load itself continues for others and for the next request. */
  readonly signal?: AbortSignal | undefined;
  /** Loads the model even if it failed too often before. */
  readonly retry?: boolean;
  /** Loads only into free memory: no other model is evicted for it. */
  readonly ifRoom?: boolean;
  /**
   * For how long the model stays in memory after its last use, in milliseconds; 0: until nobody uses it; null: it stays. The latest open
   * decides. Absent: as the settings say.
   */
  readonly keepMs?: number | null;
  /**
   * Conversations that the model should serve in parallel, where its settings leave the number at the default and they fit. A model that
   * nobody uses or looks at is loaded again for it.
   */
  readonly sequences?: number;
}

export interface OpenLoadedOptions {
  readonly signal?: AbortSignal | undefined;
  /** Marks short work of Hearth's own. An open of another model that needs the memory waits for it instead of being refused. */
  readonly ownWork?: boolean;
}

/** A counted use of an instance. */
export interface Use {
  readonly instance: UsableInstance;
  release(): void;
}

export interface Residents {
  states(): readonly LoadedModel[];
  instances(): readonly Instance[];
  occupants(): readonly Occupant[];
  /** Loads the model when needed, and counts a user of it from this call on. @throws AppError `model.*`, `engine.*`, `busy`, `cancelled`. */
  open(model: EngineModel, options?: OpenOptions): Promise<Use>;
  /** Counts a user of a model that is loaded or being loaded. @throws AppError `engine.not_loaded`, or why it failed. */
  openLoaded(modelId: string, options?: OpenLoadedOptions): Promise<Use>;
  /** Ends the model even if it is in use; resolves when its process is gone. */
  unload(modelId: string): Promise<void>;
  change(instance: Instance, patch: Partial<LoadedModel>): void;
  measured(instance: Instance, memory: ChildMemory): Promise<void>;
  /** Frees memory for a model that is loaded and grows to `needed`. @throws AppError `busy`. */
  grow(instance: Instance, needed: MemoryUse): Promise<void>;
  /** Counts a request of the child until the returned function is called. */
  run(instance: Instance): () => void;
  /** Counts Hearth's own work until the returned function is called. */
  work(instance: Instance): () => void;
  /** Waits a limited time for the end of Hearth's own work with a model; false when the time ran out. */
  worked(modelId: string): Promise<boolean>;
  /** Keeps a model that a window shows from being unloaded for idleness, and evicts it last, until the returned function is called. */
  keep(modelId: string): () => void;
  /** Unloads idle models and publishes when the others will be unloaded. */
  sweep(): void;
  /** Cancels loads, waits for leases up to the time limit, and ends every child. */
  close(): Promise<void>;
}

const CLOSE_MS = 3000;
const STOPPED = 'Stopped before the model was loaded.';
/** Limit for waiting for Hearth's own work, which is longer than a measurement or saving a state takes. */
const OWN_WORK_MS = 10_000;

/** Residents without any model in memory. */
export function createResidents(options: ResidentsOptions): Residents {
  const { planner, now } = options;
  const instances = createInstances(options.onChange);
  const failedStarts = createFailedStarts();
  const scratch = createScratchFolder(options.scratchFolder);
  const users = createUsers({ instances, now, onChange: () => idle.sweep() });
  const idle = createIdleSweep({
    ...{ instances, isKept: users.isKept, idleUnloadMinutes: options.idleUnloadMinutes, now, end },
  });
  const admission = createAdmission({
    ...{ instances, planner, failedStarts, scratch, now },
    ...{ spares: options.spares, busy: options.busy, records: options.records },
    findAuxiliaryFile: options.findAuxiliaryFile,
    onAuxiliaryUsed: options.onAuxiliaryUsed,
    makeRoom: (instance, needed) =>
      makeRoom(instance, needed, { occupants, allowance: planner.allowance, evict: unload, worked }),
    onLoaded() {
      idle.sweep();
      options.onLoaded?.();
    },
  });
  let closed = false;

  function occupants(): Occupant[] {
    return instances
      .all()
      .filter(({ child }) => child && !child.death)
      .map((instance) => ({
        modelId: instance.model.modelId,
        ramBytes: instance.state.memoryBytes,
        vramBytes: instance.state.vramBytes,
        lastUsedAt: instance.lastUsedAt,
        busy: !instance.ending && (isUsed(instance) || !instance.loaded),
        working: !instance.ending && isWorking(instance),
        kept: users.isKept(instance.model.modelId),
        pid: instance.child?.pid,
      }));
  }

  /** Ends an instance; further calls share the first one. The signal to its child is sent before this returns. */
  function end(instance: Instance): Promise<void> {
    if (instance.ending) return instance.ending;
    const { promise, resolve } = Promise.withResolvers<void>();
    instance.ending = promise;
    instance.end.abort();
    users.recheck();
    void finish(instance).then(resolve);
    return promise;
  }
  async function finish(instance: Instance): Promise<void> {
    const wasLoading = !instance.loaded;
    admission.withdraw(instance);
    await instance.child?.kill(wasLoading ? loadCancelled() : unloaded());
    if (wasLoading) await instance.ready.catch(() => {});
    instances.remove(instance);
  }

  async function worked(modelId: string, isOver?: () => boolean): Promise<boolean> {
    const instance = instances.get(modelId);
    return instance ? await users.worked(instance, OWN_WORK_MS, isOver) : true;
  }

  async function unload(modelId: string): Promise<void> {
    const instance = instances.get(modelId);
    if (instance) await end(instance);
  }

  /** The instance of a model, loaded when needed. It may be one that is being ended. */
  function findOrLoad(model: EngineModel, { ifRoom = false, sequences }: OpenOptions): Instance {
    if (closed) throw closing();
    const there = instances.get(model.modelId);
    if (there && (there.ending || there.state.status !== 'failed')) {
      there.ifRoom &&= ifRoom;
      if (!there.loaded) there.wishedSequences = Math.max(there.wishedSequences, sequences ?? 1);
      return there;
    }
    failedStarts.check(model.modelId);
    const instance = newInstance(model, planner.settingsOf(model), { ifRoom, sequences }, now());
    instances.add(instance);
    instance.ready = admission.admit(instance);
    instance.ready.catch(() => {}); // a load without anyone waiting shows its error in the state
    return instance;
  }

  /** Whether an idle model has fewer sequences than are wished for, and may have more. */
  const isTooNarrow = (instance: Instance, sequences: number): boolean =>
    isIdleAndNarrow(instance, sequences) &&
    !users.isKept(instance.model.modelId) &&
    mayAddSequences(planner.settingsOf(instance.model));

  /** Ends an idle model that a new load would give more sequences. */
  async function widen(instance: Instance, sequences: number, signal: AbortSignal | undefined): Promise<void> {
    const { model, state } = instance;
    const possible = await planner.sequencesOf(model, planner.settingsOf(model), { sequences, signal });
    if (!isTooNarrow(instance, sequences)) return;
    if (possible > state.sequences) void end(instance);
    else instance.wishedSequences = sequences;
  }

  async function use(instance: Instance, { signal, ownWork = false }: OpenLoadedOptions): Promise<Use> {
    const release = ownWork ? users.work(instance) : users.lease(instance);
    try {
      await unlessAborted(instance.ready, signal, STOPPED);
      return { instance: usable(instance), release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  return {
    states: instances.states,
    instances: instances.all,
    occupants,
    async open(model, { signal, retry = false, ifRoom = false, keepMs, sequences = 1 } = {}) {
      if (signal?.aborted) throw new AppError('cancelled', STOPPED);
      if (retry) failedStarts.forget(model.modelId);
      for (;;) {
        const narrow = instances.get(model.modelId);
        if (narrow && isTooNarrow(narrow, sequences)) await widen(narrow, sequences, signal);
        const instance = findOrLoad(model, { ifRoom, sequences });
        // Nothing is awaited between finding the instance and counting its user, so it cannot be evicted in between.
        if (!instance.ending) {
          instance.keepMs = keepMs;
          return await use(instance, { signal });
        }
        // A model never has two children, so the old one must be gone first.
        await unlessAborted(instance.ending, signal, STOPPED);
      }
    },
    async openLoaded(modelId, order = {}) {
      if (closed) throw closing();
      const instance = instances.get(modelId);
      if (!instance) throw new AppError('engine.not_loaded', 'The model is not loaded.');
      return await use(instance, order);
    },
    unload,
    change: instances.change,
    measured: admission.measured,
    grow: admission.grow,
    run: users.run,
    work: users.work,
    worked: (modelId) => worked(modelId),
    keep: users.keep,
    sweep: idle.sweep,
    async close() {
      closed = true;
      idle.close();
      await Promise.all(
        instances
          .all()
          .filter(({ loaded }) => !loaded)
          .map(end),
      );
      await users.released(options.closeMs ?? CLOSE_MS);
      await Promise.all(instances.all().map(end));
      await admission.settled();
      await scratch.close();
    },
  };
}

const closing = (): AppError => new AppError('cancelled', 'Hearth is closing.');
const unloaded = (): AppError =>
  new AppError('engine.crashed', 'The model was unloaded while it was in use.', { reason: 'unloaded' });
