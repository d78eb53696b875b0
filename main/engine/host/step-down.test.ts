import { describe, expect, it } from 'vitest';
import type { LoadPlan } from './load-plan.ts';
import { MAX_STEPS, stepDown, type Step } from './step-down.ts';

const plan: LoadPlan = {
  contextSize: 32_768,
  sequences: 1,
  gpuLayers: 31,
  kvCacheType: 'F16',
  flashAttention: 'auto',
  batchSize: 512,
  decodeThreads: 8,
  promptThreads: 8,
  mmap: true,
  mlock: false,
};

/** All steps that are taken while nothing fits. */
function steps(from: LoadPlan): Step[] {
  const taken: Step[] = [];
  while (taken.length < MAX_STEPS) {
    const step = stepDown(taken.at(-1)?.plan ?? from, taken, 32);
    if (step === null) break;
    taken.push(step);
  }
  return taken;
}

describe('stepping down', () => {
  it('gives up precision of the cache, then context, then layers, then the GPU, and says so', () => {
    expect(steps(plan).map(({ note }) => note)).toEqual([
      { code: 'kv_cache_type_lowered', from: 'F16', to: 'Q8_0' },
      { code: 'context_shortened', fromTokens: 32_768, toTokens: 16_384 },
      { code: 'gpu_layers_lowered', from: 31, to: 21, layerCount: 32 },
      { code: 'gpu_layers_lowered', from: 21, to: 14, layerCount: 32 },
      { code: 'gpu_unused', why: 'memory' },
    ]);
  });

  it('halves the context on the processor as long as it is of use', () => {
    expect(
      steps({ ...plan, gpuLayers: 0, kvCacheType: 'Q8_0', contextSize: 9000 }).map(({ plan: next }) => [
        next.contextSize,
        next.batchSize,
      ]),
    ).toEqual([
      [4352, 512],
      [2048, 512],
      [1024, 512],
      [512, 512],
      [512, 128],
    ]);
  });

  it('shortens no context of 2,048 tokens for a GPU', () => {
    const notes = steps({ ...plan, kvCacheType: 'Q8_0', contextSize: 2048 }).map(({ note }) => note.code);
    expect(notes).toEqual([
      'gpu_layers_lowered',
      'gpu_layers_lowered',
      'gpu_unused',
      'context_shortened',
      'context_shortened',
    ]);
  });

  it('ends when there is nothing left to give up', () => {
    const least: LoadPlan = { ...plan, gpuLayers: 0, kvCacheType: 'Q4_0', contextSize: 512, batchSize: 64 };
    expect(stepDown(least, [], 32)).toBeNull();
  });
});
