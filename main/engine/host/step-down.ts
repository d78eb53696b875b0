/** The steps for a model that does not fit, in order: KV cache type, context size, GPU layers, CPU only. */
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import type { LoadPlan } from './load-plan.ts';

export interface Step {
  readonly plan: LoadPlan;
  /** The note that the user sees. */
  readonly note: LoadNote;
  readonly changed: 'kv_cache_type' | 'context' | 'gpu_layers' | 'cpu' | 'batch';
}

/** Limit for the steps of one load. More would keep the user waiting for a model that is too large. */
export const MAX_STEPS = 5;
/** Smallest context of a useful chat, in tokens. A smaller one is only the last resort on the CPU. */
const USEFUL_CONTEXT = 2048;
const LEAST_CONTEXT = 512;
const LEAST_BATCH = 128;

/**
 * The next plan to try after `plan` did not fit; null when nothing is left to give up. `taken` are the steps before. `layerCount` as
 * llama.cpp counts them, the output layer included.
 */
export function stepDown(plan: LoadPlan, taken: readonly Step[], layerCount: number): Step | null {
  const tried = (changed: Step['changed']): number => taken.filter((step) => step.changed === changed).length;
  const onGpu = plan.gpuLayers > 0;

  if (
    tried('kv_cache_type') === 0 &&
    (plan.kvCacheType === 'F16' || plan.kvCacheType === 'BF16' || plan.kvCacheType === 'F32')
  )
    return {
      changed: 'kv_cache_type',
      plan: { ...plan, kvCacheType: 'Q8_0', flashAttention: true },
      note: { code: 'kv_cache_type_lowered', from: plan.kvCacheType, to: 'Q8_0' },
    };
  // On a GPU layers are moved after one halving, because a slower chat is better than a shorter context.
  const least = onGpu || plan.contextSize > USEFUL_CONTEXT ? USEFUL_CONTEXT : LEAST_CONTEXT;
  if (plan.contextSize > least && (!onGpu || tried('context') === 0)) {
    const contextSize = Math.max(least, Math.floor(plan.contextSize / 2 / 256) * 256);
    return {
      changed: 'context',
      plan: { ...plan, contextSize },
      note: { code: 'context_shortened', fromTokens: plan.contextSize, toTokens: contextSize },
    };
  }
  if (onGpu && tried('gpu_layers') < 2 && plan.gpuLayers > 2) {
    const gpuLayers = Math.floor(plan.gpuLayers * 0.7);
    return {
      changed: 'gpu_layers',
      plan: { ...plan, gpuLayers },
      note: { code: 'gpu_layers_lowered', from: plan.gpuLayers, to: gpuLayers, layerCount },
    };
  }
  if (onGpu)
    return {
      changed: 'cpu',
      plan: { ...plan, gpuLayers: 0 },
      note: { code: 'gpu_unused', why: 'memory' },
    };
  if (plan.batchSize > LEAST_BATCH)
    return {
      changed: 'batch',
      plan: { ...plan, batchSize: LEAST_BATCH },
      note: { code: 'batch_lowered', fromTokens: plan.batchSize, toTokens: LEAST_BATCH },
    };
  return null;
}

/** The plan without the GPU, after its driver ended the process. */
export function leaveGpu(plan: LoadPlan): Step {
  return {
    changed: 'cpu',
    plan: { ...plan, gpuLayers: 0 },
    note: { code: 'gpu_unused', why: 'driver' },
  };
}
