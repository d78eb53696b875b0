import { describe, expect, it } from 'vitest';
import type { Fit } from '../../../preload/contract/model.ts';
import { fitMemories } from './fit-picture.ts';

const fit: Fit = {
  verdict: 'fits',
  reason: 'fits_in_ram',
  basis: 'header',
  weightsBytes: 600,
  kvCacheBytes: 300,
  computeBytes: 100,
  contextSize: 4096,
  freeRamBytes: 4000,
  totalRamBytes: 8000,
  usableRamBytes: 7600,
  tokensPerSecond: null,
  isSpeedEstimated: false,
  freeVramBytes: 0,
  totalVramBytes: 0,
  gpuLayers: 0,
  layerCount: 24,
  ramBytes: 1000,
  vramBytes: 0,
};

describe('fitMemories', () => {
  it('is one bar of the free memory without a GPU', () => {
    const memories = fitMemories(fit);
    expect(memories.map((memory) => memory.key)).toEqual(['ram']);
    expect(memories[0]).toMatchObject({ neededBytes: 1000, leftBytes: 3000, freeShare: 1 });
    expect(memories[0]?.parts.map((part) => part.share)).toEqual([0.15, 0.075, 0.025]);
  });

  it('divides the needed memory between the GPU and the computer without loss', () => {
    const memories = fitMemories({ ...fit, totalVramBytes: 1000, freeVramBytes: 500, ramBytes: 600, vramBytes: 400 });
    expect(memories.map((memory) => memory.key)).toEqual(['vram', 'ram']);
    expect(memories[0]?.neededBytes).toBeCloseTo(400);
    expect(memories[1]?.neededBytes).toBeCloseTo(600);
    const bytes = memories.flatMap((memory) => memory.parts.map((part) => part.bytes));
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1000);
  });

  it('counts the share of a GPU with unified memory in both bars', () => {
    const memories = fitMemories({ ...fit, totalVramBytes: 1000, freeVramBytes: 500, ramBytes: 1000, vramBytes: 400 });
    expect(memories.map((memory) => memory.neededBytes)).toEqual([400, 1000]);
  });

  it('shows where the free memory ends when more is needed', () => {
    const [ram] = fitMemories({ ...fit, freeRamBytes: 250 });
    expect(ram).toMatchObject({ freeShare: 0.25, leftBytes: -750 });
    expect(ram?.parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1);
  });

  it('shows only the parts while the free memory is unknown', () => {
    const [ram] = fitMemories({ ...fit, freeRamBytes: 0, totalRamBytes: 0 });
    expect(ram?.freeShare).toBe(1);
    expect(ram?.parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1);
  });
});
