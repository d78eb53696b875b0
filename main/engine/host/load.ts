/** Bringing one model into memory: estimate, load, step down where it does not fit, and find out what is fastest. */
import type { Calibration, LoadSettings } from '../../../preload/contract/engine.ts';
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { freeCores } from './machine/busy-cores.ts';
import { findFastest } from './machine/calibration.ts';
import type { EngineProcess } from './processes/engine-process.ts';
import { fitOfPlan, planLoad, settingsKey, type LoadPlan, type PlanFacts } from './load-plan.ts';
import type { ChildBackend, ChildMemory, LoadedInfo, LoadRequest } from '../protocol.ts';
import { leaveGpu, MAX_STEPS, stepDown, type Step } from './step-down.ts';

export interface LoadOrder {
  readonly modelPath: string;
  readonly weightsBytes: number;
  readonly settings: LoadSettings;
  readonly facts: PlanFacts;
  readonly extras: Pick<LoadRequest, 'speculation' | 'loras' | 'scratchFolder'>;
  /** Of the processor, just now in use by other programs. */
  readonly busyCores: number;
  /** Whether to measure when nothing is known of this model here. */
  readonly calibrate: boolean;
  readonly now: () => number;
  /** A child for one attempt. */
  readonly take: (backend: ChildBackend) => EngineProcess;
  readonly onProgress: (progress: number) => void;
  /** What was changed until now, for people. */
  readonly onNotes: (notes: readonly LoadNote[]) => void;
  /** The load was cancelled: its child was ended on purpose. */
  readonly isCancelled: () => boolean;
}

export interface Loaded {
  readonly process: EngineProcess;
  readonly info: LoadedInfo;
  readonly plan: LoadPlan;
  readonly settingsKey: string;
  readonly memory: ChildMemory;
  /** What is known of it here, now and after a further measurement. */
  calibration: Calibration | null;
  /** The step that prompts are read in. */
  tunedBatchSize: number;
  readonly decodeThreads: number;
  /** It was measured in this load, on a machine that had nothing else to do: worth keeping. */
  readonly isNewCalibration: boolean;
}

/** @throws AppError `engine.*`, `model.*` when the model cannot be loaded in any way; `cancelled`. The last child is then gone. */
export async function loadModel(order: LoadOrder): Promise<Loaded> {
  const first = planLoad(order.settings, order.facts);
  const told: LoadNote[] = [];
  if (order.settings.flashAttention === false && first.plan.flashAttention === true)
    told.push({ code: 'flash_attention_needed', kvCacheType: first.plan.kvCacheType });
  const steps: Step[] = [...fitOnPaper(first.plan, first.fit, order.facts)];
  // A step that did not help and was taken back counts as taken, but is not told.
  const kept = new Set(steps);
  let plan = steps.at(-1)?.plan ?? first.plan;
  for (;;) {
    order.onNotes([...told, ...steps.filter((step) => kept.has(step)).map(({ note }) => note)]);
    const backend = plan.gpuLayers > 0 || order.facts.backend === 'metal' ? order.facts.backend : 'cpu';
    const child = order.take(backend);
    try {
      return await attempt(order, child, plan, backend);
    } catch (thrown) {
      const error = await child.explain(thrown);
      await child.kill(error); // a failed load must not keep its memory
      if (order.isCancelled()) throw new AppError('cancelled', 'The load was cancelled.');
      const isCacheRefused = error.data['setting'] === 'kvCacheType';
      if (!isCacheRefused && !doesNotFit(error, plan)) throw error;
      const cache = steps.find((step) => step.changed === 'kv_cache_type' && kept.has(step));
      if (cache) {
        // Not every model can have its context in that precision, and a smaller context saves as much.
        kept.delete(cache);
        plan = { ...plan, kvCacheType: first.plan.kvCacheType, flashAttention: first.plan.flashAttention };
      } else if (isCacheRefused) {
        // As it was asked for, and nothing was given up for memory's sake.
        told.splice(0, told.length, { code: 'kv_cache_type_refused', kvCacheType: plan.kvCacheType });
        plan = { ...plan, kvCacheType: 'F16', flashAttention: order.settings.flashAttention };
        continue;
      }
      // A driver that stops the process does so again with fewer layers.
      const step = isDriverTrouble(error)
        ? leaveGpu(plan)
        : steps.length < MAX_STEPS
          ? stepDown(plan, steps, first.fit.layerCount)
          : null;
      if (step === null)
        throw new AppError(error.code, error.message, {
          ...error.data,
          ...(steps.length > 0 && { steps: steps.length }),
        });
      steps.push(step);
      kept.add(step);
      plan = step.plan;
    }
  }
}

/**
 * Steps that the estimate alone asks for. Systems hand out more memory than they have and end a process later, so waiting for a
 * failure is no way to find out on the CPU. None when even all of them would not make it fit: then it is tried as it was asked for.
 */
function fitOnPaper(plan: LoadPlan, fit: Fit, facts: PlanFacts): readonly Step[] {
  const steps: Step[] = [];
  const fits = ({ ramBytes, vramBytes }: Fit): boolean =>
    ramBytes <= facts.memory.freeRamBytes && vramBytes <= (facts.memory.freeVramBytes ?? 0);
  if (fit.basis === 'file_size' || fits(fit)) return steps;
  for (let at = plan; steps.length < MAX_STEPS;) {
    const step = stepDown(at, steps, fit.layerCount);
    if (step === null) return [];
    steps.push(step);
    if (fits(fitOfPlan(step.plan, facts))) return steps;
    at = step.plan;
  }
  return [];
}

/** Whether less might help: memory was short, or the GPU's driver took the child along. */
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
  const request: LoadRequest = { modelPath: order.modelPath, ...plan, ...order.extras };
  for await (const event of child.client.stream('load', request)) {
    if (event.type === 'progress') order.onProgress(event.progress);
    else info = event.info;
  }
  if (!info) throw new AppError('engine.crashed', 'The engine ended the load without a word.');
  const known = order.facts.calibration;
  // With every layer on the GPU the threads only wait.
  const computes = info.gpuLayers < info.layerCount;
  const found = order.calibrate && computes && known === null ? await calibrate(child, order, info.batchSize) : null;
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
    tunedBatchSize: found?.batchSize ?? tunedBatchSize,
    decodeThreads: found?.decodeThreads ?? info.decodeThreads,
    isNewCalibration: found !== null && order.busyCores < 0.5,
  };
}

/** What was measured, and what the model goes on with. */
export interface Tuned {
  readonly calibration: Calibration;
  readonly decodeThreads: number;
  readonly batchSize: number;
}

/**
 * Measures the loaded model and lets it go on with what was fastest, where the settings leave that open; null for a model that is too
 * large to be measured in time. Throws busy while it writes.
 */
export async function calibrate(
  child: EngineProcess,
  order: Pick<LoadOrder, 'weightsBytes' | 'busyCores' | 'now' | 'settings'> & {
    readonly facts: Pick<PlanFacts, 'cores'>;
  },
  loadedBatchSize: number,
): Promise<Tuned | null> {
  const calibration = await findFastest({
    weightsBytes: order.weightsBytes,
    cores: freeCores(order.facts.cores, order.busyCores),
    batchSize: loadedBatchSize,
    now: order.now,
    measure: (candidates) => child.client.call('measure', candidates),
  });
  if (calibration === null) return null;
  const { settings } = order;
  const fixed = settings.threads === 'auto' ? null : Math.min(settings.threads, order.facts.cores);
  const tuning = {
    decodeThreads: fixed ?? calibration.decodeThreads,
    promptThreads: fixed ?? calibration.promptThreads,
    batchSize: settings.batchSize === 'auto' ? calibration.batchSize : loadedBatchSize,
  };
  await child.client.call('setTuning', tuning);
  return { calibration, decodeThreads: tuning.decodeThreads, batchSize: tuning.batchSize };
}
