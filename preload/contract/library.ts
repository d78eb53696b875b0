/** What is on this computer: the models, the downloads that bring them, what fills the cache, and what can be done about it. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import { call, stream } from '../wire/rpc.ts';
import { repoIdSchema, repoPathSchema, revisionSchema } from './hub.ts';
import { modelIdSchema, type Fit } from './model.ts';

/** Who a model file belongs to. Hearth deletes its own and the shared cache's files, never another program's. */
export type ModelOrigin = 'built_in' | 'hub' | 'imported' | 'lm_studio' | 'ollama' | 'jan' | 'gpt4all' | 'folder';

/** Of a model that is neither built in nor in the cache. */
export type PlacedOrigin = Exclude<ModelOrigin, 'built_in' | 'hub'>;

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
  readonly license: string | null;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
  /** When it last wrote a reply, or was loaded beside a model as its adapter or draft model. */
  readonly lastUsedAt: number | null;
  /** When it last wrote a reply: what a new chat is offered goes by this. */
  readonly lastRepliedAt: number | null;
  readonly fit: Fit;
  /** Set when the file cannot be used: not a GGUF, cut short, a shard is missing. */
  readonly problem: ErrorBody | null;
}

export type ModelsEvent = { readonly revision: number; readonly models: readonly LocalModel[] };

export interface StoredFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Bytes that deleting this file alone would free: 0 while another revision has the same blob. */
  readonly ownBytes: number;
  readonly modelId: string | null;
  readonly lastUsedAt: number | null;
}
export interface StoredRevision {
  readonly commit: string;
  /** Branches and tags that point to it. */
  readonly refs: readonly string[];
  readonly files: readonly StoredFile[];
}
export interface StoredRepository {
  readonly repoId: string;
  /** Each blob counted once. */
  readonly sizeBytes: number;
  readonly lastUsedAt: number | null;
  readonly pinned: boolean;
  /** A file of it is loaded or being fetched: it is not deleted now. */
  readonly busy: boolean;
  readonly revisions: readonly StoredRevision[];
}

export interface StorageEvent {
  readonly revision: number;
  readonly folder: string;
  readonly repositories: readonly StoredRepository[];
  readonly totalBytes: number;
  /** Unfinished downloads, those of other programs included, and locks that nobody holds. */
  readonly leftoverBytes: number;
  readonly freeBytes: number | null;
  readonly limitBytes: number | null;
  /** Models outside the cache: those that were imported, and those that are used where they lie. */
  readonly adopted: readonly {
    readonly origin: PlacedOrigin;
    readonly models: number;
    readonly sizeBytes: number;
  }[];
}

const nothing = z.strictObject({});

/** A repository, one revision of it, or one file of that. */
const target = z.strictObject({
  repoId: repoIdSchema,
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullable()
    .default(null),
  path: repoPathSchema.nullable().default(null),
});

export const libraryRoutes = {
  /** The whole list, again after every change. */
  'library.watch': stream(nothing).emits<ModelsEvent>(),
  /** Looks at the cache again, for files that other programs put there or took away. */
  'library.rescan': call(nothing).returns<ModelsEvent>(),
  /** Hides the model now and deletes its file after `undoMs`, unless undone. The built-in model cannot be deleted (`unsupported`). */
  'library.deleteModel': call(z.strictObject({ modelId: modelIdSchema })).returns<{
    undoMs: number;
    freedBytes: number;
  }>(),
  /** Keeps a model from being evicted by itself. */
  'library.pin': call(z.strictObject({ modelId: modelIdSchema, pinned: z.boolean() })).returns<null>(),
  /** Opens the shell's file dialog and takes the chosen GGUF files into the list where they lie. Null when it was closed. Throws unsupported where the shell has none. */
  'library.pickFiles': call(nothing).returns<{ modelIds: readonly string[] } | null>(),
  /** Asks the Hub whether the branches of downloaded models have moved; `updateRevision` tells. Throws hub.*. */
  'library.checkUpdates': call(nothing).returns<{ updates: number }>(),
  'library.undoDeleteModel': call(z.strictObject({ modelId: modelIdSchema })).returns<{ restored: boolean }>(),
  /** Starts fetching a file (all its shards) as a job. The same file twice is one job. Throws hub.*, disk.full, cache.locked. */
  'library.download': call(
    z.strictObject({ repoId: repoIdSchema, path: repoPathSchema, revision: revisionSchema.default('main') }),
  ).returns<{ jobId: string }>(),
  'library.watchStorage': stream(nothing).emits<StorageEvent>(),
  /** Hides it now and deletes it after `undoMs`, unless undone with `token`. Throws busy, not_found. */
  'library.delete': call(target).returns<{ token: string; undoMs: number; freedBytes: number }>(),
  'library.undoDelete': call(z.strictObject({ token: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    restored: boolean;
  }>(),
  /** Hashes files again, one repository's or all, as a job; its `detail` says what is damaged. */
  'library.verify': call(z.strictObject({ repoId: repoIdSchema.nullable().default(null) })).returns<{
    jobId: string;
  }>(),
  /** Takes away leftovers that no running program uses. */
  'library.clean': call(nothing).returns<{ freedBytes: number }>(),
  /** Moves the whole cache to one of the folder choices, as a job; the old folder is emptied when all is there. Throws unsupported, disk.*, busy. */
  'library.move': call(z.strictObject({ choiceId: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    jobId: string;
  }>(),
};
