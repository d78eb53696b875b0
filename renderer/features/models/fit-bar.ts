/** The picture of a fit: how wide each part of the bar is. */
import type { Fit } from '../../../preload/contract/models.ts';

export interface FitSegment {
  readonly key: 'weights' | 'kv_cache' | 'compute';
  readonly label: string;
  readonly bytes: number;
  /** Share of the whole bar, 0 to 1. */
  readonly share: number;
}

export interface FitPicture {
  readonly segments: readonly FitSegment[];
  readonly neededBytes: number;
  readonly freeBytes: number;
  /** What stays free, or with a minus what is missing. */
  readonly leftBytes: number;
  /** Where on the bar free memory ends, 0 to 1. 1 unless the model needs more than there is. */
  readonly freeShare: number;
}

/** The whole bar is the free memory, or the need where that is more; an unknown free memory (0) shows the make-up alone. */
export function fitPicture(fit: Fit): FitPicture {
  const neededBytes = fit.weightsBytes + fit.kvCacheBytes + fit.computeBytes;
  const whole = Math.max(neededBytes, fit.freeRamBytes, 1);
  const segment = (key: FitSegment['key'], label: string, bytes: number): FitSegment => ({
    key,
    label,
    bytes,
    share: bytes / whole,
  });
  return {
    segments: [
      segment('weights', 'Weights', fit.weightsBytes),
      segment('kv_cache', 'Conversation (KV cache)', fit.kvCacheBytes),
      segment('compute', 'Working room (compute)', fit.computeBytes),
    ],
    neededBytes,
    freeBytes: fit.freeRamBytes,
    leftBytes: fit.freeRamBytes - neededBytes,
    freeShare: fit.freeRamBytes > 0 ? fit.freeRamBytes / whole : 1,
  };
}
