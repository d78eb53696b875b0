import { describe, expect, it } from 'vitest';
import type { Fit, FitVerdict } from '../../../preload/contract/model.ts';
import { recommend, type Choice } from './recommend.ts';

const GB = 1e9;
/** A model of 8 GB at Q8_0 in sizes like those of real repositories; `free` decides what fits. */
function files(freeBytes: number, names: readonly (readonly [string, number])[], verdict?: FitVerdict): Choice[] {
  return names.map(([quantization, gigabytes]) => {
    const weightsBytes = gigabytes * GB;
    const own: FitVerdict = weightsBytes < freeBytes * 0.9 ? 'fits' : weightsBytes < freeBytes ? 'tight' : 'too_big';
    const fit: Fit = {
      verdict: verdict ?? own,
      reason: 'fits_in_ram',
      basis: 'file_size',
      weightsBytes,
      kvCacheBytes: 0,
      computeBytes: 0,
      contextSize: 4096,
      freeRamBytes: freeBytes,
      totalRamBytes: freeBytes,
      usableRamBytes: freeBytes,
      tokensPerSecond: null,
      isSpeedEstimated: false,
      freeVramBytes: 0,
      totalVramBytes: 0,
      gpuLayers: 0,
      layerCount: 0,
      ramBytes: weightsBytes,
      vramBytes: 0,
    };
    return { path: `${quantization}.gguf`, kind: 'model', quantization, sizeBytes: weightsBytes, fit };
  });
}
const all = [
  ['BF16', 16],
  ['Q8_0', 8.5],
  ['Q6_K', 6.6],
  ['Q5_K_M', 5.7],
  ['Q4_K_M', 4.9],
  ['Q3_K_M', 4],
  ['Q2_K', 3.1],
] as const;

describe('recommend', () => {
  it.each([
    [64, 'Q8_0.gguf'],
    [14, 'Q6_K.gguf'],
    [10, 'Q4_K_M.gguf'],
    [6, 'Q4_K_M.gguf'],
    [5, 'Q3_K_M.gguf'],
    [3.5, 'Q2_K.gguf'],
  ])('with %d GB free takes %s', (free, path) => {
    expect(recommend(files(free * GB, all))?.path).toBe(path);
  });

  it('takes the best that goes to the GPU as a whole', () => {
    const onGpu = (layersOf: (gigabytes: number) => number): Choice[] =>
      files(64 * GB, all).map((one) => {
        const gpuLayers = layersOf(one.sizeBytes / GB);
        const vramBytes = (one.sizeBytes * gpuLayers) / 33;
        return {
          ...one,
          fit: { ...one.fit, freeVramBytes: 8e9, totalVramBytes: 8e9, layerCount: 33, gpuLayers, vramBytes },
        };
      });
    const chosen = recommend(onGpu((gigabytes) => (gigabytes < 6 ? 33 : 20)));
    expect(chosen?.path).toBe('Q5_K_M.gguf');
    expect(chosen?.reason).toBe('best_on_gpu');
    // None goes there as a whole: main memory decides.
    expect(recommend(onGpu(() => 5))?.path).toBe('Q8_0.gguf');
  });

  it('takes the best that is quick, and the fastest where none is', () => {
    const at = (gigabytesPerSecond: number): Choice[] =>
      files(64 * GB, all).map((one) => ({
        ...one,
        fit: { ...one.fit, tokensPerSecond: (gigabytesPerSecond * GB) / one.sizeBytes },
      }));
    // Q8_0 of 8.5 GB needs 68 GB/s for 8 tokens/s, Q5_K_M of 5.7 GB 45.6 GB/s, Q4_K_M of 4.9 GB 39.2 GB/s.
    expect(recommend(at(70))).toEqual({ path: 'Q8_0.gguf', reason: 'best_with_room' });
    expect(recommend(at(46))).toEqual({ path: 'Q5_K_M.gguf', reason: 'best_with_speed' });
    expect(recommend(at(40))).toEqual({ path: 'Q4_K_M.gguf', reason: 'best_with_speed' });
    expect(recommend(at(12))).toEqual({ path: 'Q4_K_M.gguf', reason: 'fastest_good' });
  });

  it('advises nothing where nothing fits, or only just', () => {
    expect(recommend(files(1 * GB, all))).toBeNull();
    // 3.1 GB of 3.3 GB leave other programs too little.
    expect(recommend(files(3.3 * GB, all))).toBeNull();
    expect(recommend([])).toBeNull();
  });

  it('says why', () => {
    const reasonWith = (free: number): string | undefined => recommend(files(free * GB, all))?.reason;
    expect([64, 6, 5].map(reasonWith)).toEqual(['best_with_room', 'good_that_fits', 'best_that_fits']);
    expect(recommend(files(8 * GB, all, 'unknown'))?.reason).toBe('balanced');
  });

  it('takes the middle where the machine is not known, and the small one of two large', () => {
    expect(recommend(files(8 * GB, all, 'unknown'))?.path).toBe('Q4_K_M.gguf');
    expect(
      recommend(
        files(64 * GB, [
          ['F32', 4],
          ['F16', 2],
        ]),
      )?.path,
    ).toBe('F16.gguf');
  });

  it('takes what is above the good ones before what is below', () => {
    expect(
      recommend(
        files(64 * GB, [
          ['BF16', 16],
          ['Q3_K_M', 4],
        ]),
      )?.path,
    ).toBe('BF16.gguf');
    expect(
      recommend(
        files(8 * GB, [
          ['BF16', 16],
          ['Q3_K_M', 4],
          ['Q2_K', 3],
        ]),
      )?.path,
    ).toBe('Q3_K_M.gguf');
  });

  it('never takes a projector', () => {
    const projector = files(64 * GB, [['Q8_0', 1]]).map((choice) => ({ ...choice, kind: 'projector' as const }));
    expect(recommend(projector)).toBeNull();
  });
});
