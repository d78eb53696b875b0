import { describe, expect, it } from 'vitest';
import type { KvCacheType } from '../../preload/contract/model.ts';
import {
  chooseContextSize,
  defaultLoadChoice,
  estimateLoad,
  fitFromFileSize,
  fitFromSummary,
  measuredFit,
  type FreeMemory,
  type LoadChoice,
} from './fit.ts';
import { SUMMARY_FORMAT, type LayerSummary, type ModelSummary } from './model-summary.ts';

const MIB = 1024 * 1024;
const ram = (freeRamBytes: number, totalRamBytes = freeRamBytes * 2): FreeMemory => ({ freeRamBytes, totalRamBytes });
const withGpu = (freeRamBytes: number, freeVramBytes: number): FreeMemory => ({
  ...ram(freeRamBytes),
  freeVramBytes,
  totalVramBytes: freeVramBytes + 1e9,
});

interface Shape {
  readonly layers: number;
  readonly embedding: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly contextLength?: number;
  readonly windowTokens?: (layer: number) => number | null;
  readonly weightsBytes?: number;
}
const model = (shape: Shape): ModelSummary => {
  const width = (shape.embedding / shape.heads) * shape.kvHeads;
  const weightsBytes = shape.weightsBytes ?? 1e9;
  const inputBytes = Math.round(weightsBytes * 0.1);
  const layer = (index: number): LayerSummary => ({
    weightsBytes: Math.round((weightsBytes * 0.8) / shape.layers),
    keyElements: width,
    valueElements: width,
    windowTokens: shape.windowTokens?.(index) ?? null,
    stateBytes: 0,
  });
  return {
    format: SUMMARY_FORMAT,
    architecture: 'llama',
    name: null,
    quantization: null,
    license: null,
    parameterCount: 1e9,
    weightsBytes,
    contextLength: shape.contextLength ?? 131_072,
    layers: Array.from({ length: shape.layers }, (_, index) => layer(index)),
    inputBytes,
    outputBytes: inputBytes,
    outputCopyBytes: 0,
    embeddingLength: shape.embedding,
    feedForwardLength: shape.feedForward,
    headCount: shape.heads,
    vocabularySize: shape.vocabulary,
    hasChatTemplate: false,
    notes: [],
  };
};
const eightB = model({
  layers: 32,
  embedding: 4096,
  heads: 32,
  kvHeads: 8,
  feedForward: 14_336,
  vocabulary: 128_256,
  weightsBytes: 4.9e9,
});
const choice = (change: Partial<LoadChoice> = {}): LoadChoice => ({
  ...defaultLoadChoice,
  contextSize: 8192,
  ...change,
});

/** What llama.cpp 0.5.0 said in its log when it loaded these shapes on a CPU. */
const measured = [
  // shape, context, batch, flash attention, cache type, sequences -> KV buffer and compute buffer in MiB
  ['ember', 1024, 512, false, 'F16', 1, 4.5, 16.63],
  ['stories', 512, 512, true, 'F16', 1, 0.31, 2.02],
  ['a50', 2048, 512, false, 'F16', 1, 16, 65.5],
  ['a50', 8192, 512, false, 'F16', 1, 64, 150.01],
  ['a50', 8192, 512, true, 'F16', 1, 64, 64.5],
  ['b150', 2048, 512, true, 'F16', 1, 32, 128],
  ['b150', 16_384, 512, false, 'F16', 1, 256, 424.51],
  ['c400', 4096, 512, true, 'F16', 1, 192, 66.5],
  ['c400', 4096, 512, false, 'F16', 1, 192, 148.01],
  ['c400', 8192, 1024, true, 'F16', 1, 384, 133],
  ['c400', 8192, 256, true, 'Q8_0', 1, 204, 34.25],
  ['d100', 8192, 512, false, 'F16', 1, 128, 286.01],
  ['d100', 8192, 512, true, 'F16', 2, 256, 32.51],
] as const;
const shapes: Record<(typeof measured)[number][0], ModelSummary> = {
  ember: model({ layers: 6, embedding: 192, heads: 6, kvHeads: 6, feedForward: 512, vocabulary: 4096 }),
  stories: model({ layers: 5, embedding: 64, heads: 8, kvHeads: 4, feedForward: 172, vocabulary: 512 }),
  a50: model({ layers: 8, embedding: 512, heads: 8, kvHeads: 4, feedForward: 1536, vocabulary: 32_000 }),
  b150: model({ layers: 16, embedding: 768, heads: 12, kvHeads: 4, feedForward: 2048, vocabulary: 64_000 }),
  c400: model({ layers: 24, embedding: 1024, heads: 16, kvHeads: 8, feedForward: 4096, vocabulary: 32_000 }),
  d100: model({ layers: 4, embedding: 1024, heads: 16, kvHeads: 16, feedForward: 2816, vocabulary: 8000 }),
};

describe('against what llama.cpp allocates', () => {
  it.each(measured)(
    '%s, %d tokens, batch %d, flash attention %s',
    (name, contextSize, batchSize, flashAttention, kvCacheType, sequences, kvMib, computeMib) => {
      const summary = shapes[name];
      const load = choice({ contextSize, batchSize, flashAttention, kvCacheType, sequences });
      const fit = estimateLoad(summary, load, ram(64e9));
      const compute = (fit.computeBytes - 110_000_000 - (summary.vocabularySize ?? 0) * 950) / MIB;
      expect(fit.kvCacheBytes / MIB).toBeCloseTo(kvMib, 1);
      expect(compute / computeMib).toBeGreaterThan(0.99);
      expect(compute / computeMib).toBeLessThan(1.04);
    },
  );
});

describe('sliding-window caches of several sequences', () => {
  // What llama.cpp said of a Gemma 3 shape: 6 layers with 4 KV heads of 128, of which 5 have a window of 1,024 tokens.
  const shape = model({ layers: 6, embedding: 512, heads: 4, kvHeads: 4, feedForward: 64, vocabulary: 512 });
  const layers = shape.layers.map((layer, index) => (index < 5 ? { ...layer, windowTokens: 1024 } : layer));
  it.each([
    [1, 33.5],
    [2, 67],
    [4, 134],
    [16, 536],
  ])('%d take %d MiB', (sequences, mib) => {
    const load = choice({ contextSize: 8192, batchSize: 512, sequences });
    expect(estimateLoad({ ...shape, layers }, load, ram(64e9)).kvCacheBytes / MIB).toBe(mib);
  });
});

it('an encoder needs no memory for logits', () => {
  // The shape of bge-m3 with a large vocabulary and with a small one: only the tokenizer differs.
  const compute = (vocabulary: number): number => {
    const shape = model({ layers: 24, embedding: 1024, heads: 16, kvHeads: 16, feedForward: 4096, vocabulary });
    const layers = shape.layers.map((layer) => ({ ...layer, keyElements: 0, valueElements: 0 }));
    return estimateLoad({ ...shape, layers }, choice({ contextSize: 8192 }), ram(64e9)).computeBytes;
  };
  expect(compute(250_002) - compute(512)).toBe((250_002 - 512) * 950);
});

interface OneLoad {
  readonly summary: ModelSummary;
  readonly load: LoadChoice & { readonly contextSize: number };
  readonly memory: FreeMemory;
}

/** A few hundred loads by chance, the same in every run. */
function* loads(): Generator<OneLoad> {
  let seed = 7;
  const below = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  for (let round = 0; round < 300; round++) {
    const heads = 2 ** (1 + below(5));
    const every = 1 + below(6);
    yield {
      summary: model({
        layers: 1 + below(80),
        embedding: heads * 64,
        heads,
        kvHeads: 2 ** below(Math.log2(heads) + 1),
        feedForward: 256 * (1 + below(40)),
        vocabulary: 300 + below(200_000),
        contextLength: 512 * (1 + below(200)),
        windowTokens: (layer) => (every > 1 && layer % every < every - 1 ? 512 : null),
        weightsBytes: 1e6 * (1 + below(60_000)),
      }),
      load: {
        ...defaultLoadChoice,
        contextSize: 256 * (1 + below(200)),
        batchSize: 32 * (1 + below(32)),
        flashAttention: below(2) === 0,
        sequences: 1 + below(4),
        gpuLayers: below(3) === 0 ? 'auto' : below(2) === 0 ? 'all' : below(100),
      },
      memory: below(3) === 0 ? ram(1e6 * below(64_000)) : withGpu(1e6 * below(64_000), 1e6 * below(48_000)),
    };
  }
}
const needed = (fit: { weightsBytes: number; kvCacheBytes: number; computeBytes: number }): number =>
  fit.weightsBytes + fit.kvCacheBytes + fit.computeBytes;
const cacheTypes: KvCacheType[] = ['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'F16', 'F32'];

describe('estimateLoad', () => {
  it('never goes below zero, above all layers, or over the free VRAM by itself', () => {
    for (const { summary, load, memory } of loads()) {
      const fit = estimateLoad(summary, load, memory);
      for (const bytes of [fit.weightsBytes, fit.kvCacheBytes, fit.computeBytes, fit.vramBytes, fit.gpuLayers]) {
        expect(bytes).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(Math.round(bytes))).toBe(true);
      }
      expect(fit.gpuLayers).toBeLessThanOrEqual(fit.layerCount);
      expect(fit.vramBytes).toBeLessThanOrEqual(needed(fit));
      if (load.gpuLayers === 'auto') expect(fit.vramBytes).toBeLessThanOrEqual(memory.freeVramBytes ?? 0);
      if (memory.totalVramBytes === undefined) expect([fit.gpuLayers, fit.vramBytes]).toEqual([0, 0]);
    }
  });

  it('asks for more with a longer context, more sequences, a wider cache type, a larger batch and more layers', () => {
    for (const { summary, load, memory } of loads()) {
      const need = (change: Partial<LoadChoice>): number =>
        needed(estimateLoad(summary, { ...load, gpuLayers: 0, ...change }, memory));
      const slides = summary.layers.some(({ windowTokens }) => windowTokens !== null);
      expect(need({ contextSize: 60_000 })).toBeGreaterThanOrEqual(need({}));
      if (summary.layers.some(({ windowTokens }) => windowTokens === null))
        expect(need({ contextSize: 60_000 })).toBeGreaterThan(need({}));
      expect(need({ sequences: 5 })).toBeGreaterThan(need({}));
      expect(need({ batchSize: 1024 })).toBeGreaterThanOrEqual(need({}));
      // A step takes no more tokens than all sequences hold.
      if (load.batchSize < Math.min(1024, load.contextSize * load.sequences))
        expect(need({ batchSize: 1024 })).toBeGreaterThan(need({}));
      if (slides && load.contextSize > 512 + load.batchSize + 256)
        expect(need({ swaFullCache: true })).toBeGreaterThan(need({}));
      else expect(need({ swaFullCache: true })).toBeGreaterThanOrEqual(need({}));
      const [layer] = summary.layers;
      const deeper = { ...summary, layers: [...summary.layers, ...(layer ? [layer] : [])] };
      expect(needed(estimateLoad(deeper, { ...load, gpuLayers: 0 }, memory))).toBeGreaterThan(need({}));
      const byType = cacheTypes.map((kvCacheType) => need({ kvCacheType }));
      expect(byType).toEqual([...byType].sort((a, b) => a - b));
    }
  });

  it('puts no fewer layers on a larger GPU, and no more with a longer context', () => {
    for (const { summary, load, memory } of loads()) {
      const auto = { ...load, gpuLayers: 'auto' } as const;
      const layers = (change: Partial<LoadChoice>, freeVramBytes: number): number =>
        estimateLoad(summary, { ...auto, ...change }, { ...memory, freeVramBytes, totalVramBytes: 1e11 }).gpuLayers;
      expect(layers({}, 3e10)).toBeGreaterThanOrEqual(layers({}, 1e10));
      expect(layers({ contextSize: 60_000 }, 1e10)).toBeLessThanOrEqual(layers({}, 1e10));
    }
  });

  it('moves memory from RAM to the GPU, layer by layer', () => {
    let before = Infinity;
    for (let gpuLayers = 1; gpuLayers <= 33; gpuLayers++) {
      const fit = estimateLoad(eightB, choice({ gpuLayers }), withGpu(16e9, 24e9));
      const inRam = needed(fit) - fit.vramBytes;
      expect(fit.gpuLayers).toBe(gpuLayers);
      expect(inRam).toBeLessThan(before);
      before = inRam;
    }
    const all = estimateLoad(eightB, choice({ gpuLayers: 'all' }), withGpu(16e9, 24e9));
    expect([all.gpuLayers, all.layerCount, all.verdict]).toEqual([33, 33, 'fits']);
    expect(before).toBeLessThan(1e9);
  });

  it('takes a part of the layers where the GPU is too small, and says so', () => {
    const fit = estimateLoad(eightB, choice({ gpuLayers: 'auto' }), withGpu(16e9, 4e9));
    expect(fit.gpuLayers).toBeGreaterThan(10);
    expect(fit.gpuLayers).toBeLessThan(33);
    expect(fit.reason).toBe('fits_with_gpu');
    // What is asked for is taken as asked, and judged.
    expect(estimateLoad(eightB, choice({ gpuLayers: 'all' }), withGpu(16e9, 4e9)).verdict).toBe('too_big');
    expect(estimateLoad(eightB, choice({ gpuLayers: 'all' }), withGpu(16e9, 5.4e9)).verdict).toBe('tight');
  });

  it('keeps 300 MB of a card free, or 3 % of one above 10 GB: not a byte less', () => {
    const recurrent = {
      ...eightB,
      layers: eightB.layers.map((layer, index) =>
        index % 4 === 3 ? layer : { ...layer, keyElements: 0, valueElements: 0, stateBytes: 20_000_000 },
      ),
    };
    for (const summary of [eightB, recurrent])
      for (const [totalVramBytes, reserveBytes] of [
        [4e9, 300_000_000],
        [10e9, 300_000_000],
        [48e9, 1_440_000_000],
      ] as const)
        for (const gpuLayers of [1, 7, 12]) {
          const on = (freeVramBytes: number, layers: number | 'auto') =>
            estimateLoad(summary, choice({ gpuLayers: layers }), { ...ram(64e9), freeVramBytes, totalVramBytes });
          const { vramBytes } = on(totalVramBytes, gpuLayers);
          expect(on(Math.ceil(vramBytes + reserveBytes), 'auto').gpuLayers).toBe(gpuLayers);
          expect(on(Math.ceil(vramBytes + reserveBytes) - 1, 'auto').gpuLayers).toBe(gpuLayers - 1);
        }
  });

  it('counts the embeddings that double as the output layer a second time on a GPU, and only there', () => {
    // Of Llama 3.2 1B, whose file has no output tensor: 128,256 x 2,048 in Q6_K.
    const copyBytes = (128_256 * 2048 * 210) / 256;
    const shape = { layers: 16, embedding: 2048, heads: 32, kvHeads: 8, feedForward: 8192, vocabulary: 128_256 };
    const tied = { ...model(shape), inputBytes: copyBytes, outputBytes: 8192, outputCopyBytes: copyBytes };
    const apart = { ...tied, outputCopyBytes: 0 };
    for (const gpuLayers of [1, 9, 17]) {
      const [with_, without] = [tied, apart].map((one) => estimateLoad(one, choice({ gpuLayers }), withGpu(16e9, 8e9)));
      expect((with_?.vramBytes ?? 0) - (without?.vramBytes ?? 0)).toBe(copyBytes);
      expect(with_?.ramBytes).toBe(without?.ramBytes);
    }
    expect(estimateLoad(tied, choice(), ram(16e9))).toEqual(estimateLoad(apart, choice(), ram(16e9)));
  });

  it('counts the state of recurrent layers once for each sequence, whatever the context and the cache type', () => {
    // Mamba 130M: 24 layers of 1,536 x 16 values and 3 x 1,536 of the convolution, F32.
    const stateBytes = (1536 * 16 + 3 * 1536) * 4;
    const shape = { layers: 24, embedding: 768, heads: 1, kvHeads: 1, feedForward: 1, vocabulary: 50_280 };
    const plain = model(shape);
    const recurrent = (layer: LayerSummary): LayerSummary => ({
      ...layer,
      keyElements: 0,
      valueElements: 0,
      stateBytes,
    });
    const mamba = { ...plain, layers: plain.layers.map(recurrent) };
    const cache = (load: Partial<LoadChoice>, summary: ModelSummary = mamba): number =>
      estimateLoad(summary, choice(load), ram(64e9)).kvCacheBytes;
    expect(cache({})).toBe(24 * stateBytes);
    expect(cache({ sequences: 4 })).toBe(4 * 24 * stateBytes);
    expect(cache({ contextSize: 65_536, kvCacheType: 'Q4_0' })).toBe(24 * stateBytes);
    const half = { ...plain, layers: plain.layers.map((layer, index) => (index < 12 ? recurrent(layer) : layer)) };
    expect(cache({ sequences: 2 }, half)).toBe(2 * 12 * stateBytes + cache({ sequences: 2 }, plain) / 2);
    // On the GPU it is there with its layer.
    const onGpu = (summary: ModelSummary): number =>
      estimateLoad(summary, choice({ gpuLayers: 'all' }), withGpu(64e9, 24e9)).vramBytes;
    expect(onGpu(half) - onGpu({ ...half, layers: half.layers.map((layer) => ({ ...layer, stateBytes: 0 })) })).toBe(
      12 * stateBytes,
    );
  });

  it('counts the memory of a GPU that shares it once', () => {
    const shared = { ...withGpu(6e9, 20e9), unifiedMemory: true };
    expect(estimateLoad(eightB, choice({ gpuLayers: 'all' }), withGpu(6e9, 20e9)).verdict).toBe('fits');
    expect(estimateLoad(eightB, choice({ gpuLayers: 'all' }), shared).verdict).toBe('tight');
  });

  it('needs main memory for all of it on unified memory, and for the rest on a machine with a discrete GPU', () => {
    const discrete = estimateLoad(eightB, choice({ gpuLayers: 'all' }), withGpu(16e9, 20e9));
    expect(discrete.ramBytes + discrete.vramBytes).toBe(needed(discrete));
    const shared = { ...withGpu(16e9, 20e9), unifiedMemory: true };
    const unified = estimateLoad(eightB, choice({ gpuLayers: 'all' }), shared);
    expect(unified.ramBytes).toBe(needed(unified));
    expect(unified.vramBytes).toBe(discrete.vramBytes);
  });

  it('counts a measured load on unified memory once', () => {
    const shared = { ...withGpu(16e9, 20e9), unifiedMemory: true };
    const estimate = estimateLoad(eightB, choice({ gpuLayers: 'all' }), shared);
    const fit = measuredFit(estimate, { ramBytes: 0.5e9, vramBytes: 6.3e9 }, shared);
    expect(needed(fit)).toBe(6.3e9);
    expect([fit.ramBytes, fit.vramBytes]).toEqual([6.3e9, 6.3e9]);
  });

  it('keeps only the window of layers that slide', () => {
    const shape = { layers: 6, embedding: 1024, heads: 8, kvHeads: 4, feedForward: 4096, vocabulary: 1000 };
    const sliding = model({ ...shape, windowTokens: (layer) => (layer === 5 ? null : 1024) });
    const cache = (load: Partial<LoadChoice>, summary = sliding): number =>
      estimateLoad(summary, choice({ contextSize: 32_768, ...load }), ram(64e9)).kvCacheBytes;
    const perToken = 4 * 128 * 2 * 2;
    expect(cache({})).toBe((32_768 + 5 * (1024 + 768)) * perToken);
    expect(cache({ swaFullCache: true })).toBe(cache({}, model(shape)));
    expect(cache({ contextSize: 512 })).toBe(6 * 512 * perToken);
  });
});

describe('chooseContextSize', () => {
  const chosen = (summary: ModelSummary, memory: FreeMemory): number =>
    chooseContextSize(summary, defaultLoadChoice, memory);

  it('takes what the model was trained for, at most 32,768, where there is room', () => {
    expect(chosen(eightB, ram(64e9))).toBe(32_768);
    expect(chosen({ ...eightB, contextLength: 8192 }, ram(64e9))).toBe(8192);
    expect(chosen({ ...eightB, contextLength: 512 }, ram(1e6))).toBe(512);
  });

  it('takes less where there is less, and never under 2,048', () => {
    const sizes = [1e9, 6e9, 8e9, 9e9, 10e9, 12e9, 64e9].map((free) => chosen(eightB, ram(free)));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect([sizes[0], sizes.at(-1)]).toEqual([2048, 32_768]);
    for (const size of sizes) expect(size % 256).toBe(0);
    expect(new Set(sizes).size).toBeGreaterThan(2);
  });

  it('leaves three tenths of the free memory, and not a step more', () => {
    for (const free of [9e9, 10e9, 11e9]) {
      const size = chosen(eightB, ram(free));
      const needed = (contextSize: number): number => estimateLoad(eightB, choice({ contextSize }), ram(free)).ramBytes;
      expect(size).toBeGreaterThan(2048);
      expect(needed(size)).toBeLessThanOrEqual(0.7 * free);
      expect(needed(size + 256)).toBeGreaterThan(0.7 * free);
    }
  });

  it('pushes no layer off the GPU', () => {
    for (const vram of [4e9, 6.2e9, 8e9, 24e9]) {
      const memory = withGpu(64e9, vram);
      const at = (contextSize: number): number => estimateLoad(eightB, choice({ contextSize }), memory).gpuLayers;
      expect(at(chosen(eightB, memory))).toBe(at(2048));
    }
  });
});

describe('verdicts', () => {
  it('go from fits over tight to too big as memory shrinks', () => {
    const verdicts = [20e9, 8e9, 7.3e9, 6e9, 3e9].map((free) => fitFromSummary(eightB, ram(free), 8192).verdict);
    expect(verdicts).toEqual(['fits', 'fits', 'tight', 'tight', 'too_big'].slice(0, verdicts.length));
  });

  it('change at their shares of the memory: 85 % of what is free, all of that, 95 % of the whole', () => {
    const fit = fitFromSummary(eightB, ram(20e9), 8192);
    const reason = (ramBytes: number): string => measuredFit(fit, { ramBytes, vramBytes: 0 }, ram(10e9, 20e9)).reason;
    expect([8.5e9, 8.5e9 + 1].map(reason)).toEqual(['fits_in_ram', 'leaves_little_ram']);
    expect([10e9, 10e9 + 1].map(reason)).toEqual(['leaves_little_ram', 'exceeds_free_ram']);
    expect([19e9, 19e9 + 1].map(reason)).toEqual(['exceeds_free_ram', 'exceeds_ram']);
  });

  it('come without a speed beside a draft model, whose help depends on the text', () => {
    const memory = { ...ram(64e9), readBytesPerSecond: 20e9 };
    const draft = { summary: eightB, sizeBytes: 1e9 };
    expect(estimateLoad(eightB, choice(), memory).tokensPerSecond).toBeGreaterThan(1);
    expect(estimateLoad(eightB, choice({ beside: { adapterBytes: 0, draft } }), memory).tokensPerSecond).toBeNull();
  });

  it('rest on a size alone where nothing else is known', () => {
    const fit = fitFromFileSize({ sizeBytes: 4.9e9, parameterCount: 8e9, contextLength: 131_072 }, withGpu(16e9, 24e9));
    expect(fit).toMatchObject({
      basis: 'file_size',
      gpuLayers: 0,
      layerCount: 0,
      verdict: 'fits',
      contextSize: 32_768,
    });
    // Near to what the header of a real model of that size gives.
    const exact = fitFromSummary(eightB, withGpu(16e9, 24e9));
    expect(needed(fit) / needed(exact)).toBeGreaterThan(0.9);
    expect(needed(fit) / needed(exact)).toBeLessThan(1.1);
    expect(fitFromFileSize({ sizeBytes: 0, parameterCount: null, contextLength: null }, ram(1e9)).verdict).toBe('fits');
  });

  it('follow what was measured', () => {
    const fit = fitFromSummary(eightB, ram(20e9), 8192);
    const more = measuredFit(fit, { ramBytes: 19e9, vramBytes: 0 }, ram(20e9));
    expect(more).toMatchObject({ basis: 'measured', verdict: 'tight', weightsBytes: fit.weightsBytes });
    expect(needed(more)).toBe(19e9);
    expect(needed(measuredFit(fit, { ramBytes: 2e9, vramBytes: 0 }, ram(20e9)))).toBe(2e9);
  });
});
