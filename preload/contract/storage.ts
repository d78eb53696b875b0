/** What fills the cache, and what can be done about it. */
import { z } from 'zod';
import { repoIdSchema, repoPathSchema } from './hub.ts';
import type { ModelOrigin } from './models.ts';
import { call, stream } from './rpc.ts';

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
  /** Models of other programs that are used where they lie. */
  readonly adopted: readonly {
    readonly origin: ModelOrigin;
    readonly label: string;
    readonly models: number;
    readonly sizeBytes: number;
  }[];
}

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

export const storageRoutes = {
  'storage.watch': stream(z.strictObject({})).emits<StorageEvent>(),
  /** Hides it now and deletes it after `undoMs`, unless undone with `token`. Throws busy, not_found. */
  'storage.delete': call(target).returns<{ token: string; undoMs: number; freedBytes: number }>(),
  'storage.undoDelete': call(z.strictObject({ token: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    restored: boolean;
  }>(),
  /** Hashes files again, one repository's or all, as a job; its `detail` says what is damaged. */
  'storage.verify': call(z.strictObject({ repoId: repoIdSchema.nullable().default(null) })).returns<{
    jobId: string;
  }>(),
  /** Takes away leftovers that no running program uses. */
  'storage.clean': call(z.strictObject({})).returns<{ freedBytes: number }>(),
  /** Moves the whole cache to one of the folder choices, as a job; the old folder is emptied when all is there. Throws unsupported, disk.*, busy. */
  'storage.move': call(z.strictObject({ choiceId: z.string().regex(/^[a-z0-9-]{1,64}$/) })).returns<{
    jobId: string;
  }>(),
};
