import { describe, expect, it } from 'vitest';
import { fitFromFileSize, fitFromSummary } from './fit.ts';
import { summaryLike } from './fit-of.ts';
import { SUMMARY_FORMAT, type LayerSummary, type ModelSummary } from './model-summary.ts';
import { predictSpeed, readRate, weightsReadPerToken } from './speed.ts';

/** Sizes near those of real headers, rounded. */
function model(layerCount: number, layer: Partial<LayerSummary>, rest: Partial<ModelSummary>): ModelSummary {
  const whole: LayerSummary = {
    ...{ weightsBytes: 0, keyElements: 1024, valueElements: 1024, windowTokens: null, stateBytes: 0 },
    ...layer,
  };
  return {
    ...{ format: SUMMARY_FORMAT, architecture: 'llama', name: null, quantization: null, license: null },
    ...{ parameterCount: 7e9, weightsBytes: 4.1e9, contextLength: 4096, inputBytes: 0, outputBytes: 0 },
    ...{ outputCopyBytes: 0, embeddingLength: 4096, feedForwardLength: 11_008, headCount: 32 },
    ...{ vocabularySize: 32_000, hasChatTemplate: false, notes: [] },
    layers: Array.from({ length: layerCount }, () => whole),
    ...rest,
  };
}
/** Llama 2 7B Q4_K_M: embeddings of 32,000 × 4,096 in Q4_K (144 bytes for 256), output layer in Q6_K (210 bytes for 256). */
const dense = model(
  32,
  { weightsBytes: 121_500_000, keyElements: 4096, valueElements: 4096 },
  { inputBytes: 73_728_000, outputBytes: 107_520_000 },
);
/** Of the shape of Mixtral 8x7B in Q4_K_M: 26.4 GB, of which 25.6 GB are experts, and a token passes 2 of 8. */
const mixture = model(
  32,
  { weightsBytes: 820e6, idleBytes: 600e6 },
  { weightsBytes: 26.4e9, inputBytes: 73_728_000, outputBytes: 107_520_000 },
);

describe('the bytes that one token reads', () => {
  it('are all layers and the output, without the embeddings', () => {
    // 32 × 121.5 MB + 107.52 MB
    expect(weightsReadPerToken(dense)).toBe(3_995_520_000);
  });
  it('leave out the experts that it does not pass', () => {
    // 32 × 220 MB + 107.52 MB
    expect(weightsReadPerToken(mixture)).toBe(7_147_520_000);
  });
  it('have the embeddings in them where these double as the output layer', () => {
    const tied = model(1, { weightsBytes: 50e6 }, { inputBytes: 200e6, outputBytes: 1e6, outputCopyBytes: 200e6 });
    expect(weightsReadPerToken(tied)).toBe(251e6);
  });
});

describe('the predicted speed', () => {
  const memory = { freeRamBytes: 60e9, totalRamBytes: 64e9, readBytesPerSecond: 40e9 };

  it('of a dense 7B at 40 GB/s is 8 to 10 tokens/s, the less the longer the context', () => {
    // A cache of 4,096 tokens is 32 × 8,192 × 2 bytes × 4,096 = 2.147 GB; half of it is 1.074 GB: 40 / 5.069.
    expect(fitFromSummary(dense, memory, 4096).tokensPerSecond).toBeCloseTo(7.89, 2);
    // 512 tokens: 0.134 GB: 40 / 4.130.
    expect(fitFromSummary(dense, memory, 512).tokensPerSecond).toBeCloseTo(9.69, 2);
  });
  it('of a context beyond a typical chat is that of the chat', () => {
    const longer = { ...dense, contextLength: 131_072 };
    // Half of a cache of 8,192 tokens is 2.147 GB: 40 / 6.143.
    for (const contextSize of [8192, 32_768])
      expect(fitFromSummary(longer, memory, contextSize).tokensPerSecond).toBeCloseTo(6.51, 2);
  });
  it('of a mixture of experts follows the experts that a token passes', () => {
    // Half of a cache of 32 × 2,048 × 2 bytes × 4,096 is 0.268 GB: 40 / 7.416. All of its weights would allow 1.5.
    expect(fitFromSummary(mixture, memory, 4096).tokensPerSecond).toBeCloseTo(5.39, 2);
  });
  it('of a file without a header needs that of another file of the model', () => {
    const file = { sizeBytes: 4.1e9, parameterCount: 7e9, contextLength: 512 };
    expect(fitFromFileSize(file, memory).tokensPerSecond).toBeNull();
    const half = fitFromSummary(summaryLike(dense, dense.weightsBytes / 2), memory, 512);
    const whole = fitFromSummary(dense, memory, 512);
    // The weights are half, the cache and the buffers are the same.
    expect(half.kvCacheBytes).toBe(whole.kvCacheBytes);
    expect(half.computeBytes).toBe(whole.computeBytes);
    expect(half.weightsBytes).toBeCloseTo(whole.weightsBytes / 2, -2);
    const read = 40e9 / (whole.tokensPerSecond ?? 0) - whole.kvCacheBytes / 2;
    expect(half.tokensPerSecond).toBeCloseTo(40e9 / (read / 2 + whole.kvCacheBytes / 2), 2);
  });
  it('is not known without a measured rate, with layers on a GPU, and for a model that fits in the cache', () => {
    const reading = { weightsReadBytes: 4e9, kvCacheBytes: 0, contextSize: 4096, gpuLayers: 0 };
    expect(predictSpeed(reading, 40e9)).toBe(10);
    expect(predictSpeed(reading, undefined)).toBeNull();
    expect(predictSpeed({ ...reading, gpuLayers: 1 }, 40e9)).toBeNull();
    expect(predictSpeed({ ...reading, weightsReadBytes: 5e6 }, 40e9)).toBeNull();
  });
});

it('the rate of reading comes from a model that is not in the cache', () => {
  expect(readRate(dense, 10)).toBe(39_955_200_000);
  expect(readRate(model(6, { weightsBytes: 1e6 }, {}), 900)).toBeNull();
});
