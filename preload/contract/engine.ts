/** The loaded models. */
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { modelIdSchema } from './models.ts';
import { call, stream } from './rpc.ts';

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
}

export type EngineEvent = { readonly revision: number; readonly loaded: readonly LoadedModel[] };

const modelInput = z.strictObject({ modelId: modelIdSchema });

export const engineRoutes = {
  /** The loaded models, again after every change. */
  'engine.watch': stream(z.strictObject({})).emits<EngineEvent>(),
  /** Answers when the model is ready. Throws model.*, engine.*. Leaving the call does not stop the load; `engine.unload` does. */
  'engine.load': call(modelInput).returns<LoadedModel>(),
  /** Ends the model's process: a load is cancelled, a reply is stopped, memory comes back. */
  'engine.unload': call(modelInput).returns<null>(),
};
