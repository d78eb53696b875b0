/** Loads one model: estimates its memory, steps down while it does not fit, and measures the fastest settings. */
import type { Calibration, LoadSettings } from '../../../preload/contract/engine.ts';
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import { readRate } from '../../model-file/speed.ts';
import { BUSY_CORES_LIMIT } from './machine/busy-cores.ts';
import { findFastest } from './machine/calibration.ts';
import type { EngineProcess } from './processes/engine-process.ts';
import { auxiliaryRequest, type AuxiliaryFiles } from './auxiliary-files.ts';
import type { FirstPlan } from './planner.ts';
import { fitOfPlan, settingsKey, type LoadPlan, type PlanFacts } from './load-plan.ts';
import type { ChildBackend, ChildMemory, LoadedInfo, LoadRequest } from '../protocol.ts';
import { leaveGpu, MAX_STEPS, stepDown, type Step } from './step-down.ts';

export interface LoadOrder {
  readonly modelPath: string;
  readonly weightsBytes: number;
  readonly settings: LoadSettings;
  readonly first: FirstPlan;
  readonly files: AuxiliaryFiles;
  readonly scratchFolder: string | null;
  /** Cores that other programs use at the moment. It may wait for a first reading. */
  readonly busyCores: () => Promise<number>;
  /** Whether to measure a model without a calibration on this machine. */
  readonly calibrate: boolean;
  readonly now: () => number;
  /** Returns a child for one attempt. */
  readonly take: (backend: ChildBackend) => EngineProcess;
  readonly onProgress: (progress: number) => void;
  /** Gets the notes about changed settings so far. */
  readonly onNotes: (notes: readonly LoadNote[]) => void;
  /** Whether the load was cancelled, so that the end of its child is no failure. */
  readonly isCancelled: () => boolean;
}

export interface Loaded {
  readonly process: EngineProcess;
  readonly info: LoadedInfo;
  readonly plan: LoadPlan;
  readonly settingsKey: string;
  readonly memory: ChildMemory;
  /** The latest calibration on this machine; null for none. */
  calibration: Calibration | null;
  /** A measurement after the load found nothing, so only the user asks for another one. */
  isUnmeasurable: boolean;
  /** The batch size for prompts. */
  tunedBatchSize: number;
  readonly decodeThreads: number;
  /** True when the calibration was measured in this load on an otherwise idle machine, and so is worth storing. */
  readonly isNewCalibration: boolean;
}

/** @throws AppError `engine.*`, `model.*` when the model cannot be loaded in any way; `cancelled`. The last child is then gone. */
export async function loadModel(order: LoadOrder): Promise<Loaded> {
  const { first } = order;
  const told: LoadNote[] = [];
  if (order.settings.flashAttention === false && first.plan.flashAttention === true)
    told.push({ code: 'flash_attention_needed', kvCacheType: first.plan.kvCacheType });
  const steps: Step[] = [...fitOnPaper(first.plan, first.fit, first.facts, [])];
  // A step that was reverted stays among the taken ones, but has no note.
  const kept = new Set(steps);
  let plan = steps.at(-1)?.plan ?? first.plan;
  /** The cache type that replaces a lowered one which the model refuses. */
  let asked: Pick<LoadPlan, 'kvCacheType' | 'flashAttention'> = cacheOf(first.plan);
  /** The last failure that a smaller load may avoid. */
  let trouble: AppError | null = null;
  let maxSteps = MAX_STEPS;
  for (;;) {
    order.onNotes([...told, ...steps.filter((step) => kept.has(step)).map(({ note }) => note)]);
    const backend = plan.gpuLayers > 0 || first.facts.backend === 'metal' ? first.facts.backend : 'cpu';
    const child = order.take(backend);
    try {
      return await attempt(order, child, plan, backend);
    } catch (thrown) {
      const error = await child.explain(thrown);
      await child.kill(error); // a failed load must not keep its memory
      if (order.isCancelled()) throw new AppError('cancelled', 'The load was cancelled.');
      const isCacheRefused = error.data['setting'] === 'kvCacheType';
      if (!isCacheRefused && !doesNotFit(error, plan)) throw error;
      if (!isCacheRefused) trouble = error;
      if (!isCacheRefused && plan.sequences > order.settings.sequences) {
        // Only programs wished for more of them, and a shorter context is worse.
        plan = { ...plan, sequences: order.settings.sequences };
        continue;
      }
      const cache = steps.find((step) => step.changed === 'kv_cache_type' && kept.has(step));
      if (cache) {
        // Not every model supports a quantized cache, and a smaller context saves as much memory.
        kept.delete(cache);
        plan = { ...plan, ...asked };
        // A refusal comes before any memory is allocated and shows nothing about what fits, so it uses up no step.
        if (isCacheRefused) maxSteps++;
      } else if (isCacheRefused && plan.kvCacheType !== 'F16') {
        // The user's own cache type was refused. No memory was saved by it, so other steps have no notes.
        told.splice(0, told.length, { code: 'kv_cache_type_refused', kvCacheType: plan.kvCacheType });
        asked = { kvCacheType: 'F16', flashAttention: order.settings.flashAttention };
        plan = { ...plan, ...asked };
        // The larger cache may need steps of its own.
        const more = fitOnPaper(plan, fitOfPlan(plan, first.facts), first.facts, steps);
        for (const step of more) kept.add(step);
        steps.push(...more);
        plan = more.at(-1)?.plan ?? plan;
        continue;
      }
      // A driver that ended the process would end it with fewer layers too.
      const step = isDriverTrouble(error)
        ? leaveGpu(plan)
        : steps.length < maxSteps
          ? stepDown(plan, steps, first.fit.layerCount)
          : null;
      if (step) {
        steps.push(step);
        kept.add(step);
        plan = step.plan;
      } else if (!(cache && isCacheRefused) || trouble !== null) throw afterSteps(trouble ?? error, steps.length);
      // Else no step is left, and the plan without the refused cache type was not tried yet.
    }
  }
}

const cacheOf = ({ kvCacheType, flashAttention }: LoadPlan): Pick<LoadPlan, 'kvCacheType' | 'flashAttention'> => ({
  ...{ kvCacheType, flashAttention },
});

const afterSteps = ({ code, message, data }: AppError, steps: number): AppError =>
  new AppError(code, message, { ...data, ...(steps > 0 && { steps }) });

/**
 * The steps that the estimate demands before an attempt, after those already `taken`. On the CPU a failed allocation cannot be relied
 * on, because systems grant more memory than they have and end a process later. None when the model would not fit even after all steps:
 * it is tried as requested.
 */
function fitOnPaper(plan: LoadPlan, fit: Fit, facts: PlanFacts, taken: readonly Step[]): readonly Step[] {
  const steps: Step[] = [];
  const fits = ({ ramBytes, vramBytes }: Fit): boolean =>
    ramBytes <= facts.memory.freeRamBytes - (facts.memory.reserveRamBytes ?? 0) &&
    vramBytes <= (facts.memory.freeVramBytes ?? 0);
  if (fit.basis === 'file_size' || fits(fit)) return steps;
  for (let at = plan; taken.length + steps.length < MAX_STEPS;) {
    const step = stepDown(at, [...taken, ...steps], fit.layerCount);
    if (step === null) return [];
    steps.push(step);
    if (fits(fitOfPlan(step.plan, facts))) return steps;
    at = step.plan;
  }
  return [];
}

/** Whether a smaller plan may help: after a lack of memory, or when the GPU's driver ended the child. */
function doesNotFit(error: AppError, plan: LoadPlan): boolean {
  return (
    error.code === 'engine.out_of_memory' ||
    (error.code === 'engine.crashed' && error.data['reason'] === 'SIGKILL') ||
    (plan.gpuLayers > 0 && isDriverTrouble(error))
  );
}

function isDriverTrouble(error: AppError): boolean {
  const reason = error.data['reason'];
  return error.code === 'engine.crashed' && reason !== 'SIGKILL' && reason !== 'SIGILL';
}

async function attempt(order: LoadOrder, child: EngineProcess, plan: LoadPlan, backend: ChildBackend): Promise<Loaded> {
  let info: LoadedInfo | undefined;
  const { modelPath, scratchFolder, files, settings } = order;
  const beside = auxiliaryRequest(files, settings.speculation, plan.gpuLayers);
  const request: LoadRequest = { modelPath, scratchFolder, ...plan, ...beside };
  for await (const event of child.client.stream('load', request)) {
    if (event.type === 'progress') order.onProgress(event.progress);
    else info = event.info;
  }
  if (!info) throw new AppError('engine.crashed', 'The engine ended the load without a word.');
  const { calibration: known, cores } = order.first.facts;
  // With all layers on the GPU the CPU threads compute nothing.
  const computes = info.gpuLayers < info.layerCount;
  const readModel = info.gpuLayers === 0 ? order.first.facts.summary : null;
  // Beside other programs' work a measurement finds too few threads. The model is measured later then, while the machine is idle.
  const isMeasured = order.calibrate && computes && known === null && (await order.busyCores()) < BUSY_CORES_LIMIT;
  const found = isMeasured ? await calibrate(child, { ...order, readModel, cores }, info.batchSize) : null;
  const tunedBatchSize =
    order.settings.batchSize === 'auto' && known !== null ? Math.min(known.batchSize, info.batchSize) : info.batchSize;
  const { decodeThreads, promptThreads } = info;
  if (tunedBatchSize < info.batchSize)
    await child.client.call('setTuning', { decodeThreads, promptThreads, batchSize: tunedBatchSize });
  const memory = await child.client.call('memory', {});
  return {
    ...{ process: child, info, plan, memory },
    settingsKey: settingsKey(plan, backend),
    calibration: found?.calibration ?? known,
    isUnmeasurable: isMeasured && found === null,
    tunedBatchSize: found?.batchSize ?? tunedBatchSize,
    decodeThreads: found?.decodeThreads ?? info.decodeThreads,
    isNewCalibration: found !== null,
  };
}

/** The result of a measurement, and the tuning that is set after it. */
export interface Tuned {
  readonly calibration: Calibration;
  readonly decodeThreads: number;
  readonly batchSize: number;
}

/**
 * Measures the loaded model and sets the fastest tuning, except for values that the settings fix. Null where nothing was measured.
 * Throws busy while it writes.
 */
export async function calibrate(
  child: EngineProcess,
  order: Pick<LoadOrder, 'weightsBytes' | 'now' | 'settings'> &
    Pick<PlanFacts, 'cores'> & {
      /** The model, if all of it is in main memory; else null. */
      readonly readModel: ModelSummary | null;
    },
  loadedBatchSize: number,
): Promise<Tuned | null> {
  const found = await findFastest({
    weightsBytes: order.weightsBytes,
    cores: order.cores,
    batchSize: loadedBatchSize,
    now: order.now,
    measure: (candidates) => child.client.call('measure', candidates),
  });
  if (found === null) return null;
  const rate = order.readModel && readRate(order.readModel, found.decodeTokensPerSecond);
  const calibration = { ...found, ...(rate !== null && { readBytesPerSecond: rate }) };
  const { settings } = order;
  const fixed = settings.threads === 'auto' ? null : Math.min(settings.threads, order.cores);
  const tuning = {
    decodeThreads: fixed ?? calibration.decodeThreads,
    promptThreads: fixed ?? calibration.promptThreads,
    batchSize: settings.batchSize === 'auto' ? calibration.batchSize : loadedBatchSize,
  };
  await child.client.call('setTuning', tuning);
  return { calibration, decodeThreads: tuning.decodeThreads, batchSize: tuning.batchSize };
}
