import { describe, expect, it } from 'vitest';
import type { Fit } from '../../../preload/contract/model.ts';
import { fit as words } from './fit.ts';

const fit = (change: Partial<Fit>): Fit => ({
  ...{ verdict: 'fits', reason: 'fits_in_ram', basis: 'header', contextSize: 8192 },
  ...{ weightsBytes: 5e9, kvCacheBytes: 1e9, computeBytes: 5e8, ramBytes: 6.5e9, vramBytes: 0 },
  ...{
    freeRamBytes: 16e9,
    totalRamBytes: 32e9,
    usableRamBytes: 30.4e9,
    tokensPerSecond: null,
    isSpeedEstimated: false,
    freeVramBytes: 0,
    totalVramBytes: 0,
    gpuLayers: 0,
    layerCount: 33,
  },
  ...change,
});

describe('the reason of a fit', () => {
  it('has its sizes', () => {
    expect(words.reason(fit({}))).toBe('Needs about 6.50\u00a0GB; 16.0\u00a0GB is available.');
    expect(words.reason(fit({ reason: 'exceeds_ram', ramBytes: 64e9 }))).toBe(
      'Needs about 64.0\u00a0GB; this computer has 32.0\u00a0GB of memory, of which about 30.4\u00a0GB can be used.',
    );
  });

  it('says how many layers go to the GPU, where that is known', () => {
    const onGpu = { reason: 'fits_with_gpu', vramBytes: 4e9, ramBytes: 2.5e9 } as const;
    expect(words.reason(fit({ ...onGpu, gpuLayers: 20 }))).toBe(
      'Needs about 4.00\u00a0GB on the GPU with 20 of 33 layers, and 2.50\u00a0GB of memory.',
    );
    expect(words.reason(fit({ ...onGpu, gpuLayers: 33 }))).toContain('with all layers');
    expect(words.reason(fit({ ...onGpu, layerCount: 0 }))).toBe(
      'Needs about 4.00\u00a0GB on the GPU, and 2.50\u00a0GB of memory.',
    );
  });

  it('counts one layer as one', () => {
    const tooMuch = { reason: 'exceeds_vram', vramBytes: 4e9, totalVramBytes: 2e9 } as const;
    expect(words.reason(fit({ ...tooMuch, gpuLayers: 1 }))).toMatch(/^1 layer needs about 4.00\u00a0GB/);
    expect(words.reason(fit({ ...tooMuch, gpuLayers: 33 }))).toMatch(/^33 layers need about 4.00\u00a0GB/);
  });
});

describe('a recommendation', () => {
  it('says what the file takes', () => {
    expect(words.recommendation('best_with_room', fit({}))).toBe(
      'The best quality that leaves plenty of memory free: it takes 6.50\u00a0GB of the 16.0\u00a0GB that is available.',
    );
    expect(words.recommendation('best_on_gpu', fit({ vramBytes: 6e9, freeVramBytes: 8e9 }))).toContain(
      '6.00\u00a0GB of the 8.00\u00a0GB that is available there',
    );
  });
});

it('a predicted speed has two figures, and is a warning below 5 tokens/s', () => {
  expect(words.speed(fit({ tokensPerSecond: 12.34 }))).toBe('About 12\u00a0tokens/s.');
  expect(words.speed(fit({ tokensPerSecond: 4.96 }))).toBe('May be slow: about 5\u00a0tokens/s.');
  expect(words.speed(fit({ tokensPerSecond: 2.26 }))).toBe('May be slow: about 2.3\u00a0tokens/s.');
  expect(words.speed(fit({ tokensPerSecond: 128.4 }))).toBe('About 130\u00a0tokens/s.');
  expect(words.speed(fit({ tokensPerSecond: null }))).toBeNull();
  expect(words.speed(fit({ tokensPerSecond: 12.34, isSpeedEstimated: true }))).toBe(
    'About 12\u00a0tokens/s (estimated).',
  );
  expect(words.recommendation('fastest_good', fit({ tokensPerSecond: 3, isSpeedEstimated: true }))).toBe(
    'The fastest of good quality on this computer, about 3\u00a0tokens/s (estimated).',
  );
  expect(words.recommendation('best_with_speed', fit({ tokensPerSecond: 8.9 }))).toBe(
    'The best quality that is quick on this computer, about 8.9\u00a0tokens/s: a better one would be slow.',
  );
});
