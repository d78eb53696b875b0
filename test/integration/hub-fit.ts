import type { Fit } from '../../preload/contract/models.ts';

/** A judgement for tests that are not about it. */
export const freshFit: Fit = {
  verdict: 'fits',
  reason: 'It fits.',
  basis: 'file_size',
  weightsBytes: 3_000_000,
  kvCacheBytes: 0,
  computeBytes: 0,
  contextSize: 4096,
  freeRamBytes: 8e9,
  totalRamBytes: 16e9,
};
