import { describe, expect, it } from 'vitest';
import type { Fit } from '../../../preload/contract/models.ts';
import { fitPicture } from './fit-bar.ts';

const fit = (weightsBytes: number, kvCacheBytes: number, computeBytes: number, freeRamBytes: number): Fit => ({
  verdict: 'fits',
  reason: '',
  basis: 'header',
  weightsBytes,
  kvCacheBytes,
  computeBytes,
  contextSize: 4096,
  freeRamBytes,
  totalRamBytes: 1000,
});

describe('fitPicture', () => {
  it('draws against the free memory when the model fits', () => {
    const picture = fitPicture(fit(40, 5, 5, 100));
    expect(picture.segments.map((segment) => segment.share)).toEqual([0.4, 0.05, 0.05]);
    expect(picture).toMatchObject({ neededBytes: 50, leftBytes: 50, freeShare: 1 });
  });

  it('draws against the need, with a mark where free memory ends, when it does not', () => {
    const picture = fitPicture(fit(160, 20, 20, 100));
    expect(picture.segments[0]?.share).toBe(0.8);
    expect(picture).toMatchObject({ leftBytes: -100, freeShare: 0.5 });
  });

  it('survives sizes that are not known', () => {
    expect(fitPicture(fit(0, 0, 0, 0)).segments.every((segment) => segment.share === 0)).toBe(true);
  });
});
