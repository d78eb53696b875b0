/** Which models are in memory: loading and unloading them, one child each, within the budget, and what becomes of a child that ends. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { LoadedModel, LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import { makeRoom } from './budget.ts';
import type { BusyMeter } from './busy-cores.ts';
import type { EngineProcess } from './engine-process.ts';
import { loadModel, type Loaded } from './load.ts';
import { planLoad } from './load-plan.ts';
import type { EngineModel, EngineRecords, Occupant, Planner } from './planner.ts';
import type { LoadRequest } from '../protocol.ts';
import type { Spares } from './spares.ts';

export interface Instance {
  readonly model: EngineModel;
  readonly settings: LoadSettings;
  state: LoadedModel;
  ready: Promise<LoadedModel>;
  /** The child of the attempt under way, or the one that runs the model. */
  child: EngineProcess | undefined;
  /** Set while the model can be used. */
  loaded: Loaded | undefined;
  /** The host itself ends the child: its exit is then no crash. */
  ending: boolean;
  /** Replies under way. */
  running: number;
  lastUsedAt: number;
}

/** A file that a model is loaded with. Throws model.*, model.unsupported also for a file of another kind. */
export type FindFile = (
  modelId: string,
  kind: 'adapter' | 'model',
) => Promise<{ readonly path: string; readonly sizeBytes: number }>;

export interface HostOptions {
  readonly planner: Planner;
  readonly spares: Spares;
  readonly busy: BusyMeter;
  readonly records: EngineRecords | null;
  readonly idleUnloadMinutes: () => number | null;
  readonly findFile: FindFile | null;
  readonly scratchFolder: string | null;
  readonly onChange: (loaded: readonly LoadedModel[]) => void;
  readonly now: () => number;
}

export interface Host {
  states(): readonly LoadedModel[];
  instances(): readonly Instance[];
  /** The instance of a model that can be used. @throws AppError `engine.not_loaded`, or what its load throws. */
  use(modelId: string): Promise<Instance & { readonly loaded: Loaded; readonly child: EngineProcess }>;
  load(model: EngineModel, options: { retry: boolean; ifRoom: boolean }): Promise<LoadedModel>;
  unload(modelId: string): Promise<void>;
  change(instance: Instance, patch: Partial<LoadedModel>): void;
  keep(modelId: string): () => void;
  /** Unloads what was idle for too long, and tells when the others will be. */
  sweep(): void;
  occupants(): readonly Occupant[];
  close(): Promise<void>;
}

/** Failed starts in a row after which only an explicit retry starts a model again. */
const FAILED_STARTS = 3;
/** A batch may take this many times what was measured, and never counts as hung before `LEAST_BATCH_LIMIT_MS`. */
const BATCH_PATIENCE = 30;
const LEAST_BATCH_LIMIT_MS = 120_000;

const cancelled = (): AppError => new AppError('cancelled', 'The load was cancelled.');
const unloaded = (): AppError =>
  new AppError('engine.crashed', 'The model was unloaded while it wrote.', { reason: 'unloaded' });

export function createHost(options: HostOptions): Host {
  const { planner, spares, records, now } = options;
  const instances = new Map<string, Instance>();
  const failedStarts = new Map<string, { count: number; error: AppError }>();
  const keepers = new Map<string, number>();
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  if (options.scratchFolder !== null) {
    rmSync(options.scratchFolder, { recursive: true, force: true }); // of a process that was killed
    mkdirSync(options.scratchFolder, { recursive: true });
  }

  const states = (): LoadedModel[] => [...instances.values()].map((instance) => instance.state);
  const isCurrent = (instance: Instance): boolean => instances.get(instance.model.modelId) === instance;
  const change = (instance: Instance, patch: Partial<LoadedModel>): void => {
    instance.state = { ...instance.state, ...patch };
    if (isCurrent(instance)) options.onChange(states());
  };
  const isKept = (modelId: string): boolean => (keepers.get(modelId) ?? 0) > 0;
  const occupants = (): Occupant[] =>
    [...instances.values()]
      .filter((instance) => instance.child && !instance.child.death)
      .map((instance) => ({
        modelId: instance.model.modelId,
        ramBytes: instance.state.memoryBytes,
        vramBytes: instance.state.vramBytes,
        lastUsedAt: instance.lastUsedAt,
        busy: instance.running > 0 || !instance.loaded,
        kept: isKept(instance.model.modelId),
        pid: instance.child?.pid,
      }));

  /** One load after the other: two models must not be brought into memory at once. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  function add(model: EngineModel, ifRoom: boolean): Instance {
    const instance: Instance = {
      model,
      settings: planner.settingsOf(model),
      state: emptyState(model),
      ready: Promise.reject(cancelled()),
      child: undefined,
      loaded: undefined,
      ending: false,
      running: 0,
      lastUsedAt: now(),
    };
    instance.ready.catch(() => {}); // replaced below
    for (const other of [...instances.values()]) if (other.state.status === 'failed') remove(other);
    instances.set(model.modelId, instance);
    instance.ready = inTurn(() => bringIn(instance, ifRoom));
    instance.ready.catch(() => {}); // everyone who asked awaits it; a load that nobody awaits shows in the state
    options.onChange(states());
    return instance;
  }

  function remove(instance: Instance): void {
    if (!isCurrent(instance)) return;
    instances.delete(instance.model.modelId);
    options.onChange(states());
  }

  async function bringIn(instance: Instance, ifRoom: boolean): Promise<LoadedModel> {
    const { model, settings } = instance;
    const begun = performance.now();
    let notes: string[] = [];
    let scratch: string | null = null;
    try {
      if (closed || instance.ending) throw cancelled();
      const extras = await findExtras(settings);
      const facts = await planner.factsFor(model, settings);
      const memory = { ...facts.memory, freeRamBytes: Math.max(0, facts.memory.freeRamBytes - extras.bytes) };
      await clear(instance, planLoad(settings, { ...facts, memory }).fit, ifRoom);
      if (instance.ending) throw cancelled();
      if (options.scratchFolder !== null) scratch = mkdtempSync(path.join(options.scratchFolder, 'child-'));
      const busyCores = options.busy.cores();
      const loaded = await loadModel({
        modelPath: model.path,
        weightsBytes: model.weightsBytes,
        settings,
        facts: { ...facts, memory },
        extras: { speculation: extras.speculation, loras: extras.loras, scratchFolder: scratch },
        busyCores,
        calibrate: records !== null,
        now,
        take(backend) {
          const child = spares.take(backend);
          instance.child = child;
          // Ended between two attempts: the new one must not live on.
          if (instance.ending) void child.kill(cancelled());
          return child;
        },
        onProgress: (progress) => change(instance, { progress }),
        onNotes(told) {
          notes = [...told];
          change(instance, { notes, progress: 0 });
        },
        isCancelled: () => instance.ending,
      });
      if (instance.ending) {
        await loaded.process.kill(cancelled());
        throw cancelled();
      }
      instance.loaded = loaded;
      instance.lastUsedAt = now();
      failedStarts.delete(model.modelId);
      await remember(instance, loaded);
      const { info, calibration } = loaded;
      if (!info.hasChatTemplate)
        notes.push('This model has no chat template: it goes on with your text instead of answering it.');
      change(instance, {
        ...{ status: 'ready', progress: 1, loadMs: performance.now() - begun, notes: [...notes, ...info.notes] },
        ...{ contextSize: info.contextSize, trainedContextSize: info.trainedContextSize, sequences: info.sequences },
        ...{ threads: loaded.decodeThreads, batchSize: info.batchSize },
        ...{ kvCacheType: info.kvCacheType, flashAttention: info.flashAttention, device: info.device },
        ...{ gpuLayers: info.gpuLayers, layerCount: info.layerCount, calibration },
        ...{ memoryBytes: loaded.memory.rssBytes, vramBytes: loaded.memory.vramBytes },
      });
      supervise(instance, loaded, scratch);
      sweep();
      return instance.state;
    } catch (thrown) {
      if (scratch !== null) await rm(scratch, { recursive: true, force: true });
      const error = thrown instanceof AppError ? thrown : new AppError('internal', String(thrown));
      if (instance.ending || error.code === 'cancelled') {
        remove(instance);
        throw cancelled();
      }
      failedStarts.set(model.modelId, { count: (failedStarts.get(model.modelId)?.count ?? 0) + 1, error });
      change(instance, { status: 'failed', error: encodeError(error), memoryBytes: 0, notes });
      throw error;
    }
  }

  /** What a running child's end means. */
  function supervise(instance: Instance, { process: child, info, calibration }: Loaded, scratch: string | null): void {
    const perSecond = calibration?.promptTokensPerSecond ?? 0;
    if (perSecond > 0)
      child.expectBatch(Math.max(LEAST_BATCH_LIMIT_MS, (info.batchSize / perSecond) * 1000 * BATCH_PATIENCE));
    void child.ended.then(async (death) => {
      instance.loaded = undefined;
      if (instance.ending) remove(instance);
      else change(instance, { status: 'failed', error: encodeError(death), memoryBytes: 0, vramBytes: 0 });
      if (scratch !== null) await rm(scratch, { recursive: true, force: true }).catch(() => {});
    });
  }

  async function remember({ model }: Instance, loaded: Loaded): Promise<void> {
    if (records === null) return;
    const machine = await planner.machine();
    try {
      if (loaded.isNewCalibration && loaded.calibration !== null)
        records.saveCalibration(model.modelId, machine, loaded.calibration);
      const { rssBytes, vramBytes } = loaded.memory;
      records.saveMeasured(model.modelId, machine, loaded.settingsKey, { ramBytes: rssBytes, vramBytes });
    } catch {
      // A full disk must not undo a load; it is measured again next time.
    }
  }

  /** Makes room for a model. Idle models go, the least recently used first. */
  async function clear(
    instance: Instance,
    needed: { readonly ramBytes: number; readonly vramBytes: number },
    ifRoom: boolean,
  ): Promise<void> {
    const others = occupants().filter((one) => one.modelId !== instance.model.modelId);
    if (others.length === 0) return;
    const going = makeRoom(others, needed, await planner.allowance());
    if (ifRoom && going?.length !== 0)
      throw new AppError('engine.out_of_memory', 'There is no room for it beside the models that are loaded.', {
        neededBytes: needed.ramBytes,
      });
    if (going === null && others.some((one) => one.busy))
      throw new AppError(
        'busy',
        'Another model is writing, and there is not enough memory for both. Try again when it is done.',
      );
    // Not even alone it fits well: it gets all there is, and steps down if it must.
    for (const modelId of going ?? others.map((one) => one.modelId)) {
      const other = instances.get(modelId);
      if (other) await end(other);
    }
  }

  async function findExtras(
    settings: LoadSettings,
  ): Promise<Pick<LoadRequest, 'speculation' | 'loras'> & { readonly bytes: number }> {
    const find = options.findFile;
    let bytes = 0;
    const pathOf = async (modelId: string, kind: 'adapter' | 'model'): Promise<string> => {
      if (find === null) throw new AppError('unsupported', 'Further files cannot be loaded here.');
      const file = await find(modelId, kind);
      bytes += file.sizeBytes;
      return file.path;
    };
    const { speculation } = settings;
    const loras: { path: string; scale: number }[] = [];
    for (const { modelId, scale } of settings.loras) loras.push({ path: await pathOf(modelId, 'adapter'), scale });
    if (speculation.kind !== 'draft') return { speculation, loras, bytes };
    const modelPath = await pathOf(speculation.modelId, 'model');
    // It runs where the model runs; the child knows how many layers there are.
    const gpuLayers = settings.gpuLayers === 0 ? 0 : 10_000;
    return { speculation: { kind: 'draft', modelPath, gpuLayers }, loras, bytes };
  }

  async function end(instance: Instance): Promise<void> {
    const wasLoading = !instance.loaded;
    instance.ending = true;
    if (instance.child) await instance.child.kill(wasLoading ? cancelled() : unloaded());
    if (wasLoading) await instance.ready.catch(() => {});
    remove(instance);
  }

  function sweep(): void {
    const minutes = options.idleUnloadMinutes();
    for (const instance of [...instances.values()]) {
      if (!instance.loaded || instance.ending) continue;
      const idle = minutes !== null && instance.running === 0 && !isKept(instance.model.modelId);
      const unloadsAt = idle ? instance.lastUsedAt + minutes * 60_000 : null;
      if (unloadsAt !== null && unloadsAt <= now()) void end(instance);
      else if (unloadsAt !== instance.state.unloadsAt) change(instance, { unloadsAt });
    }
  }

  return {
    states,
    instances: () => [...instances.values()],
    async use(modelId) {
      const instance = instances.get(modelId);
      if (!instance) throw new AppError('engine.not_loaded', 'The model is not loaded.');
      await instance.ready;
      const { loaded, child } = instance;
      if (!loaded || !child) throw child?.death ?? new AppError('engine.not_loaded', 'The model is not loaded.');
      return instance as Instance & { readonly loaded: Loaded; readonly child: EngineProcess };
    },
    async load(model, { retry, ifRoom }) {
      const { modelId } = model;
      if (closed) throw new AppError('cancelled', 'Hearth is closing.');
      if (retry) failedStarts.delete(modelId);
      const there = instances.get(modelId);
      if (there && !there.ending && there.state.status !== 'failed') return await there.ready;
      const failed = failedStarts.get(modelId);
      if (failed && failed.count >= FAILED_STARTS) throw failed.error;
      if (there?.ending) await end(there);
      return await add(model, ifRoom).ready;
    },
    async unload(modelId) {
      const instance = instances.get(modelId);
      if (instance) await end(instance);
    },
    change,
    keep(modelId) {
      keepers.set(modelId, (keepers.get(modelId) ?? 0) + 1);
      sweep();
      let kept = true;
      return () => {
        if (!kept) return;
        kept = false;
        const left = (keepers.get(modelId) ?? 1) - 1;
        if (left > 0) keepers.set(modelId, left);
        else keepers.delete(modelId);
        const instance = instances.get(modelId);
        if (instance && left === 0) instance.lastUsedAt = now();
        sweep();
      };
    },
    sweep,
    occupants,
    async close() {
      closed = true;
      await Promise.all([...instances.values()].map(end));
      await turn;
      if (options.scratchFolder !== null) await rm(options.scratchFolder, { recursive: true, force: true });
    },
  };
}

function emptyState({ modelId, name }: EngineModel): LoadedModel {
  return {
    ...{ modelId, name, status: 'loading', progress: 0, notes: [], error: null },
    ...{ contextSize: 0, trainedContextSize: 0, threads: 0, batchSize: 0, kvCacheType: 'F16', flashAttention: false },
    ...{ gpuLayers: 0, layerCount: 0, device: '', memoryBytes: 0, vramBytes: 0, loadMs: 0 },
    ...{ sequences: 1, activeSequences: 0, unloadsAt: null, calibration: null },
  };
}
