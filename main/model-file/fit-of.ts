/** The one question for a model's fit. Lists, pages and loads ask it, so that a model has one number everywhere. */
import type { Fit, KvCacheType } from '../../preload/contract/model.ts';
import { defaultLoadChoice, estimateLoad, fitFromFileSize, type FreeMemory } from './fit.ts';
import type { ModelSummary } from './model-summary.ts';

export interface FitQuestion {
  readonly modelId: string;
  readonly sizeBytes: number;
  /** From the file's header, or as `summaryLike` takes it from another file of the model; null: only the size is known. */
  readonly summary: ModelSummary | null;
  /** What is known where no header was read. */
  readonly parameterCount?: number | null;
  readonly contextLength?: number | null;
  /** Bytes of weights that a token reads. */
  readonly weightsReadBytes?: number;
}

/** Values in place of the model's own load settings. */
export interface FitChoice {
  readonly contextSize?: number;
  readonly kvCacheType?: KvCacheType;
  readonly gpuLayers?: number;
}

/** The fit with the model's own load settings; a choice replaces some of them. */
export type FitOf = (question: FitQuestion, choice?: FitChoice) => Fit;

/** The fit where no load settings and no measurements are kept, as in the command line. */
export function fitIn(memory: () => FreeMemory): FitOf {
  return (question, choice) =>
    question.summary === null
      ? fitBySize(question, memory())
      : estimateLoad(question.summary, { ...defaultLoadChoice, ...choice }, memory());
}

export function fitBySize(question: FitQuestion, memory: FreeMemory): Fit {
  const { sizeBytes, parameterCount = null, contextLength = null, weightsReadBytes } = question;
  const known = {
    sizeBytes,
    parameterCount,
    contextLength,
    ...(weightsReadBytes !== undefined && { weightsReadBytes }),
  };
  return fitFromFileSize(known, memory);
}

/** The summary of another quantization of the same model: all weights in proportion to the file's size, and the same cache. */
export function summaryLike(known: ModelSummary, sizeBytes: number): ModelSummary {
  const share = sizeBytes / Math.max(1, known.weightsBytes);
  const scaled = (bytes: number): number => Math.round(bytes * share);
  return {
    ...known,
    quantization: null,
    weightsBytes: sizeBytes,
    inputBytes: scaled(known.inputBytes),
    outputBytes: scaled(known.outputBytes),
    outputCopyBytes: scaled(known.outputCopyBytes),
    layers: known.layers.map((layer) => ({
      ...layer,
      weightsBytes: scaled(layer.weightsBytes),
      ...(layer.idleBytes !== undefined && { idleBytes: scaled(layer.idleBytes) }),
    })),
  };
}
