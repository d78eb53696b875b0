/** The choice of the file in a repository that suits this machine best. */
import type { RecommendationReason } from '../../../preload/contract/hub.ts';
import type { Fit, ModelFileKind } from '../../../preload/contract/model.ts';
import { compareQuantizations } from '../../model-file/quantization.ts';
import { TYPICAL_CONTEXT } from '../../model-file/speed.ts';

export interface Choice {
  readonly path: string;
  readonly kind: ModelFileKind;
  readonly quantization: string | null;
  readonly sizeBytes: number;
  readonly fit: Fit;
}

/** Good quality reaches from Q8_0 down to Q4_K_M: above it the difference is not noticed, below it it is. */
const BEST_USEFUL = 'Q8_0';
const LEAST_GOOD = 'Q4_K_M';
/** Share of the free memory; a model that takes more leaves too little for other programs. */
const COMFORTABLE_SHARE = 0.5;
/** Speed in tokens per second from which on a chat does not wait for its reply. */
const QUICK = 8;

/**
 * The file to take and why; null when nothing can be recommended. Where speeds are predicted, only quick files of good quality count, or the
 * fastest of them where none is quick. The best quality that fits on the GPU as a whole comes first,
 * else the best that takes at most half of the free memory, else the smallest good one that fits, else the
 * best that fits at all.
 */
export function recommend(choices: readonly Choice[]): { path: string; reason: RecommendationReason } | null {
  const models = choices
    .filter((choice) => choice.kind === 'model')
    .sort((a, b) => compareQuantizations(a.quantization, b.quantization) || b.sizeBytes - a.sizeBytes);
  const isGood = ({ quantization }: Choice): boolean =>
    quantization !== null &&
    compareQuantizations(quantization, BEST_USEFUL) >= 0 &&
    compareQuantizations(quantization, LEAST_GOOD) <= 0;
  const fitting = models.filter((choice) => choice.fit.verdict === 'fits');
  const allGood = fitting.filter(isGood);
  const good = allGood.filter(({ fit }) => isQuick(fit));
  const fastest = allGood.toSorted((a, b) => (b.fit.tokensPerSecond ?? 0) - (a.fit.tokensPerSecond ?? 0))[0];
  if (good.length === 0 && fastest) return { path: fastest.path, reason: 'fastest_good' };

  const onGpu = good.find(({ fit }) => isOnGpu(fit));
  if (onGpu) return { path: onGpu.path, reason: 'best_on_gpu' };
  const comfortable = good.find(isComfortable);
  if (comfortable)
    return {
      path: comfortable.path,
      reason: allGood.some(isSlowerAndBetter(comfortable)) ? 'best_with_speed' : 'best_with_room',
    };
  const smallestGood = good.at(-1);
  if (smallestGood) return { path: smallestGood.path, reason: 'good_that_fits' };
  const above = fitting.filter(({ quantization }) => compareQuantizations(quantization, BEST_USEFUL) < 0);
  const best = above.at(-1) ?? fitting[0];
  if (best) return { path: best.path, reason: 'best_that_fits' };
  // A file that lacks memory, or leaves too little of it, is no advice.
  const unknown = models.filter((choice) => choice.fit.verdict === 'unknown' && isGood(choice)).at(-1);
  return unknown ? { path: unknown.path, reason: 'balanced' } : null;
}

/** Whether a file was left out for its speed, and would come before the chosen one. */
function isSlowerAndBetter(chosen: Choice): (choice: Choice) => boolean {
  return (choice) =>
    choice.fit.tokensPerSecond !== null &&
    choice.fit.tokensPerSecond < QUICK &&
    compareQuantizations(choice.quantization, chosen.quantization) < 0 &&
    isComfortable(choice);
}

/** Whether a model leaves enough memory for other programs. */
const isComfortable = ({ fit }: Choice): boolean =>
  fit.ramBytes - extraCacheBytes(fit) <= fit.freeRamBytes * COMFORTABLE_SHARE;

/** KV cache beyond a typical context. It is left out of the comparison, because an automatic context grows into any free memory. */
function extraCacheBytes(fit: Fit): number {
  return fit.kvCacheBytes * Math.max(0, 1 - TYPICAL_CONTEXT / fit.contextSize);
}

/** True where no speed is predicted, too. */
export const isQuick = ({ tokensPerSecond }: Fit): boolean => tokensPerSecond === null || tokensPerSecond >= QUICK;

/** True when all layers go to the GPU; before the layers are known, when all weights and their cache do. */
export function isOnGpu(fit: Fit): boolean {
  if (fit.layerCount > 0) return fit.gpuLayers === fit.layerCount;
  return fit.vramBytes > 0 && fit.vramBytes >= fit.weightsBytes + fit.kvCacheBytes;
}
