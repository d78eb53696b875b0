/** Plans loads: collects a model's settings, its measurements on this machine, and the memory that is available to it. */
import os from 'node:os';
import type { Calibration, Hardware, LoadSettings } from '../../../preload/contract/engine.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { defaultContextSize, type FreeMemory } from '../../model-file/fit.ts';
import { ESTIMATED_SHARE } from '../../model-file/speed.ts';
import { measuredUse } from '../../model-file/memory.ts';
import { fitBySize, type FitOf } from '../../model-file/fit-of.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import type { LoadRecords } from '../../store/load-records.ts';
import { returnedBytes, type Allowance, type Resident } from './budget.ts';
import { physicalCores } from '../cores.ts';
import { machineKey, type HardwareProbe } from './machine/hardware.ts';
import {
  findAuxiliaryFiles,
  noAuxiliaryFiles,
  type AuxiliaryFiles,
  type FindAuxiliaryFile,
} from './auxiliary-files.ts';
import { defaultLoadSettings, planLoad, type LoadPlan, type PlanFacts } from './load-plan.ts';
import type { ChildBackend, DeviceReport } from '../protocol.ts';

export interface EngineModel {
  readonly modelId: string;
  readonly name: string;
  readonly path: string;
  /** The paths of all its files in order. Absent or empty: `path` alone, or all beside it under llama.cpp's names. */
  readonly shards?: readonly string[];
  readonly weightsBytes: number;
  /** Null or absent: its memory is estimated from the file's size. */
  readonly summary?: ModelSummary | null;
  /** Context size in tokens for a model without a summary. */
  readonly contextSize: number;
}

/** A load before its first attempt: the known facts, the plan, and the memory that it needs. */
export interface FirstPlan {
  readonly facts: PlanFacts;
  readonly plan: LoadPlan;
  readonly fit: Fit;
}

/** A model in memory, as the planner counts it. */
export interface Occupant extends Resident {
  readonly pid: number | undefined;
  /** True while Hearth's own short work runs on it. An eviction waits for the end of that work. */
  readonly working: boolean;
}

/** What is asked of a load beside the model's settings. */
export interface LoadWish {
  /** Conversations that the model should serve in parallel. */
  readonly sequences?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PlannerOptions {
  readonly records: LoadRecords | null;
  readonly hardware: HardwareProbe;
  readonly freeMemory: () => FreeMemory;
  /** RAM limit for all models together; null: the free memory. */
  readonly budgetBytes: () => number | null;
  readonly occupants: () => readonly Occupant[];
  readonly findAuxiliaryFile: FindAuxiliaryFile | null;
  /** A monotonic clock. Default: `performance.now`. */
  readonly elapsedMs?: () => number;
}

export interface Planner {
  settingsOf(model: EngineModel): LoadSettings;
  /**
   * The first plan of a load. Its memory is what the other models leave; when the model does not fit in it, what the busy ones leave,
   * since idle models would be evicted. `wish`: see `planLoad`.
   */
  planFor(model: EngineModel, settings: LoadSettings, files: AuxiliaryFiles, wish?: LoadWish): Promise<FirstPlan>;
  /** The sequences that a load of the model would get now. */
  sequencesOf(model: EngineModel, settings: LoadSettings, wish: LoadWish): Promise<number>;
  /** @throws AppError `cancelled` when `signal` fires. */
  fitOf(model: EngineModel, settings: LoadSettings, signal?: AbortSignal): Promise<Fit>;
  calibrationOf(model: EngineModel): Promise<Calibration | null>;
  /** The memory for all models together. */
  allowance(): Promise<Allowance>;
  /**
   * The same as `fitOf` by what is known at the moment: the GPU's memory as at the last question, and auxiliary files once they were
   * found. It knows no measurements before the machine is known.
   */
  readonly fitNow: FitOf;
  machine(): Promise<string>;
  describeHardware(signal?: AbortSignal): Promise<Hardware>;
}

/** This machine, once its devices are known. */
interface Machine {
  readonly report: DeviceReport | null;
  readonly backend: ChildBackend;
  /** Of its stored measurements. */
  readonly key: string;
}

type PlannedModel = Pick<EngineModel, 'modelId' | 'weightsBytes' | 'summary' | 'contextSize'>;

/** Share of the free memory that loads leave to other programs. It is free, and is shown as such. */
const RESERVE_SHARE = 0.05;
/** Time after which auxiliary files are looked for again. */
const FOUND_FILES_MS = 5000;

export function createPlanner(options: PlannerOptions): Planner {
  const { records, hardware, freeMemory, budgetBytes, occupants } = options;
  const elapsedMs = options.elapsedMs ?? (() => performance.now());
  let known: Machine | undefined;
  /** By `filesKey`, with the time of the search by a monotonic clock. */
  const foundFiles = new Map<string, { readonly files: AuxiliaryFiles; readonly atMs: number }>();
  const identify = async (): Promise<Machine> => {
    const { report, backend } = await hardware.probe();
    if (known?.report !== report || known.backend !== backend) known = { report, backend, key: machineKey(report) };
    return known;
  };
  const machine = async (): Promise<string> => (await identify()).key;

  /** The rate of a measured model, else an estimate from this machine's memory. */
  function withReadRate(memory: FreeMemory): FreeMemory {
    if (known === undefined || records === null) return memory;
    const measured = records.readBytesPerSecond(known.key);
    if (measured !== null) return { ...memory, readBytesPerSecond: measured };
    const ofMemory = records.memoryBytesPerSecond(known.key);
    if (ofMemory === null) return memory;
    return { ...memory, readBytesPerSecond: ofMemory * ESTIMATED_SHARE, isRateEstimated: true };
  }

  /** The memory that would be free without any of Hearth's models, within the user's budget. */
  function memoryForAll(now: FreeMemory): FreeMemory {
    const free = withReadRate(now);
    const own = occupants();
    const returned = own.reduce((sum, one) => sum + returnedBytes(one.pid, one, free.unifiedMemory === true), 0);
    const all = Math.min(free.totalRamBytes, free.freeRamBytes + returned);
    const freeRamBytes = Math.min(budgetBytes() ?? Infinity, all);
    return {
      ...free,
      freeRamBytes,
      reserveRamBytes: Math.max(0, freeRamBytes - all * (1 - RESERVE_SHARE)),
      freeVramBytes: (free.freeVramBytes ?? 0) + own.reduce((sum, one) => sum + one.vramBytes, 0),
    };
  }

  function without(memory: FreeMemory, others: readonly Occupant[]): FreeMemory {
    let { freeRamBytes, freeVramBytes = 0 } = memory;
    for (const other of others) {
      const { ramBytes, vramBytes } = measuredUse(other, memory.unifiedMemory === true);
      freeRamBytes -= ramBytes;
      freeVramBytes -= vramBytes;
    }
    return { ...memory, freeRamBytes: Math.max(0, freeRamBytes), freeVramBytes: Math.max(0, freeVramBytes) };
  }

  /** What `plan` makes of the memory that the other models leave, or of what the busy ones leave where it does not fit. */
  function amongOthers<T extends { readonly fit: Fit }>(
    modelId: string,
    memory: FreeMemory,
    plan: (memory: FreeMemory) => T,
  ): T {
    const others = occupants().filter((one) => one.modelId !== modelId);
    const first = plan(without(memory, others));
    if (others.length === 0 || first.fit.verdict === 'fits') return first;
    return plan(
      without(
        memory,
        others.filter((one) => one.busy),
      ),
    );
  }

  function planIn(
    now: FreeMemory,
    model: PlannedModel,
    settings: LoadSettings,
    beside: AuxiliaryFiles['beside'],
    wishedSequences?: number,
  ): FirstPlan {
    const { modelId } = model;
    const key = known?.key;
    return amongOthers(modelId, memoryForAll(now), (memory) => {
      const facts: PlanFacts = {
        weightsBytes: model.weightsBytes,
        summary: model.summary ?? null,
        ...(beside && { beside }),
        fallbackContextSize: model.contextSize,
        memory,
        calibration: (key !== undefined && records?.calibration(modelId, key)) || null,
        cores: physicalCores(),
        measured: (settingsKey) => (key !== undefined && records?.measured(modelId, key, settingsKey)) || null,
        backend: known?.backend ?? 'cpu',
      };
      return { facts, ...planLoad(settings, facts, wishedSequences) };
    });
  }

  async function planFor(
    model: EngineModel,
    settings: LoadSettings,
    files: AuxiliaryFiles,
    { sequences, signal }: LoadWish = {},
  ): Promise<FirstPlan> {
    const [memory] = await Promise.all([hardware.memory(freeMemory(), signal), identify()]);
    return planIn(memory, model, settings, files.beside, sequences);
  }

  async function findFiles(settings: LoadSettings): Promise<AuxiliaryFiles> {
    // A missing file is an error only when the model is loaded.
    const files = await findAuxiliaryFiles(settings, options.findAuxiliaryFile).catch(() => noAuxiliaryFiles);
    if (namesFiles(settings)) foundFiles.set(filesKey(settings), { files, atMs: elapsedMs() });
    return files;
  }

  /** The files as they were found last. After some seconds they are looked for again, because they may be other ones or gone. */
  function lastFiles(settings: LoadSettings): AuxiliaryFiles {
    if (!namesFiles(settings)) return noAuxiliaryFiles;
    const key = filesKey(settings);
    const found = foundFiles.get(key);
    if (found === undefined || elapsedMs() - found.atMs > FOUND_FILES_MS) {
      const files = found?.files ?? noAuxiliaryFiles;
      // One search at a time.
      foundFiles.set(key, { files, atMs: elapsedMs() });
      void findFiles(settings);
    }
    return found?.files ?? noAuxiliaryFiles;
  }

  const fitNow: FitOf = (question, choice) => {
    const memory = hardware.lastMemory(freeMemory());
    const { modelId, summary, sizeBytes } = question;
    if (summary === null)
      return amongOthers(modelId, memoryForAll(memory), (left) => ({ fit: fitBySize(question, left) })).fit;
    const settings = { ...(records?.settings(modelId) ?? defaultLoadSettings), ...choice };
    const files = lastFiles(settings);
    const model = { modelId, summary, weightsBytes: sizeBytes, contextSize: defaultContextSize(summary.contextLength) };
    return planIn(memory, model, settings, files.beside).fit;
  };

  return {
    settingsOf: (model) => records?.settings(model.modelId) ?? defaultLoadSettings,
    planFor,
    async fitOf(model, settings, signal) {
      return (await planFor(model, settings, await findFiles(settings), { signal })).fit;
    },
    async sequencesOf(model, settings, wish) {
      return (await planFor(model, settings, await findFiles(settings), wish)).plan.sequences;
    },
    calibrationOf: async (model) => records?.calibration(model.modelId, await machine()) ?? null,
    async allowance() {
      const [memory] = await Promise.all([hardware.memory(freeMemory()), identify()]);
      const all = memoryForAll(memory);
      const { freeVramBytes = 0, totalVramBytes = 0, unifiedMemory = false } = all;
      return {
        ramBytes: all.freeRamBytes - (all.reserveRamBytes ?? 0),
        vramBytes: totalVramBytes > 0 ? freeVramBytes : Infinity,
        unifiedMemory,
      };
    },
    fitNow,
    machine,
    describeHardware: (signal) => hardware.describe(freeMemory(), signal),
  };
}

/** The settings that name auxiliary files, as a key. */
const filesKey = ({ speculation, loras }: LoadSettings): string => JSON.stringify([speculation, loras]);
const namesFiles = ({ speculation, loras }: LoadSettings): boolean => speculation.kind === 'draft' || loras.length > 0;

/** The main memory as the system reports it, for callers without figures of their own. */
export function plainFreeMemory(): FreeMemory {
  return { totalRamBytes: os.totalmem(), freeRamBytes: os.freemem() };
}
