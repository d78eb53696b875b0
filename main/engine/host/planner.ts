/** Plans loads: collects a model's settings, its measurements on this machine, and the memory that is available to it. */
import os from 'node:os';
import type { Calibration, Hardware, LoadSettings } from '../../../preload/contract/engine.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import type { FreeMemory } from '../../model-file/fit.ts';
import { measuredUse } from '../../model-file/memory.ts';
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
import type { DeviceReport } from '../protocol.ts';

export interface EngineModel {
  readonly modelId: string;
  readonly name: string;
  readonly path: string;
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

export interface PlannerOptions {
  readonly records: LoadRecords | null;
  readonly hardware: HardwareProbe;
  readonly freeMemory: () => FreeMemory;
  /** RAM limit for all models together; null: the free memory. */
  readonly budgetBytes: () => number | null;
  readonly occupants: () => readonly Occupant[];
  readonly findAuxiliaryFile: FindAuxiliaryFile | null;
}

export interface Planner {
  settingsOf(model: EngineModel): LoadSettings;
  /**
   * The first plan of a load. Its memory is what the other models leave; when the model does not fit in it, what the busy ones leave,
   * since idle models would be evicted.
   */
  planFor(model: EngineModel, settings: LoadSettings, files: AuxiliaryFiles): Promise<FirstPlan>;
  fitOf(model: EngineModel, settings: LoadSettings): Promise<Fit>;
  calibrationOf(model: EngineModel): Promise<Calibration | null>;
  /** The memory for all models together. */
  allowance(): Promise<Allowance>;
  /** `memory` with this machine's measured rate of reading, once the machine is known. */
  withReadRate(memory: FreeMemory): FreeMemory;
  machine(): Promise<string>;
  describeHardware(): Promise<Hardware>;
}

/** Share of the memory that models may take at most. Memory of loaded models counts as free here. */
const FREE_SHARE = 0.95;

export function createPlanner(options: PlannerOptions): Planner {
  const { records, hardware, freeMemory, budgetBytes, occupants } = options;
  let known: { readonly report: DeviceReport | null; readonly key: string } | undefined;
  const machine = async (): Promise<string> => {
    const { report } = await hardware.probe();
    if (known?.report !== report) known = { report, key: machineKey(report) };
    return known.key;
  };

  function withReadRate(memory: FreeMemory): FreeMemory {
    if (known === undefined) void machine();
    const rate = known && records?.readBytesPerSecond(known.key);
    return typeof rate === 'number' ? { ...memory, readBytesPerSecond: rate } : memory;
  }

  /** The memory that would be free without any of Hearth's models, within the user's budget. */
  async function memoryForAll(): Promise<FreeMemory> {
    await machine();
    const free = withReadRate(await hardware.memory(freeMemory()));
    const own = occupants();
    const returned = own.reduce((sum, one) => sum + returnedBytes(one.pid, one, free.unifiedMemory === true), 0);
    const most = Math.min(free.totalRamBytes, (free.freeRamBytes + returned) * FREE_SHARE);
    return {
      ...free,
      freeRamBytes: Math.min(budgetBytes() ?? Infinity, most),
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

  async function planFor(model: EngineModel, settings: LoadSettings, files: AuxiliaryFiles): Promise<FirstPlan> {
    const [memory, { backend }, key] = await Promise.all([memoryForAll(), hardware.probe(), machine()]);
    const { modelId } = model;
    const { beside } = files;
    const planWithout = (others: readonly Occupant[]): FirstPlan => {
      const facts: PlanFacts = {
        weightsBytes: model.weightsBytes,
        summary: model.summary ?? null,
        ...(beside && { beside }),
        fallbackContextSize: model.contextSize,
        memory: without(memory, others),
        calibration: records?.calibration(modelId, key) ?? null,
        cores: physicalCores(),
        measured: (settingsKey) => records?.measured(modelId, key, settingsKey) ?? null,
        backend,
      };
      return { facts, ...planLoad(settings, facts) };
    };
    const others = occupants().filter((one) => one.modelId !== modelId);
    const first = planWithout(others);
    if (others.length === 0 || first.fit.verdict === 'fits') return first;
    return planWithout(others.filter((one) => one.busy));
  }

  return {
    settingsOf: (model) => records?.settings(model.modelId) ?? defaultLoadSettings,
    planFor,
    async fitOf(model, settings) {
      // A missing file is an error only when the model is loaded.
      const files = await findAuxiliaryFiles(settings, options.findAuxiliaryFile).catch(() => noAuxiliaryFiles);
      return (await planFor(model, settings, files)).fit;
    },
    calibrationOf: async (model) => records?.calibration(model.modelId, await machine()) ?? null,
    async allowance() {
      const { freeRamBytes, freeVramBytes = 0, totalVramBytes = 0, unifiedMemory = false } = await memoryForAll();
      return { ramBytes: freeRamBytes, vramBytes: totalVramBytes > 0 ? freeVramBytes : Infinity, unifiedMemory };
    },
    withReadRate,
    machine,
    describeHardware: () => hardware.describe(freeMemory()),
  };
}

/** The main memory as the system reports it, for callers without figures of their own. */
export function plainFreeMemory(): FreeMemory {
  return { totalRamBytes: os.totalmem(), freeRamBytes: os.freemem() };
}
