/** Admission to memory: one model at a time gets room, is loaded, and its child's end is watched. */
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
import { planLoad } from './load-plan.ts';
import type { Planner } from './planner.ts';
import type { LoadRecords } from '../../store/load-records.ts';
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
  readonly makeRoom: (instance: Instance, needed: MemoryUse) => Promise<void>;
  readonly now: () => number;
  /** A model was loaded. */
  readonly onLoaded: () => void;
}

export interface Admission {
  /** Loads an instance's model when its turn comes. @throws AppError `model.*`, `engine.*`, `busy`, `cancelled`. */
  admit(instance: Instance): Promise<LoadedModel>;
  /** Cancels a load whose turn has not come; one that is under way stays as it is. */
  withdraw(instance: Instance): void;
  /** Resolves when no load is under way or waiting. */
  settled(): Promise<void>;
}

/** A batch may take this many times what was measured, and never counts as hung before `LEAST_BATCH_LIMIT_MS`. */
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
      isPrepared = true;
      const loaded = await loadModel({
        ...order,
        extras: { ...order.extras, scratchFolder: folder },
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
      await remember(instance.model.modelId, loaded, order.auxiliaryIds.length > 0);
      if (instance.ending) await loaded.process.kill(loadCancelled());
      if (loaded.process.death) throw loaded.process.death;
      instance.loaded = loaded;
      instance.lastUsedAt = now();
      failedStarts.forget(instance.model.modelId);
      instances.change(instance, { ...stateOf(instance, loaded), loadMs: performance.now() - begun });
      watchEnd(instance, loaded, folder);
      if (order.auxiliaryIds.length > 0) options.onAuxiliaryUsed(order.auxiliaryIds);
      options.onLoaded();
      return instance.state;
    } catch (thrown) {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', String(thrown));
      instance.loaded = undefined;
      // What fails after the load must not leave its child behind.
      await instance.child?.kill(error);
      await scratch.remove(folder);
      throw failed(instance, error, isPrepared);
    }
  }

  /** Makes room, and answers how to load. */
  async function prepare(instance: Instance) {
    const { model, settings } = instance;
    const { speculation, loras, modelIds, sizeBytes } = await findAuxiliaryFiles(settings, options.findAuxiliaryFile);
    const facts = await planner.factsFor(model, settings);
    const { ramBytes, vramBytes } = planLoad(settings, facts).fit;
    await options.makeRoom(instance, { ramBytes: ramBytes + sizeBytes, vramBytes });
    if (instance.ending) throw loadCancelled();
    return {
      modelPath: model.path,
      weightsBytes: model.weightsBytes,
      settings,
      facts,
      auxiliaryIds: modelIds,
      extras: { speculation, loras },
      busyCores: options.busy.cores(),
      calibrate: options.records !== null && !isMeasuredLater(model.weightsBytes),
      now,
    };
  }

  /** Tells what became of a load that did not succeed, and answers the error for everyone who waited. Only a child's failure counts. */
  function failed(instance: Instance, error: AppError, isPrepared: boolean): AppError {
    if (instance.ending || error.code === 'cancelled') {
      instances.remove(instance);
      return loadCancelled();
    }
    if (isPrepared) failedStarts.count(instance.model.modelId, error);
    else if (isNoRoom(error)) {
      // Nobody asked for it at any price: it is as if it had not been tried.
      instances.remove(instance);
      return error;
    }
    instances.change(instance, { status: 'failed', error: encodeError(error), memoryBytes: 0 });
    return error;
  }

  /** From here on a child's end is the end of its instance. */
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
      // Kept under settings that do not name them, it would count for the model alone.
      if (hasAuxiliaryFiles) return;
      const { rssBytes, vramBytes } = loaded.memory;
      records.saveMeasured(modelId, machine, loaded.settingsKey, { ramBytes: rssBytes, vramBytes });
    } catch {
      // A full disk must not undo a load; it is measured again next time.
    }
  }

  return {
    admit(instance) {
      // Two models that are loaded at once would each be measured against memory that the other is about to take.
      const result = Promise.withResolvers<LoadedModel>();
      waiting.set(instance, result);
      last = last.then(async () => {
        if (waiting.delete(instance)) await admit(instance).then(result.resolve, result.reject);
      });
      return result.promise;
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

/** What is told of a model that was loaded. */
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
