/** Which file of a repository to take on this machine. */
import type { RecommendationReason } from '../../../preload/contract/hub.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { compareQuantizations } from '../../model-file/quantization.ts';

export interface Choice {
  readonly path: string;
  readonly kind: 'model' | 'projector' | 'adapter';
  readonly quantization: string | null;
  readonly sizeBytes: number;
  readonly fit: Fit;
}

/** From Q8_0 down to Q4_K_M: above it nobody reads a difference, below it everybody does. */
const BEST = 'Q8_0';
const LEAST = 'Q4_K_M';
/** A model that takes more of the free memory leaves too little for everything else. */
const COMFORTABLE_SHARE = 0.5;
/** Tokens. */
const USUAL_CONTEXT = 8192;

/**
 * The file to take and why, or null where nothing can be advised: the best quality that goes to the GPU
 * as a whole, else the best that takes at most half of the free memory, else the smallest good one that fits, else the
 * best that fits at all.
 */
export function recommend(choices: readonly Choice[]): { path: string; reason: RecommendationReason } | null {
  const models = choices
    .filter((choice) => choice.kind === 'model')
    .sort((a, b) => compareQuantizations(a.quantization, b.quantization) || b.sizeBytes - a.sizeBytes);
  const isGood = ({ quantization }: Choice): boolean =>
    quantization !== null &&
    compareQuantizations(quantization, BEST) >= 0 &&
    compareQuantizations(quantization, LEAST) <= 0;
  const fitting = models.filter((choice) => choice.fit.verdict === 'fits');
  const good = fitting.filter(isGood);

  const onGpu = good.find(({ fit }) => isOnGpu(fit));
  if (onGpu) return { path: onGpu.path, reason: 'best_on_gpu' };
  const comfortable = good.find(({ fit }) => fit.ramBytes - sparedBytes(fit) <= fit.freeRamBytes * COMFORTABLE_SHARE);
  if (comfortable) return { path: comfortable.path, reason: 'best_with_room' };
  const smallestGood = good.at(-1);
  if (smallestGood) return { path: smallestGood.path, reason: 'good_that_fits' };
  const above = fitting.filter(({ quantization }) => compareQuantizations(quantization, BEST) < 0);
  const best = above.at(-1) ?? fitting[0];
  if (best) return { path: best.path, reason: 'best_that_fits' };
  const tight = models.filter((choice) => choice.fit.verdict === 'tight').at(-1);
  if (tight) return { path: tight.path, reason: 'may_just_fit' };
  const unknown = models.filter((choice) => choice.fit.verdict === 'unknown' && isGood(choice)).at(-1);
  return unknown ? { path: unknown.path, reason: 'balanced' } : null;
}

/** The part of the cache that a usual context does without: a long one takes what room there is, whichever file it is. */
function sparedBytes(fit: Fit): number {
  return fit.kvCacheBytes * Math.max(0, 1 - USUAL_CONTEXT / fit.contextSize);
}

/** All layers; before the layers are known, all the weights with their cache. */
function isOnGpu(fit: Fit): boolean {
  if (fit.layerCount > 0) return fit.gpuLayers === fit.layerCount;
  return fit.vramBytes > 0 && fit.vramBytes >= fit.weightsBytes + fit.kvCacheBytes;
}
