/**
 * Whether a model fits: weights, KV cache and compute buffers against the free memory, in main memory and on a GPU.
 * The sizes follow llama.cpp release 0.5.0: `n_gpu_layers` counts the output layer first and then blocks from the last one
 * back; token embeddings stay in main memory; the cache of a layer lies on the layer's device.
 */
import type { Fit, FitReason, FitVerdict, KvCacheType } from '../../preload/contract/model.ts';
import { ggmlTypes } from './ggml-types.ts';
import { estimatedUse, measuredUse, totalUse, type MemoryUse } from './memory.ts';
import { SUMMARY_FORMAT, type LayerSummary, type ModelSummary } from './model-summary.ts';
import { predictSpeed, weightsReadPerToken, type Reading } from './speed.ts';

export interface FreeMemory {
  readonly freeRamBytes: number;
  readonly totalRamBytes: number;
  /** The part of the free memory that loads leave to other programs. */
  readonly reserveRamBytes?: number;
  /** Free memory of the best GPU; left out without one. */
  readonly freeVramBytes?: number;
  readonly totalVramBytes?: number;
  /** True where the GPU uses main memory (Metal, integrated GPUs); see `memory.ts`. */
  readonly unifiedMemory?: boolean;
  /** The rate at which decoding reads main memory, as measured with a model; left out while unknown. */
  readonly readBytesPerSecond?: number;
  /** True where that rate was measured without a model. */
  readonly isRateEstimated?: boolean;
}

/** The load settings that decide about memory. */
export interface LoadChoice {
  /** Tokens of one sequence. `auto`: see `chooseContextSize`; `model`: the size that the model was trained for. */
  readonly contextSize: number | 'auto' | 'model';
  readonly kvCacheType: KvCacheType;
  /** Layers on the GPU, the output layer included, as llama.cpp counts them. */
  readonly gpuLayers: number | 'auto' | 'all';
  /** Tokens that one pass computes (llama.cpp's ubatch). */
  readonly batchSize: number;
  readonly flashAttention: boolean;
  /** Parallel sequences, each with `contextSize` tokens. */
  readonly sequences: number;
  /** Keeps every token in the cache of sliding-window layers, too. Default false. */
  readonly swaFullCache?: boolean;
  /** What is loaded beside the model, and counts as its own. */
  readonly beside?: LoadedBeside;
}

/** The auxiliary files and the draft model of a load. */
export interface LoadedBeside {
  /** Bytes of all adapters. Each of their tensors lies where the tensor lies that it changes. */
  readonly adapterBytes: number;
  /** It has a context like the model's, and all of its layers are where the model's output layer is. A summary null: not read. */
  readonly draft: { readonly summary: ModelSummary | null; readonly sizeBytes: number } | null;
}

export const defaultLoadChoice: LoadChoice = {
  contextSize: 'auto',
  kvCacheType: 'F16',
  gpuLayers: 'auto',
  batchSize: 512,
  flashAttention: true,
  sequences: 1,
};

/** Tokens, where a header does not say what the model was trained for. */
const DEFAULT_CONTEXT_SIZE = 8192;
/** Limits of an automatic context, in tokens: enough for a long chat, and never too little for a short one. */
const MAX_AUTO_CONTEXT = 32_768;
const MIN_AUTO_CONTEXT = 2048;
/** llama.cpp rounds the tokens of a cache up to a multiple of this. */
const CACHE_STEP = 256;
/** Resident size of an engine process without a model, measured. */
const PROCESS_BYTES = 110_000_000;
/** Memory of the tokenizer per token of the vocabulary: 0.85 to 1.0 KB, measured with 32,000 and 64,000 tokens. */
const TOKENIZER_BYTES_PER_TOKEN = 950;
/** GPU memory that stays free: for the driver and kernels, and for other programs that need more at any moment. */
const VRAM_RESERVE_BYTES = 300_000_000;
const VRAM_RESERVE_SHARE = 0.03;
/** Shares of the free memory: up to the first, other programs stay fast; up to the second, an automatic context may grow. */
const ROOMY_SHARE = 0.85;
const COMFORTABLE_SHARE = 0.7;
/** Share of the whole memory that programs can use: the rest is the system's. */
const USABLE_SHARE = 0.95;

const kvBytesPerElement = new Map(
  [...ggmlTypes.values()].map(({ name, blockSize, blockBytes }) => [name, blockBytes / blockSize]),
);

interface Sized {
  readonly contextSize: number;
  readonly kvCacheType: KvCacheType;
  readonly batchSize: number;
  readonly flashAttention: boolean;
  readonly sequences: number;
  readonly swaFullCache: boolean;
}

/** Bytes of one layer's KV cache, and of its state in a recurrent layer. */
function cacheBytes(layer: LayerSummary, choice: Sized): number {
  const whole = roundUp(choice.contextSize, CACHE_STEP);
  // Each sequence has a cache of its own; a sliding-window one holds the window and the batch under way.
  const tokens =
    layer.windowTokens === null || choice.swaFullCache
      ? whole
      : Math.min(whole, roundUp(layer.windowTokens + choice.batchSize + 1, CACHE_STEP));
  const elements = (layer.keyElements + layer.valueElements) * tokens * choice.sequences;
  return Math.round(elements * (kvBytesPerElement.get(choice.kvCacheType) ?? 2)) + layer.stateBytes * choice.sequences;
}

/**
 * Bytes of llama.cpp's compute buffer for one device. All steps reuse the buffer, so it has the size of the largest one: the logits
 * of a whole batch, the attention of a batch over the whole context, or the feed-forward network.
 *
 * Against what llama.cpp 0.5.0 reports on a CPU (13 loads: 4 to 24 layers, 0.3 M to 400 M parameters, vocabularies of 512 to
 * 64,000, contexts of 512 to 16,384, batches of 256 to 1,024, flash attention on and off): 0 % to +3 %; see fit.test.ts.
 *
 * Resident size of the whole process after a first batch, against the whole estimate (8 loads with flash attention): the
 * estimate is 3 % below to 30 % above. The difference is memory that is reserved and not written yet: the unused context, and the
 * logits of a whole batch, of which a chat needs one row. Weights that the CPU backend repacks (Q4_0 and related types) stay
 * mapped as well until the system reclaims them; that copy is not counted.
 */
function computeBufferBytes(summary: ModelSummary, choice: Sized, withOutput: boolean): number {
  const tokens = Math.min(choice.batchSize, choice.contextSize * choice.sequences);
  const embedding = summary.embeddingLength ?? 4096;
  const heads = summary.headCount ?? 32;
  const cached = roundUp(choice.contextSize, CACHE_STEP);
  const keepsKeys = summary.layers.some((layer) => layer.keyElements > 0);
  // An encoder keeps nothing of a text and gives vectors in place of logits.
  const isEncoder = !keepsKeys && summary.layers.every((layer) => layer.stateBytes === 0);
  const logits = withOutput && !isEncoder ? (summary.vocabularySize ?? 32_000) + 3 * embedding : 0;
  // Without flash attention the scores of all heads are in memory at once; with it only the mask, in F32 and in F16.
  const scores = keepsKeys ? cached * (choice.flashAttention ? 1.5 : heads + 1) : 0;
  const attention = scores + (choice.flashAttention ? 4.25 : 7) * embedding;
  const feedForward = 3 * (summary.feedForwardLength ?? 4 * embedding) + 3 * embedding;
  return tokens * 4 * Math.max(logits, attention, feedForward);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

interface Side {
  readonly weights: number;
  readonly cache: number;
  readonly compute: number;
}
interface Placement {
  readonly ram: Side;
  readonly vram: Side;
}

/** The bytes in each memory with `gpuLayers` on the GPU. */
function placeLayers(summary: ModelSummary, choice: Sized, gpuLayers: number): Placement {
  const onGpu = Math.max(0, gpuLayers - 1); // the output layer goes first
  const firstOnGpu = summary.layers.length - onGpu;
  const ram = { weights: summary.inputBytes, cache: 0, compute: 0 };
  const vram = { weights: 0, cache: 0, compute: 0 };
  for (const [index, layer] of summary.layers.entries()) {
    const side = index < firstOnGpu ? ram : vram;
    side.weights += layer.weightsBytes;
    side.cache += cacheBytes(layer, choice);
  }
  if (gpuLayers > 0) {
    vram.weights += summary.outputBytes + summary.outputCopyBytes;
    vram.compute = computeBufferBytes(summary, choice, true);
  } else ram.weights += summary.outputBytes;
  const base = PROCESS_BYTES + (summary.vocabularySize ?? 32_000) * TOKENIZER_BYTES_PER_TOKEN;
  // With all blocks on the GPU, main memory keeps only the inputs of a batch: embeddings and masks.
  const inputs = Math.min(choice.batchSize, choice.contextSize) * 4 * (summary.embeddingLength ?? 4096);
  ram.compute = base + (firstOnGpu > 0 ? computeBufferBytes(summary, choice, gpuLayers === 0) : inputs);
  return { ram, vram };
}

/** The same for all that a load brings into memory. */
function placeAll(loaded: LoadedSummaries, choice: Sized, gpuLayers: number): Placement {
  const model = placeLayers(loaded.model, choice, gpuLayers);
  if (loaded.draft === null) return model;
  const draft = placeLayers(loaded.draft, choice, gpuLayers > 0 ? loaded.draft.layers.length + 1 : 0);
  // Both are in one process.
  const ram = { ...draft.ram, compute: draft.ram.compute - PROCESS_BYTES };
  return { ram: together(model.ram, ram), vram: together(model.vram, draft.vram) };
}

const together = (a: Side, b: Side): Side => ({
  ...{ weights: a.weights + b.weights, cache: a.cache + b.cache, compute: a.compute + b.compute },
});

interface LoadedSummaries {
  readonly model: ModelSummary;
  readonly draft: ModelSummary | null;
}

function summariesOf(summary: ModelSummary, beside: LoadedBeside | undefined): LoadedSummaries {
  if (!beside) return { model: summary, draft: null };
  const { adapterBytes, draft } = beside;
  const perLayer = Math.ceil(adapterBytes / Math.max(1, summary.layers.length));
  const layers = summary.layers.map((layer) => ({ ...layer, weightsBytes: layer.weightsBytes + perLayer }));
  return {
    model: { ...summary, layers },
    draft: draft && (draft.summary ?? typicalModel({ ...draft, parameterCount: null, contextLength: null })),
  };
}

const sumOf = (side: Side): number => side.weights + side.cache + side.compute;

/** The number of layers that fit in the free VRAM with their cache and the compute buffer; 0 without a GPU. */
function layersThatFit(loaded: LoadedSummaries, choice: Sized, memory: FreeMemory): number {
  const usableVramBytes = (memory.freeVramBytes ?? 0) - vramReserve(memory);
  let low = 0;
  let high = loaded.model.layers.length + 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sumOf(placeAll(loaded, choice, middle).vram) <= usableVramBytes) low = middle;
    else high = middle - 1;
  }
  return low;
}

function vramReserve({ totalVramBytes = 0 }: FreeMemory): number {
  return Math.max(VRAM_RESERVE_BYTES, totalVramBytes * VRAM_RESERVE_SHARE);
}

/**
 * The memory that a load takes, and whether it fits. `gpuLayers` of the result is the number to ask llama.cpp for: as chosen, at most
 * all, and 0 without VRAM; `layerCount` includes the output layer. Never throws; sizes that a header leaves out get typical values.
 */
export function estimateLoad(summary: ModelSummary, choice: LoadChoice, memory: FreeMemory): Fit {
  const sized: Sized = {
    ...choice,
    swaFullCache: choice.swaFullCache ?? false,
    contextSize:
      choice.contextSize === 'auto'
        ? chooseContextSize(summary, choice, memory)
        : choice.contextSize === 'model'
          ? (summary.contextLength ?? DEFAULT_CONTEXT_SIZE)
          : Math.max(1, choice.contextSize),
  };
  const loaded = summariesOf(summary, choice.beside);
  const layerCount = summary.layers.length + 1;
  const hasGpu = (memory.totalVramBytes ?? 0) > 0;
  const gpuLayers = !hasGpu
    ? 0
    : choice.gpuLayers === 'auto'
      ? layersThatFit(loaded, sized, memory)
      : choice.gpuLayers === 'all'
        ? layerCount
        : Math.max(0, Math.min(layerCount, choice.gpuLayers));
  const { ram, vram } = placeAll(loaded, sized, gpuLayers);
  return judged(
    {
      basis: 'header',
      weightsBytes: ram.weights + vram.weights,
      kvCacheBytes: ram.cache + vram.cache,
      computeBytes: ram.compute + vram.compute,
      contextSize: sized.contextSize,
      gpuLayers,
      layerCount,
      vramBytes: sumOf(vram),
      tokensPerSecond: speedOf(
        loaded,
        {
          kvCacheBytes: (ram.cache + vram.cache) / Math.max(1, sized.sequences),
          contextSize: sized.contextSize,
          gpuLayers,
        },
        memory,
      ),
    },
    memory,
  );
}

/** A draft model's help depends on the text, so with one no speed is predicted. */
function speedOf(
  { model, draft }: LoadedSummaries,
  placed: Omit<Reading, 'weightsReadBytes'>,
  memory: FreeMemory,
): number | null {
  if (draft !== null) return null;
  return predictSpeed({ ...placed, weightsReadBytes: weightsReadPerToken(model) }, memory.readBytesPerSecond);
}

/**
 * The automatic context size in tokens: the largest that leaves other programs room and pushes no layer off the GPU, up to 32,768 and
 * the size that the model was trained for; at least 2,048, or the trained size where that is less.
 */
export function chooseContextSize(
  summary: ModelSummary,
  choice: Omit<LoadChoice, 'contextSize'>,
  memory: FreeMemory,
): number {
  const trained = summary.contextLength ?? DEFAULT_CONTEXT_SIZE;
  const most = Math.min(trained, MAX_AUTO_CONTEXT);
  const least = Math.min(trained, MIN_AUTO_CONTEXT);
  const at = (contextSize: number): Fit => estimateLoad(summary, { ...choice, contextSize }, memory);
  const { gpuLayers } = at(least);
  const isComfortable = (contextSize: number): boolean => {
    const fit = at(contextSize);
    const comfortableRamBytes = memory.freeRamBytes * COMFORTABLE_SHARE;
    return fit.verdict === 'fits' && fit.gpuLayers >= gpuLayers && fit.ramBytes <= comfortableRamBytes;
  };
  if (most <= least || isComfortable(most)) return most;
  let low = Math.floor(least / CACHE_STEP);
  let high = Math.ceil(most / CACHE_STEP) - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isComfortable(middle * CACHE_STEP)) low = middle;
    else high = middle - 1;
  }
  return Math.max(least, low * CACHE_STEP);
}

/** The fit with default load settings; `contextSize` in tokens, or automatic when left out. */
export function fitFromSummary(summary: ModelSummary, memory: FreeMemory, contextSize?: number): Fit {
  return estimateLoad(summary, { ...defaultLoadChoice, contextSize: contextSize ?? 'auto' }, memory);
}

/** The fit with the memory that an earlier load took on this machine in place of the estimate; the verdict is judged again. */
export function measuredFit(fit: Fit, measured: MemoryUse, memory: FreeMemory): Fit {
  const unified = memory.unifiedMemory === true;
  const use = measuredUse(measured, unified);
  const rest = totalUse(use, unified) - fit.weightsBytes - fit.kvCacheBytes;
  // A mapped file measures less than its size when the system has reclaimed some of its pages.
  const weightsBytes = fit.weightsBytes + Math.min(0, rest);
  return judged(
    {
      basis: 'measured',
      weightsBytes: Math.max(0, weightsBytes),
      kvCacheBytes: fit.kvCacheBytes,
      computeBytes: Math.max(0, rest),
      contextSize: fit.contextSize,
      gpuLayers: fit.gpuLayers,
      layerCount: fit.layerCount,
      vramBytes: use.vramBytes,
      tokensPerSecond: fit.tokensPerSecond,
    },
    memory,
  );
}

/** The context size in tokens for a model without a readable header. */
export function defaultContextSize(trainedContextLength: number | null): number {
  return Math.min(trainedContextLength ?? DEFAULT_CONTEXT_SIZE, DEFAULT_CONTEXT_SIZE);
}

/**
 * The fit by a file's size alone, before its header is known: as for a typical dense model with grouped-query attention and as many
 * parameters, whose cache takes about 128 KB per token at 8 billion parameters and less below. `layerCount` is 0. Its speed is predicted
 * only where it is known what a token reads, because a mixture of experts reads a small part of its weights.
 */
export function fitFromFileSize(
  file: {
    readonly sizeBytes: number;
    readonly parameterCount: number | null;
    readonly contextLength: number | null;
    readonly weightsReadBytes?: number;
  },
  memory: FreeMemory,
): Fit {
  const fit = estimateLoad(typicalModel(file), defaultLoadChoice, memory);
  const { kvCacheBytes, contextSize, gpuLayers } = fit;
  const { weightsReadBytes } = file;
  return judged(
    {
      weightsBytes: file.sizeBytes,
      kvCacheBytes: Math.round(fit.kvCacheBytes),
      computeBytes: Math.round(fit.computeBytes),
      contextSize: fit.contextSize,
      vramBytes: Math.round(fit.vramBytes),
      basis: 'file_size',
      gpuLayers: 0,
      layerCount: 0,
      tokensPerSecond:
        weightsReadBytes === undefined
          ? null
          : predictSpeed({ weightsReadBytes, kvCacheBytes, contextSize, gpuLayers }, memory.readBytesPerSecond),
    },
    memory,
  );
}

/** A summary with the proportions that models of this size usually have. */
function typicalModel(file: {
  readonly sizeBytes: number;
  readonly parameterCount: number | null;
  readonly contextLength: number | null;
}): ModelSummary {
  const parameters = Math.max(1, file.parameterCount ?? file.sizeBytes / 0.6); // about 4.8 bits a weight, the usual download
  const scale = Math.cbrt(parameters / 8e9);
  const layerCount = Math.max(1, Math.round(32 * scale));
  const embeddingLength = Math.max(1, Math.round(4096 * scale));
  const vocabularySize = Math.round(Math.min(128_000, (0.3 * parameters) / embeddingLength));
  const outputBytes = Math.round((file.sizeBytes * vocabularySize * embeddingLength) / parameters);
  const elements = (Math.min(1, Math.sqrt(parameters / 8e9)) * 65_536) / layerCount;
  const layer: LayerSummary = {
    weightsBytes: (file.sizeBytes - outputBytes) / layerCount,
    keyElements: elements / 2,
    valueElements: elements / 2,
    windowTokens: null,
    stateBytes: 0,
  };
  return {
    format: SUMMARY_FORMAT,
    architecture: '',
    name: null,
    quantization: null,
    license: null,
    parameterCount: Math.round(parameters),
    weightsBytes: file.sizeBytes,
    contextLength: file.contextLength,
    layers: Array.from({ length: layerCount }, () => layer),
    // The share of the token embeddings is not known, so none of the weights count as fixed in main memory.
    inputBytes: 0,
    outputBytes,
    outputCopyBytes: 0,
    embeddingLength,
    feedForwardLength: Math.round(3.5 * embeddingLength),
    headCount: Math.max(1, Math.round(embeddingLength / 128)),
    vocabularySize,
    hasChatTemplate: false,
    notes: [],
  };
}

type Estimate = Pick<
  Fit,
  | 'basis'
  | 'weightsBytes'
  | 'kvCacheBytes'
  | 'computeBytes'
  | 'contextSize'
  | 'gpuLayers'
  | 'layerCount'
  | 'vramBytes'
  | 'tokensPerSecond'
>;

function judged(estimate: Estimate, memory: FreeMemory): Fit {
  const totalBytes = estimate.weightsBytes + estimate.kvCacheBytes + estimate.computeBytes;
  const use = estimatedUse(totalBytes, estimate.vramBytes, memory.unifiedMemory === true);
  const reason = reasonOf(use, memory);
  return {
    ...estimate,
    verdict: verdictOf(reason),
    reason,
    ramBytes: use.ramBytes,
    freeRamBytes: memory.freeRamBytes,
    totalRamBytes: memory.totalRamBytes,
    usableRamBytes: Math.floor(memory.totalRamBytes * USABLE_SHARE),
    freeVramBytes: memory.freeVramBytes ?? 0,
    totalVramBytes: memory.totalVramBytes ?? 0,
    isSpeedEstimated: memory.isRateEstimated === true && estimate.tokensPerSecond !== null,
  };
}

/** The worst reason comes first: what never fits, then what does not fit at the moment, then what leaves little. */
function reasonOf({ ramBytes, vramBytes }: MemoryUse, memory: FreeMemory): FitReason {
  const { freeRamBytes, totalRamBytes, freeVramBytes = 0, totalVramBytes = 0 } = memory;
  if (vramBytes > 0 && vramBytes > totalVramBytes) return 'exceeds_vram';
  if (ramBytes > totalRamBytes * USABLE_SHARE) return 'exceeds_ram';
  if (ramBytes > freeRamBytes) return 'exceeds_free_ram';
  if (vramBytes > freeVramBytes) return 'exceeds_free_vram';
  if (ramBytes > freeRamBytes * ROOMY_SHARE) return 'leaves_little_ram';
  return vramBytes > 0 ? 'fits_with_gpu' : 'fits_in_ram';
}

function verdictOf(reason: FitReason): FitVerdict {
  switch (reason) {
    case 'exceeds_vram':
    case 'exceeds_ram':
      return 'too_big';
    case 'exceeds_free_ram':
    case 'exceeds_free_vram':
    case 'leaves_little_ram':
      return 'tight';
    case 'fits_with_gpu':
    case 'fits_in_ram':
      return 'fits';
    default:
      return reason satisfies never;
  }
}
