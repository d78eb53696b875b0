/** Models on this computer: what the cache and the app itself hold. Ids go over the wire, file paths never do. */
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { call, stream } from './rpc.ts';

/**
 * `OWNER/NAME/PATH/IN/REPO.gguf`; of a repository without an owner `NAME/PATH/IN/REPO.gguf`. Not a path: no absolute form, no `..`, no backslash, no control characters,
 * so that a path in place of an id is refused before any handler sees it.
 */
export const modelIdSchema = z
  .string()
  .max(600)
  .regex(/^[A-Za-z0-9_][\w.-]*\/[^\\]+$/, 'expected OWNER/NAME/FILE')
  .refine(
    (id) => !hasControlCharacter(id) && id.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    {
      message: 'expected OWNER/NAME/FILE, not a path',
    },
  );

function hasControlCharacter(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\u007f') return true;
  return false;
}

/** Types of the KV cache that llama.cpp can hold keys and values in. */
export const kvCacheTypeSchema = z.enum(['F32', 'F16', 'BF16', 'Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0', 'IQ4_NL']);
export type KvCacheType = z.infer<typeof kvCacheTypeSchema>;

export type FitVerdict = 'fits' | 'tight' | 'too_big' | 'unknown';

/** How a model would sit in this machine's memory. All sizes in bytes. */
export interface Fit {
  readonly verdict: FitVerdict;
  /** One plain sentence that says why. */
  readonly reason: string;
  /** What the numbers rest on: the file's size alone, its header, or what loading it on this machine took. */
  readonly basis: 'file_size' | 'header' | 'measured';
  readonly weightsBytes: number;
  readonly kvCacheBytes: number;
  readonly computeBytes: number;
  readonly contextSize: number;
  readonly freeRamBytes: number;
  readonly totalRamBytes: number;
  /** The best GPU's; 0 without one. */
  readonly freeVramBytes: number;
  readonly totalVramBytes: number;
  /** Layers that would go to the GPU, of `layerCount`; both 0 while the layers are not known. */
  readonly gpuLayers: number;
  readonly layerCount: number;
  /** Of what is needed, the part that goes to the GPU. */
  readonly vramBytes: number;
}

/** Who a model file belongs to. Hearth deletes its own and the shared cache's files, never another program's. */
export type ModelOrigin = 'built_in' | 'hub' | 'imported' | 'lm_studio' | 'ollama' | 'jan' | 'gpt4all' | 'folder';

/** What a GGUF file is for. An adapter (LoRA) changes a model, a projector lets one see or hear; neither is loaded by itself. */
export type LocalModelKind = 'model' | 'adapter' | 'projector';

export interface LocalModel {
  readonly id: string;
  /** `model` also where the file cannot be read. */
  readonly kind: LocalModelKind;
  readonly repoId: string;
  readonly fileName: string;
  /** A name for people: general.name of the header, else made from the file name. */
  readonly name: string;
  readonly origin: ModelOrigin;
  /** What is never evicted by itself. */
  readonly pinned: boolean;
  /** The commit that the branch has moved to since; null when it has not, or nobody looked. */
  readonly updateRevision: string | null;
  /** The commit that the file came from; null for the built-in model. */
  readonly revision: string | null;
  readonly sizeBytes: number;
  readonly quantization: string | null;
  /** Of an adapter, that of the models it is for. */
  readonly architecture: string | null;
  readonly parameterCount: number | null;
  /** The context that the model was trained for, in tokens. */
  readonly contextLength: number | null;
  readonly licence: string | null;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  readonly lastUsedAt: number | null;
  readonly fit: Fit;
  /** Set when the file cannot be used: not a GGUF, cut short, a shard is missing. */
  readonly problem: ErrorBody | null;
}

export type ModelsEvent = { readonly revision: number; readonly models: readonly LocalModel[] };

const nothing = z.strictObject({});

export const modelsRoutes = {
  /** The whole list, again after every change. */
  'models.watch': stream(nothing).emits<ModelsEvent>(),
  /** Looks at the cache again, for files that other programs put there or took away. */
  'models.rescan': call(nothing).returns<ModelsEvent>(),
  /** Hides the model now and deletes its file after `undoMs`, unless undone. The built-in model cannot be deleted (`unsupported`). */
  'models.delete': call(z.strictObject({ modelId: modelIdSchema })).returns<{ undoMs: number; freedBytes: number }>(),
  /** Keeps a model from being evicted by itself. */
  'models.pin': call(z.strictObject({ modelId: modelIdSchema, pinned: z.boolean() })).returns<null>(),
  /** Opens the shell's file dialog and takes the chosen GGUF files into the list where they lie. Null when it was closed. Throws unsupported where the shell has none. */
  'models.pickFiles': call(nothing).returns<{ modelIds: readonly string[] } | null>(),
  /** Asks the Hub whether the branches of downloaded models have moved; `updateRevision` tells. Throws hub.*. */
  'models.checkUpdates': call(nothing).returns<{ updates: number }>(),
  'models.undoDelete': call(z.strictObject({ modelId: modelIdSchema })).returns<{ restored: boolean }>(),
};
