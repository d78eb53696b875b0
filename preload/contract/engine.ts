/** The loaded models. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
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
  /** What the model was trained for, in tokens; 0 until loaded. */
  readonly trainedContextSize: number;
  readonly threads: number;
  readonly gpuLayers: number;
  readonly layerCount: number;
  /** Name of the device that computes: "CPU", or the GPU's. */
  readonly device: string;
  /** Resident memory of the model's process, in bytes. */
  readonly memoryBytes: number;
  readonly loadMs: number;
  /** What was changed to make it load, in plain words. */
  readonly notes: readonly string[];
  readonly error: ErrorBody | null;
  readonly batchSize: number;
  readonly kvCacheType: KvCacheType;
  readonly flashAttention: boolean;
  /** Chats that it can write for at once, and those it is writing for. */
  readonly sequences: number;
  readonly activeSequences: number;
  /** Users that hold it: replies, measurements, programs. It is neither evicted nor unloaded for idleness while there are any. */
  readonly leases: number;
  /** Of the device's memory; 0 without a GPU. */
  readonly vramBytes: number;
  /** When it will be unloaded for idleness; null when it will not. Milliseconds since the epoch. */
  readonly unloadsAt: number | null;
  readonly calibration: Calibration | null;
}

/** How a model is loaded. Kept as the model's own defaults. */
export const loadSettingsSchema = z.strictObject({
  /** `model`: what it was trained for. */
  contextSize: z.union([z.enum(['auto', 'model']), z.int().min(256).max(16_777_216)]),
  gpuLayers: z.union([z.enum(['auto', 'all']), z.int().min(0).max(10_000)]),
  kvCacheType: kvCacheTypeSchema,
  flashAttention: z.union([z.literal('auto'), z.boolean()]),
  batchSize: z.union([z.literal('auto'), z.int().min(32).max(8192)]),
  threads: z.union([z.literal('auto'), z.int().min(1).max(512)]),
  mmap: z.boolean(),
  mlock: z.boolean(),
  /** Chats that share one context; each has its own part of it. */
  sequences: z.int().min(1).max(16),
  speculation: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('off') }),
    z.strictObject({ kind: z.literal('lookup') }),
    z.strictObject({ kind: z.literal('draft'), modelId: modelIdSchema }),
  ]),
  loras: z.array(z.strictObject({ modelId: modelIdSchema, scale: z.number().min(-10).max(10) })).max(8),
});
export type LoadSettings = z.infer<typeof loadSettingsSchema>;

/** What a short run on this machine found to be fastest. */
export interface Calibration {
  readonly decodeThreads: number;
  readonly promptThreads: number;
  readonly batchSize: number;
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
  /** What was tried, and how fast it was. */
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
/** A set of llama.cpp libraries for a kind of GPU; fetched on demand, for it is large. */
export interface Backend {
  readonly id: 'cuda' | 'vulkan' | 'metal';
  readonly installed: boolean;
  /** Whether this platform has it at all, and its download size where that is known. */
  readonly available: boolean;
  readonly sizeBytes: number | null;
  /** Why it cannot be used here although it is installed; null when it can. */
  readonly problem: string | null;
}
export interface Hardware {
  readonly devices: readonly Device[];
  readonly backends: readonly Backend[];
  readonly physicalCores: number;
  readonly cpuFeatures: readonly string[];
}

export interface PromptPiece {
  readonly origin: 'template' | 'system' | 'history' | 'message';
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
}

export type EngineEvent = { readonly revision: number; readonly loaded: readonly LoadedModel[] };

const modelInput = z.strictObject({ modelId: modelIdSchema });

export const engineRoutes = {
  /** The loaded models, again after every change. */
  'engine.watch': stream(z.strictObject({})).emits<EngineEvent>(),
  /** Answers when the model is ready. Throws model.*, engine.*. Leaving the call does not stop the load; `engine.unload` does. */
  'engine.load': call(modelInput).returns<LoadedModel>(),
  /** The model's own load settings, what they would take, and what is known of it on this machine. Throws model.*. */
  'engine.settings': call(modelInput).returns<{
    settings: LoadSettings;
    fit: Fit;
    trainedContextSize: number | null;
    calibration: Calibration | null;
  }>(),
  /** What a load with these settings would take; nothing is kept. */
  'engine.estimate': call(z.strictObject({ modelId: modelIdSchema, settings: loadSettingsSchema })).returns<Fit>(),
  /** Keeps them as the model's own; they count from its next load. Null forgets them. */
  'engine.saveSettings': call(
    z.strictObject({ modelId: modelIdSchema, settings: loadSettingsSchema.nullable() }),
  ).returns<LoadSettings>(),
  /** Runs for under 3 s on the loaded model and keeps what was fastest. Throws busy while it writes. */
  'engine.calibrate': call(modelInput).returns<Calibration>(),
  'engine.hardware': call(z.strictObject({})).returns<Hardware>(),
  /** Fetches a backend from the npm registry, checked against its integrity hash, as a job. */
  'engine.installBackend': call(z.strictObject({ backend: z.enum(['cuda', 'vulkan']) })).returns<{ jobId: string }>(),
  /** The exact prompt that the next reply of a chat would get, in pieces by origin, with their tokens. */
  'engine.prompt': call(z.strictObject({ chatId: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    pieces: readonly PromptPiece[];
    contextSize: number;
  }>(),
  /** Ends the model's process: a load is cancelled, a reply is stopped, memory comes back. */
  'engine.unload': call(modelInput).returns<null>(),
};
