import { describe, expect, it } from 'vitest';
import { estimateLoad, type FreeMemory } from '../../model-file/fit.ts';
import { SUMMARY_FORMAT, type ModelSummary } from '../../model-file/model-summary.ts';
import { auxiliaryRequest, findAuxiliaryFiles } from './auxiliary-files.ts';
import { defaultLoadSettings, planLoad, type PlanFacts } from './load-plan.ts';

const modelOf = (layerCount: number, weightsBytes: number): ModelSummary => ({
  ...{ format: SUMMARY_FORMAT, architecture: 'llama', name: null, quantization: null, license: null },
  ...{ parameterCount: 1, weightsBytes, contextLength: 32_768 },
  layers: Array.from({ length: layerCount }, () => ({
    ...{ weightsBytes: weightsBytes / layerCount, keyElements: 1024, valueElements: 1024 },
    ...{ windowTokens: null, stateBytes: 0 },
  })),
  ...{ inputBytes: 0, outputBytes: 0, outputCopyBytes: 0, embeddingLength: 1024, feedForwardLength: 4096 },
  ...{ headCount: 8, vocabularySize: 32_000, hasChatTemplate: false, notes: [] },
});
const target = modelOf(32, 4e9);
const draft = { summary: modelOf(8, 1e9), sizeBytes: 1e9 };
/** 8 layers, 2,048 elements a token, 2 bytes each. */
const DRAFT_CACHE_BYTES = 8 * 2048 * 2 * 8192;
const settings = { ...defaultLoadSettings, contextSize: 8192 } as const;

const cpu: FreeMemory = { freeRamBytes: 60e9, totalRamBytes: 64e9 };
const gpu: FreeMemory = { ...cpu, freeVramBytes: 24e9, totalVramBytes: 24e9 };
const factsOn = (memory: FreeMemory, beside?: PlanFacts['beside']): PlanFacts => ({
  ...{ weightsBytes: 4e9, summary: target, fallbackContextSize: 4096, memory, calibration: null, cores: 4 },
  ...{ measured: () => ({ ramBytes: 1, vramBytes: 0 }), backend: 'cpu', ...(beside && { beside }) },
});
/** Of the header, whatever was measured of the model alone. */
const alone = (memory: FreeMemory) =>
  estimateLoad(target, { ...settings, batchSize: 512, flashAttention: true }, memory);

describe('a draft model in an estimate', () => {
  it('counts with its own context, in main memory without a GPU', () => {
    const before = alone(cpu);
    const { fit } = planLoad(settings, factsOn(cpu, { adapterBytes: 0, draft }));
    expect(fit.basis).toBe('header');
    expect(fit.weightsBytes - before.weightsBytes).toBe(1e9);
    expect(fit.kvCacheBytes - before.kvCacheBytes).toBe(DRAFT_CACHE_BYTES);
    expect(fit.vramBytes).toBe(0);
    // A compute buffer and a tokenizer of its own, and no process.
    expect(fit.computeBytes - before.computeBytes).toBeGreaterThan(32_000 * 4 * 512);
    expect(fit.computeBytes - before.computeBytes).toBeLessThan(110_000_000 + 32_000 * 4 * 512);
  });

  it('counts in the memory of the GPU when the model is there', () => {
    const before = alone(gpu);
    const { fit } = planLoad(settings, factsOn(gpu, { adapterBytes: 0, draft }));
    expect(fit.gpuLayers).toBe(33);
    expect(fit.vramBytes - before.vramBytes).toBeGreaterThan(1e9 + DRAFT_CACHE_BYTES);
    expect(fit.ramBytes - before.ramBytes).toBeLessThan(1e8);
  });

  it('leaves the model fewer layers of a small GPU', () => {
    const small = { ...gpu, freeVramBytes: 6e9 };
    const { fit } = planLoad(settings, factsOn(small, { adapterBytes: 0, draft }));
    expect(fit.gpuLayers).toBeGreaterThan(0);
    expect(fit.gpuLayers).toBeLessThan(alone(small).gpuLayers);
    expect(fit.vramBytes).toBeLessThanOrEqual(6e9);
  });

  it('leaves an automatic context less memory', () => {
    const tight = { ...cpu, freeRamBytes: 10e9 };
    const auto = { ...settings, contextSize: 'auto' } as const;
    const { fit } = planLoad(auto, factsOn(tight, { adapterBytes: 0, draft }));
    const without = planLoad(auto, { ...factsOn(tight), measured: () => null }).fit;
    expect(fit.contextSize).toBeLessThan(without.contextSize);
    expect(fit.verdict).toBe('fits');
  });

  it('counts by its size where its header was not read', () => {
    const { fit } = planLoad(settings, factsOn(cpu, { adapterBytes: 0, draft: { summary: null, sizeBytes: 1e9 } }));
    expect(fit.weightsBytes - alone(cpu).weightsBytes).toBeCloseTo(1e9, -2);
    expect(fit.kvCacheBytes).toBeGreaterThan(alone(cpu).kvCacheBytes);
  });
});

it('adapters count where the layers are that they change', () => {
  const { fit } = planLoad(settings, factsOn(gpu, { adapterBytes: 3.2e8, draft: null }));
  expect(fit.vramBytes - alone(gpu).vramBytes).toBe(3.2e8);
  expect(fit.ramBytes).toBe(alone(gpu).ramBytes);
});

it('a draft model is on the GPU while the model is', async () => {
  const speculation = { kind: 'draft', modelId: 'd' } as const;
  const find = async () => ({ path: '/d.gguf', sizeBytes: 1e9, summary: draft.summary });
  const files = await findAuxiliaryFiles({ speculation, loras: [] }, find);
  expect(files).toMatchObject({ modelIds: ['d'], beside: { adapterBytes: 0, draft } });
  const gpuLayers = (ofModel: number) => {
    const request = auxiliaryRequest(files, speculation, ofModel).speculation;
    return request.kind === 'draft' ? request.gpuLayers : null;
  };
  expect(gpuLayers(12)).toBeGreaterThan(1000);
  // Also after a step-down to the processor.
  expect(gpuLayers(0)).toBe(0);
});
