/** The library of this computer: its models, their downloads, and the storage of the cache. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import { call, stream } from '../wire/rpc.ts';
import { repoIdSchema, repoPathSchema, revisionSchema } from './hub.ts';
import { modelIdSchema, type Fit, type HeaderNote, type ModelFileKind } from './model.ts';

/** Who a model file belongs to. Hearth deletes its own and the shared cache's files, never another program's. */
export type ModelOrigin =
  'built_in' | 'hub' | 'imported' | 'converted' | 'lm_studio' | 'ollama' | 'jan' | 'gpt4all' | 'folder';

/** The owner of a model that is neither built in nor in the cache. */
export type PlacedOrigin = Exclude<ModelOrigin, 'built_in' | 'hub'>;

export interface LocalModel {
  readonly id: string;
  /** `model` also for an unreadable file. */
  readonly kind: ModelFileKind;
  readonly repoId: string;
  readonly fileName: string;
  /** The paths of its other files in the repository, where those have names of their own, which the Hub lists as files apart. */
  readonly otherPaths?: readonly string[];
  /** A name for people: general.name of the header, else made from the file name. */
  readonly name: string;
  readonly origin: ModelOrigin;
  /** A pinned model is never deleted for the size limit. */
  readonly pinned: boolean;
  /** The branch's newer commit; null when there is none or it was not checked. */
  readonly updateRevision: string | null;
  /** The commit that the file came from; null for the built-in model. */
  readonly revision: string | null;
  readonly sizeBytes: number;
  readonly quantization: string | null;
  /** The architecture; of an adapter, that of its models. */
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
  /** What is odd in its header, but does not keep it from being used. */
  readonly notes: readonly HeaderNote[];
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
  /** True while a model of it is leased or a file of it is being downloaded: then it cannot be deleted. */
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
  /** Models outside the cache: imported ones, and those that are used in place. */
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
  /** Reads the cache again, for changes by other programs. */
  'library.rescan': call(nothing).returns<ModelsEvent>(),
  /** Where the model's file is, to be read or copied; of several shards, the first. Throws model.missing, model.corrupt, model.unsupported. */
  'library.modelPath': call(z.strictObject({ modelId: modelIdSchema })).returns<{ path: string }>(),
  /** Shows the model's file in the system's file manager. Throws unsupported in a browser, and as `library.modelPath`. */
  'library.revealModel': call(z.strictObject({ modelId: modelIdSchema })).returns<null>(),
  /** Hides the model now and deletes its file after `undoMs`, unless undone. Throws busy; the built-in model cannot be deleted (`unsupported`). */
  'library.deleteModel': call(z.strictObject({ modelId: modelIdSchema })).returns<{
    undoMs: number;
    freedBytes: number;
  }>(),
  /** Pins a model, so that it is never deleted for the size limit. */
  'library.pin': call(z.strictObject({ modelId: modelIdSchema, pinned: z.boolean() })).returns<null>(),
  /** Opens the shell's file dialog and adds the chosen GGUF files to the list in place. Null when it was closed. Throws unsupported without a dialog. */
  'library.pickFiles': call(nothing).returns<{ modelIds: readonly string[] } | null>(),
  /** Asks the Hub whether the branches of downloaded models have moved; `updateRevision` tells. Throws hub.*. */
  'library.checkUpdates': call(nothing).returns<{ updates: number }>(),
  'library.undoDeleteModel': call(z.strictObject({ modelId: modelIdSchema })).returns<{ restored: boolean }>(),
  /** Starts the download of a file with all its shards as a job. A second call for the same file returns that job. Throws hub.*, disk.full, cache.locked. */
  'library.download': call(
    z.strictObject({ repoId: repoIdSchema, path: repoPathSchema, revision: revisionSchema.default('main') }),
  ).returns<{ jobId: string }>(),
  'library.watchStorage': stream(nothing).emits<StorageEvent>(),
  /** Hides the target now and deletes it after `undoMs`, unless undone with `token`. Throws busy, not_found. */
  'library.delete': call(target).returns<{ token: string; undoMs: number; freedBytes: number }>(),
  'library.undoDelete': call(z.strictObject({ token: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    restored: boolean;
  }>(),
  /** Verifies the files of one repository or of all, as a job whose `detail` names the damaged ones. */
  'library.verify': call(z.strictObject({ repoId: repoIdSchema.nullable().default(null) })).returns<{
    jobId: string;
  }>(),
  /** Deletes leftovers that no running program uses. */
  'library.clean': call(nothing).returns<{ freedBytes: number }>(),
  /** Moves the whole cache to one of the folder choices, as a job. The old folder is emptied when the new one is complete. Throws unsupported, disk.*, busy. */
  'library.move': call(z.strictObject({ choiceId: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    jobId: string;
  }>(),
};
