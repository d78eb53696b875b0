/** Admission to memory. One model at a time gets its memory and is loaded; the end of its child is watched. */
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import type { MemoryUse } from '../../model-file/memory.ts';
import { findAuxiliaryFiles, type FindAuxiliaryFile } from './auxiliary-files.ts';
import type { BusyMeter } from './machine/busy-cores.ts';
import { isMeasuredLater } from './machine/calibration.ts';
import type { FailedStarts } from './processes/failed-starts.ts';
import { isNoRoom } from './eviction.ts';
import { loadCancelled, type Instance } from './instance.ts';
import type { Instances } from './instances.ts';
import { loadModel, type Loaded } from './load.ts';
import type { LoadWish, Planner } from './planner.ts';
import { linkShards } from './shard-links.ts';
import type { LoadRecords } from '../../store/load-records.ts';
import type { ChildMemory } from '../protocol.ts';
import type { ScratchFolder } from './processes/scratch-folder.ts';
import type { Spares } from './processes/spares.ts';

export interface AdmissionOptions {
  readonly instances: Instances;
  readonly planner: Planner;
  readonly spares: Spares;
  readonly busy: BusyMeter;
  readonly records: LoadRecords | null;
  readonly findAuxiliaryFile: FindAuxiliaryFile | null;
  /** A model was loaded with these adapters and draft models. */
  readonly onAuxiliaryUsed: (modelIds: readonly string[]) => void;
  readonly scratch: ScratchFolder;
  readonly failedStarts: FailedStarts;
  readonly makeRoom: (instance: Pick<Instance, 'model' | 'ending' | 'ifRoom'>, needed: MemoryUse) => Promise<void>;
  readonly now: () => number;
  /** A model was loaded. */
  readonly onLoaded: () => void;
}

export interface Admission {
  /** Loads an instance's model after the loads that were requested before. @throws AppError `model.*`, `engine.*`, `busy`, `cancelled`. */
  admit(instance: Instance): Promise<LoadedModel>;
  /** Publishes the memory that a loaded model takes, and keeps the most that it took for the next estimate. */
  measured(instance: Instance, memory: ChildMemory): Promise<void>;
  /** Frees memory for a model that is loaded and grows to `needed`, after the loads that were requested before. @throws AppError `busy`. */
  grow(instance: Instance, needed: MemoryUse): Promise<void>;
  /** Cancels a load that has not begun. */
  withdraw(instance: Instance): void;
  /** Resolves when no load is under way or waiting. */
  settled(): Promise<void>;
}

/** Factor on the measured time of a batch after which it counts as hung, but never before `LEAST_BATCH_LIMIT_MS`. */
const BATCH_PATIENCE = 30;
const LEAST_BATCH_LIMIT_MS = 120_000;

/** No load is under way yet. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { instances, planner, failedStarts, scratch, now } = options;
  let last: Promise<unknown> = Promise.resolve();
  const waiting = new Map<Instance, PromiseWithResolvers<LoadedModel>>();

  async function admit(instance: Instance): Promise<LoadedModel> {
    const begun = performance.now();
    let folder: string | null = null;
    let isPrepared = false;
    try {
      if (instance.ending) throw loadCancelled();
      const order = await prepare(instance);
      folder = scratch.create();
      await using links = new AsyncDisposableStack();
      const linked = async (path: string, shards: readonly string[]): Promise<string> =>
        links.use(await linkShards(path, shards, folder)).path;
      const { files } = order;
      const modelPath = await linked(order.modelPath, instance.model.shards ?? []);
      const draftPath = files.draftPath === null ? null : await linked(files.draftPath, files.draftShards);
      isPrepared = true;
      const loaded = await loadModel({
        ...order,
        modelPath,
        files: { ...files, draftPath },
        scratchFolder: folder,
        take(backend) {
          const child = options.spares.take(backend);
          instance.child = child;
          child.serve(instance.model.modelId);
          // A load that is cancelled between two attempts must not leave the next child alive.
          if (instance.ending) void child.kill(loadCancelled());
          return child;
        },
        onProgress: (progress) => instances.change(instance, { progress }),
        onNotes: (notes) => instances.change(instance, { notes, progress: 0 }),
        isCancelled: () => instance.ending !== undefined,
      });
      await remember(instance.model.modelId, loaded, order.files.modelIds.length > 0);
      if (instance.ending) await loaded.process.kill(loadCancelled());
      if (loaded.process.death) throw loaded.process.death;
      instance.loaded = loaded;
      instance.lastUsedAt = now();
      failedStarts.forget(instance.model.modelId);
      instances.change(instance, { ...stateOf(instance, loaded), loadMs: performance.now() - begun });
      watchEnd(instance, loaded, folder);
      if (order.files.modelIds.length > 0) options.onAuxiliaryUsed(order.files.modelIds);
      options.onLoaded();
      return instance.state;
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', String(thrown));
      instance.loaded = undefined;
      // An error after the load must end the child too.
      await instance.child?.kill(error);
      await scratch.remove(folder);
      throw failed(instance, error, isPrepared);
    }
  }

  /** Frees memory for the model and returns how to load it. */
  async function prepare(instance: Instance) {
    const { model, settings } = instance;
    const files = await findAuxiliaryFiles(settings, options.findAuxiliaryFile);
    const first = await planner.planFor(model, settings, files, wishOf(instance));
    await options.makeRoom(instance, first.fit);
    if (instance.ending) throw loadCancelled();
    return {
      modelPath: model.path,
      weightsBytes: model.weightsBytes,
      settings,
      first,
      files,
      busyCores: options.busy.cores,
      calibrate: options.records !== null && !isMeasuredLater(model.weightsBytes),
      now,
    };
  }

  /** Publishes the state after a failed load and returns the error for everyone who waits. Only failures of the child are counted. */
  function failed(instance: Instance, error: AppError, isPrepared: boolean): AppError {
    if (instance.ending || error.code === 'cancelled') {
      instances.remove(instance);
      return loadCancelled();
    }
    if (isPrepared) failedStarts.count(instance.model.modelId, error);
    else if (isNoRoom(error)) {
      // A load with `ifRoom` that found no memory leaves no trace.
      instances.remove(instance);
      return error;
    }
    instances.change(instance, { status: 'failed', error: encodeError(error), memoryBytes: 0 });
    return error;
  }

  /** Ends the instance with its child from now on. */
  function watchEnd(instance: Instance, { process: child, info, calibration }: Loaded, folder: string | null): void {
    const perSecond = calibration?.promptTokensPerSecond ?? 0;
    if (perSecond > 0)
      child.expectBatch(Math.max(LEAST_BATCH_LIMIT_MS, (info.batchSize / perSecond) * 1000 * BATCH_PATIENCE));
    void child.ended.then(async (death) => {
      instance.loaded = undefined;
      if (instance.ending) instances.remove(instance);
      else instances.change(instance, { status: 'failed', error: encodeError(death), memoryBytes: 0, vramBytes: 0 });
      await scratch.remove(folder);
    });
  }

  async function remember(modelId: string, loaded: Loaded, hasAuxiliaryFiles: boolean): Promise<void> {
    const { records } = options;
    if (records === null) return;
    try {
      const machine = await planner.machine();
      if (loaded.isNewCalibration && loaded.calibration !== null)
        records.saveCalibration(modelId, machine, loaded.calibration);
      // The measurement includes the auxiliary files, but its key would not name them.
      if (hasAuxiliaryFiles) return;
      const { rssBytes, vramBytes } = loaded.memory;
      records.saveMeasured(modelId, machine, loaded.settingsKey, { ramBytes: rssBytes, vramBytes });
    } catch {
      // The disk is full. The model stays loaded and is measured again next time.
    }
  }

  async function measured(instance: Instance, memory: ChildMemory): Promise<void> {
    instances.change(instance, { memoryBytes: memory.rssBytes, vramBytes: memory.vramBytes });
    const { loaded, settings, model } = instance;
    const hasAuxiliaryFiles = settings.speculation.kind === 'draft' || settings.loras.length > 0;
    if (options.records === null || !loaded || hasAuxiliaryFiles) return;
    try {
      const machine = await planner.machine();
      const before = options.records.measured(model.modelId, machine, loaded.settingsKey);
      const ramBytes = Math.max(memory.rssBytes, before?.ramBytes ?? 0);
      const vramBytes = Math.max(memory.vramBytes, before?.vramBytes ?? 0);
      if (ramBytes !== before?.ramBytes || vramBytes !== before.vramBytes)
        options.records.saveMeasured(model.modelId, machine, loaded.settingsKey, { ramBytes, vramBytes });
    } catch {
      // As after a load.
    }
  }

  return {
    measured,
    admit(instance) {
      // Two loads at the same time would each count on memory that the other is about to take.
      const result = Promise.withResolvers<LoadedModel>();
      waiting.set(instance, result);
      last = last.then(async () => {
        if (waiting.delete(instance)) await admit(instance).then(result.resolve, result.reject);
      });
      return result.promise;
    },
    async grow(instance, needed) {
      const turn = last.then(() => options.makeRoom(asUsed(instance), needed));
      last = turn.catch(() => {});
      await turn;
    },
    withdraw(instance) {
      const result = waiting.get(instance);
      if (!result) return;
      waiting.delete(instance);
      instances.remove(instance);
      result.reject(loadCancelled());
    },
    async settled() {
      await last;
    },
  };
}

const wishOf = ({ wishedSequences, end }: Instance): LoadWish => ({ sequences: wishedSequences, signal: end.signal });

/** The published state of a loaded model. */
function stateOf(instance: Instance, loaded: Loaded): Partial<LoadedModel> {
  const { info, calibration, memory } = loaded;
  const notes: LoadNote[] = [...instance.state.notes];
  if (!info.hasChatTemplate) notes.push({ code: 'no_chat_template' });
  return {
    ...{ status: 'ready', progress: 1, notes: [...notes, ...info.notes] },
    ...{ contextSize: info.contextSize, trainedContextSize: info.trainedContextSize, sequences: info.sequences },
    ...{ threads: loaded.decodeThreads, batchSize: info.batchSize },
    ...{ kvCacheType: info.kvCacheType, flashAttention: info.flashAttention, device: info.device },
    ...{ gpuLayers: info.gpuLayers, layerCount: info.layerCount, calibration },
    ...{ memoryBytes: memory.rssBytes, vramBytes: memory.vramBytes },
  };
}

/** A model that was loaded only into free memory is in use once it grows. */
const asUsed = (instance: Instance): Pick<Instance, 'model' | 'ending' | 'ifRoom'> => ({
  model: instance.model,
  ifRoom: false,
  get ending() {
    return instance.ending;
  },
});
