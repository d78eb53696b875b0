/** Which file of a repository to take on this machine. */
import type { Fit } from '../../../preload/contract/model.ts';
import { formatBytes } from '../../base/format.ts';
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
 * The file to take and one sentence that says why, or null where nothing can be advised: the best quality that goes to the GPU
 * as a whole, else the best that takes at most half of the free memory, else the smallest good one that fits, else the
 * best that fits at all.
 */
export function recommend(choices: readonly Choice[]): { path: string; reason: string } | null {
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
  if (onGpu) {
    const { vramBytes, freeVramBytes } = onGpu.fit;
    const taken = `it takes ${formatBytes(vramBytes)} of ${formatBytes(freeVramBytes)} there`;
    return { path: onGpu.path, reason: `The best quality that fits on the GPU as a whole: ${taken}.` };
  }
  const comfortable = good.find(({ fit }) => ramBytes(fit) - sparedBytes(fit) <= fit.freeRamBytes * COMFORTABLE_SHARE);
  if (comfortable)
    return {
      path: comfortable.path,
      reason: `The best quality that leaves plenty of room: ${share(comfortable.fit)}.`,
    };
  const smallestGood = good.at(-1);
  if (smallestGood)
    return { path: smallestGood.path, reason: `Good quality that fits on this computer: ${share(smallestGood.fit)}.` };
  const above = fitting.filter(({ quantization }) => compareQuantizations(quantization, BEST) < 0);
  const best = above.at(-1) ?? fitting[0];
  if (best) {
    return { path: best.path, reason: `The best of these files that fits on this computer: ${share(best.fit)}.` };
  }
  const tight = models.filter((choice) => choice.fit.verdict === 'tight').at(-1);
  if (tight)
    return { path: tight.path, reason: `The only size that may just fit: ${share(tight.fit)}. Expect it to be slow.` };
  const unknown = models.filter((choice) => choice.fit.verdict === 'unknown' && isGood(choice)).at(-1);
  return unknown ? { path: unknown.path, reason: 'A good balance of quality and size.' } : null;
}

/** What main memory has to hold. */
function ramBytes(fit: Fit): number {
  return fit.weightsBytes + fit.kvCacheBytes + fit.computeBytes - fit.vramBytes;
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

function share(fit: Fit): string {
  return `it takes ${formatBytes(ramBytes(fit))} of ${formatBytes(fit.freeRamBytes)} free memory`;
}
