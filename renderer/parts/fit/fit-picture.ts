/** The chart of a fit: one bar per memory, and the width of each part of it. */
import type { Fit } from '../../../preload/contract/model.ts';
import { words } from '../../words/words.ts';

export interface FitPart {
  readonly key: 'weights' | 'kv_cache' | 'compute';
  readonly label: string;
  readonly bytes: number;
  /** Share of the whole bar, 0 to 1. */
  readonly share: number;
}

/** What a load would take of one memory. Bytes. */
export interface FitMemory {
  readonly key: 'ram' | 'vram';
  readonly label: string;
  readonly parts: readonly FitPart[];
  readonly neededBytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** The bytes that stay free; negative: the bytes that are missing. */
  readonly leftBytes: number;
  /** The end of free memory on the bar, 0 to 1. It is 1 unless more is needed than is free. */
  readonly freeShare: number;
}

/**
 * The bar of the GPU's memory, if there is a GPU, then the bar of the computer's. A whole bar is the free memory, or
 * the needed memory where that is more. Only the sum of each memory is known, so its parts are divided in the ratio of
 * the whole model.
 */
export function fitMemories(fit: Fit): readonly FitMemory[] {
  const neededBytes = fit.weightsBytes + fit.kvCacheBytes + fit.computeBytes;
  const onGpu = neededBytes > 0 ? Math.min(1, fit.vramBytes / neededBytes) : 0;
  const inRam = neededBytes > 0 ? Math.min(1, fit.ramBytes / neededBytes) : 1;
  const ram = memory('ram', fit, inRam, fit.freeRamBytes, fit.totalRamBytes);
  if (fit.totalVramBytes <= 0) return [ram];
  return [memory('vram', fit, onGpu, fit.freeVramBytes, fit.totalVramBytes), ram];
}

function memory(key: FitMemory['key'], fit: Fit, share: number, freeBytes: number, totalBytes: number): FitMemory {
  const neededBytes = (fit.weightsBytes + fit.kvCacheBytes + fit.computeBytes) * share;
  const whole = Math.max(neededBytes, freeBytes, 1);
  const part = (partKey: FitPart['key'], label: string, bytes: number): FitPart => ({
    key: partKey,
    label,
    bytes: bytes * share,
    share: (bytes * share) / whole,
  });
  return {
    key,
    label: key === 'vram' ? words.gauge.vram : words.gauge.ram,
    parts: [
      part('weights', words.models.fitBar.weights, fit.weightsBytes),
      part('kv_cache', words.models.fitBar.kvCache, fit.kvCacheBytes),
      part('compute', words.models.fitBar.compute, fit.computeBytes),
    ],
    neededBytes,
    freeBytes,
    totalBytes,
    leftBytes: freeBytes - neededBytes,
    freeShare: freeBytes > 0 ? Math.min(1, freeBytes / whole) : 1,
  };
}
