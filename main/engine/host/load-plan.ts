/** The load plan: a model's load settings with every automatic value chosen, and the memory that they take. */
import type { Calibration, LoadSettings } from '../../../preload/contract/engine.ts';
import type { Fit, KvCacheType } from '../../../preload/contract/model.ts';
import {
  estimateLoad,
  fitFromFileSize,
  measuredFit,
  type FreeMemory,
  type LoadedBeside,
} from '../../model-file/fit.ts';
import type { MemoryUse } from '../../model-file/memory.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import { threadsFor } from '../cores.ts';
import type { ChildBackend, LoadRequest } from '../protocol.ts';

/** The load settings of a model without its own. */
export const defaultLoadSettings: LoadSettings = {
  contextSize: 'auto',
  gpuLayers: 'auto',
  kvCacheType: 'F16',
  flashAttention: 'auto',
  batchSize: 'auto',
  threads: 'auto',
  mmap: true,
  mlock: false,
  sequences: 1,
  speculation: { kind: 'off' },
  loras: [],
};

/** llama.cpp's default, and the fastest on every processor that was measured: docs/performance.md. */
const DEFAULT_BATCH_SIZE = 512;

/** As the load settings allow. */
const MOST_SEQUENCES = 32;

/** The settings of a load that decide about its memory and speed. */
export type LoadPlan = Omit<LoadRequest, 'modelPath' | 'speculation' | 'loras' | 'scratchFolder'>;

export interface PlanFacts {
  readonly weightsBytes: number;
  /** Null: the header was not read, and memory is estimated from the file's size. */
  readonly summary: ModelSummary | null;
  /** What is loaded with the model. */
  readonly beside?: LoadedBeside;
  /** Context size in tokens for a model without a summary. */
  readonly fallbackContextSize: number;
  readonly memory: FreeMemory;
  readonly calibration: Calibration | null;
  /** Upper bound of threads. */
  readonly cores: number;
  /** The memory that a load with this key took on this machine; null when it was not measured. */
  readonly measured: (settingsKey: string) => MemoryUse | null;
  readonly backend: ChildBackend;
}

const isQuantized = (type: KvCacheType): boolean => type !== 'F32' && type !== 'F16' && type !== 'BF16';

/**
 * The plan for `settings` and its fit. Automatic `contextSize` and `gpuLayers` are chosen by `facts.memory`. Where the settings leave the
 * number of sequences at the default, it is as many of `wishedSequences` as fit beside what one sequence gets.
 */
export function planLoad(
  settings: LoadSettings,
  facts: PlanFacts,
  wishedSequences = settings.sequences,
): { plan: LoadPlan; fit: Fit } {
  const least = planSettings(settings, facts);
  if (!mayAddSequences(settings) || least.fit.verdict !== 'fits') return least;
  const { contextSize, gpuLayers } = least.plan;
  for (let sequences = Math.min(wishedSequences, MOST_SEQUENCES); sequences > settings.sequences; sequences--) {
    const wider = planSettings({ ...settings, contextSize, gpuLayers, sequences }, facts);
    if (wider.fit.verdict === 'fits') return wider;
  }
  return least;
}

/** Whether a model with these settings may get more sequences than they say: they leave the number at the default. */
export const mayAddSequences = ({ sequences }: LoadSettings): boolean => sequences === defaultLoadSettings.sequences;

function planSettings(settings: LoadSettings, facts: PlanFacts): { plan: LoadPlan; fit: Fit } {
  const { calibration, cores } = facts;
  const threads = (measured: number | undefined): number =>
    Math.min(
      cores,
      settings.threads === 'auto' ? (measured ?? threadsFor(facts.weightsBytes, cores)) : settings.threads,
    );
  // A smaller batch size that was measured to be faster is set after the load, so that larger ones can be measured again.
  const batchSize = settings.batchSize === 'auto' ? DEFAULT_BATCH_SIZE : settings.batchSize;
  // A cache of quantized values can only be read by flash attention.
  const flashAttention = isQuantized(settings.kvCacheType) ? true : settings.flashAttention;
  const choice = { kvCacheType: settings.kvCacheType, sequences: settings.sequences, batchSize, flashAttention };
  const fit = estimate({ ...choice, contextSize: settings.contextSize, gpuLayers: settings.gpuLayers }, facts);
  const plan: LoadPlan = {
    ...choice,
    contextSize: fit.contextSize,
    gpuLayers: fit.gpuLayers,
    decodeThreads: threads(calibration?.decodeThreads),
    promptThreads: threads(calibration?.promptThreads),
    mmap: settings.mmap,
    mlock: settings.mlock,
  };
  return { plan, fit: withMeasurement(fit, plan, facts) };
}

/** The memory of a plan: as measured at an earlier load, else estimated from the header, else from the file's size. */
export function fitOfPlan(plan: LoadPlan, facts: PlanFacts): Fit {
  return withMeasurement(estimate(plan, facts), plan, facts);
}

function estimate(
  choice: Pick<LoadPlan, 'kvCacheType' | 'sequences' | 'batchSize' | 'flashAttention'> &
    Pick<LoadSettings, 'contextSize' | 'gpuLayers'>,
  { summary, weightsBytes, beside, fallbackContextSize, memory }: PlanFacts,
): Fit {
  if (summary !== null)
    return estimateLoad(
      summary,
      { ...choice, flashAttention: choice.flashAttention !== false, ...(beside && { beside }) },
      memory,
    );
  const contextSize = typeof choice.contextSize === 'number' ? choice.contextSize : fallbackContextSize;
  const sizeBytes = weightsBytes + (beside?.adapterBytes ?? 0) + (beside?.draft?.sizeBytes ?? 0);
  const contextLength = contextSize * choice.sequences;
  const fit = fitFromFileSize({ sizeBytes, parameterCount: null, contextLength }, memory);
  return { ...fit, contextSize };
}

function withMeasurement(fit: Fit, plan: LoadPlan, facts: PlanFacts): Fit {
  // Measurements are of models without auxiliary files, which need further buffers.
  if (facts.beside) return fit;
  const measured = facts.measured(settingsKey(plan, facts.backend));
  const known = measured === null ? fit : measuredFit(fit, measured, facts.memory);
  const tokensPerSecond = measuredSpeed(fit, facts);
  return tokensPerSecond === null ? known : { ...known, tokensPerSecond, isSpeedEstimated: false };
}

/** The speed of the calibration, where it was measured as the model would be loaded: without a GPU. */
function measuredSpeed(fit: Fit, { calibration, memory }: PlanFacts): number | null {
  if (calibration === null || fit.gpuLayers > 0) return null;
  const withoutGpu = calibration.readBytesPerSecond !== undefined || (memory.totalVramBytes ?? 0) === 0;
  return withoutGpu ? calibration.decodeTokensPerSecond : null;
}

/** A key that is equal for loads that take the same memory. */
export function settingsKey(plan: LoadPlan, backend: ChildBackend): string {
  const { contextSize, sequences, gpuLayers, kvCacheType, flashAttention, batchSize, mmap, mlock } = plan;
  return JSON.stringify([
    backend,
    contextSize,
    sequences,
    gpuLayers,
    kvCacheType,
    flashAttention,
    batchSize,
    mmap,
    mlock,
  ]);
}
