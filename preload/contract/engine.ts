/** The loaded models. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import type { LoadNote } from './load-notes.ts';
import { kvCacheTypeSchema, modelIdSchema, type Fit, type KvCacheType } from './model.ts';
import { call, stream } from '../wire/rpc.ts';

export interface LoadedModel {
  readonly modelId: string;
  readonly name: string;
  readonly status: 'loading' | 'ready' | 'generating' | 'failed';
  /** 0 to 1 while loading, by bytes read. */
  readonly progress: number;
  /** Tokens; 0 until loaded. */
  readonly contextSize: number;
  /** The context size that the model was trained for, in tokens; 0 until loaded. */
  readonly trainedContextSize: number;
  readonly threads: number;
  readonly gpuLayers: number;
  readonly layerCount: number;
  /** Name of the device that computes: "CPU", or the GPU's. */
  readonly device: string;
  /** Resident memory of the model's process, in bytes. */
  readonly memoryBytes: number;
  readonly loadMs: number;
  /** The changes that were made so that the model could be loaded. */
  readonly notes: readonly LoadNote[];
  readonly error: ErrorBody | null;
  readonly batchSize: number;
  readonly kvCacheType: KvCacheType;
  readonly flashAttention: boolean;
  /** Parallel sequences of the context, and how many of them are in use. */
  readonly sequences: number;
  readonly activeSequences: number;
  /** Number of leases of replies, measurements and programs. A leased model is neither evicted nor unloaded for idleness. */
  readonly leases: number;
  /** GPU memory that the model takes; 0 without a GPU. */
  readonly vramBytes: number;
  /** When the idle model will be unloaded, in milliseconds since the epoch; null when it will not. */
  readonly unloadsAt: number | null;
  readonly calibration: Calibration | null;
}

/** The load settings of a model, stored as its own defaults. */
export const loadSettingsSchema = z.strictObject({
  /** In tokens. `model`: the size that the model was trained for. */
  contextSize: z.union([z.enum(['auto', 'model']), z.int().min(256).max(16_777_216)]),
  gpuLayers: z.union([z.enum(['auto', 'all']), z.int().min(0).max(10_000)]),
  kvCacheType: kvCacheTypeSchema,
  flashAttention: z.union([z.literal('auto'), z.boolean()]),
  batchSize: z.union([z.literal('auto'), z.int().min(32).max(8192)]),
  threads: z.union([z.literal('auto'), z.int().min(1).max(512)]),
  mmap: z.boolean(),
  mlock: z.boolean(),
  /** Parallel sequences, each with `contextSize` tokens. */
  sequences: z.int().min(1).max(32),
  speculation: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('off') }),
    z.strictObject({ kind: z.literal('lookup') }),
    z.strictObject({ kind: z.literal('draft'), modelId: modelIdSchema }),
  ]),
  loras: z.array(z.strictObject({ modelId: modelIdSchema, scale: z.number().min(-10).max(10) })).max(8),
});
export type LoadSettings = z.infer<typeof loadSettingsSchema>;

/** The fastest tuning that a short measurement on this machine found. */
export interface Calibration {
  readonly decodeThreads: number;
  readonly promptThreads: number;
  readonly batchSize: number;
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
  /** The rate at which decoding read the weights from main memory. Absent for a small model, and for one partly on a GPU. */
  readonly readBytesPerSecond?: number;
  /** All tunings that were measured. */
  readonly tried: readonly {
    readonly phase: 'decode' | 'prompt';
    readonly threads: number;
    readonly batchSize: number;
    readonly tokensPerSecond: number;
  }[];
  readonly tookMs: number;
  readonly at: number;
}

export interface Device {
  readonly name: string;
  readonly kind: 'cpu' | 'gpu';
  readonly totalBytes: number;
  readonly freeBytes: number;
}
/**
 * Why GPU libraries cannot be used on this computer: they found no GPU, they do not start (`detail` is the error's name for the log), or
 * the system lists no GPU of their kind.
 */
export type BackendProblem =
  | { readonly code: 'found_no_gpu' }
  | { readonly code: 'does_not_start'; readonly detail: string }
  | { readonly code: 'no_nvidia_gpu' }
  | { readonly code: 'no_gpu' };

/** llama.cpp libraries for a kind of GPU, downloaded on demand because of their size. */
export interface Backend {
  readonly id: 'cuda' | 'vulkan' | 'metal';
  readonly installed: boolean;
  /** Whether this platform has it at all, and its download size where that is known. */
  readonly available: boolean;
  readonly sizeBytes: number | null;
  /** Null when it can be used here, as far as that is known. */
  readonly problem: BackendProblem | null;
}
export interface Hardware {
  readonly devices: readonly Device[];
  readonly backends: readonly Backend[];
  readonly physicalCores: number;
  readonly cpuFeatures: readonly string[];
}

export interface PromptPiece {
  readonly origin: 'template' | 'system' | 'history' | 'message' | 'summary' | 'recalled' | 'files';
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
}

export type EngineEvent = { readonly revision: number; readonly loaded: readonly LoadedModel[] };

const modelInput = z.strictObject({ modelId: modelIdSchema });

export const engineRoutes = {
  /** The loaded models, again after every change. */
  'engine.watch': stream(z.strictObject({})).emits<EngineEvent>(),
  /** Loads the model and resolves when it is ready. Throws model.*, engine.*. Aborting the call does not stop the load; `engine.unload` does. */
  'engine.load': call(modelInput).returns<LoadedModel>(),
  /** The model's load settings, their fit, and its calibration on this machine. Throws model.*. */
  'engine.settings': call(modelInput).returns<{
    settings: LoadSettings;
    fit: Fit;
    trainedContextSize: number | null;
    calibration: Calibration | null;
  }>(),
  /** The fit with these settings, which are not stored. */
  'engine.estimate': call(z.strictObject({ modelId: modelIdSchema, settings: loadSettingsSchema })).returns<Fit>(),
  /** Stores the settings for the model's next loads; null restores the defaults. */
  'engine.saveSettings': call(
    z.strictObject({ modelId: modelIdSchema, settings: loadSettingsSchema.nullable() }),
  ).returns<LoadSettings>(),
  /** Measures the loaded model for under 3 s and stores the fastest tuning. Throws busy while it generates. */
  'engine.calibrate': call(modelInput).returns<Calibration>(),
  'engine.hardware': call(z.strictObject({})).returns<Hardware>(),
  /** Downloads a backend from the npm registry as a job, verified by its integrity hash. */
  'engine.installBackend': call(z.strictObject({ backend: z.enum(['cuda', 'vulkan']) })).returns<{ jobId: string }>(),
  /** The exact prompt of a chat's next reply: its tokens, in pieces by origin. */
  'engine.prompt': call(z.strictObject({ chatId: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    pieces: readonly PromptPiece[];
    contextSize: number;
  }>(),
  /** Ends the model's process, which cancels a load, stops replies and frees the memory. */
  'engine.unload': call(modelInput).returns<null>(),
};
