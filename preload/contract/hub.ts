/** The Hugging Face Hub: search and one model's detail. */
import { z } from 'zod';
import type { Fit } from './models.ts';
import { call } from './rpc.ts';

/** `OWNER/NAME`, as the Hub allows it: 96 characters a part, no `--` or `..`, no leading dot or dash. */
export const repoIdSchema = z
  .string()
  .max(193)
  .regex(/^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95}$/, 'expected OWNER/NAME')
  .refine((id) => !id.includes('..') && !id.includes('--'), { message: 'expected OWNER/NAME' });

/** A branch, tag or commit. */
export const revisionSchema = z
  .string()
  .max(200)
  .regex(/^[\w][\w./-]*$/)
  .refine((revision) => !revision.includes('..'));

/** A file's path inside a repository: relative, forward slashes, no empty, `.` or `..` part. */
export const repoPathSchema = z
  .string()
  .min(1)
  .max(400)
  .refine(
    (path) => !path.includes('\\') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    {
      message: 'expected a file of the repository',
    },
  );

export interface HubModelSummary {
  readonly repoId: string;
  readonly downloads: number;
  readonly likes: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
  /** `false`, or how access is granted after the licence was accepted on the Hub. */
  readonly gated: false | 'auto' | 'manual';
  readonly task: string | null;
  readonly licence: string | null;
  readonly isGguf: boolean;
}

export type HubFileState = 'remote' | 'downloading' | 'local';

export interface HubFile {
  /** The file's path in the repository; of a sharded model, the first shard's. */
  readonly path: string;
  /** Every file of the item, shards included, in order. */
  readonly parts: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly sizeBytes: number;
  readonly quantization: string | null;
  /** File size over parameter count, where the Hub knows the count. */
  readonly bitsPerWeight: number | null;
  readonly kind: 'model' | 'projector' | 'adapter';
  readonly fit: Fit;
  /** The one file to take on this machine, and why. */
  readonly recommended: string | null;
  readonly state: HubFileState;
  /** The id it has, or will have, on this computer. */
  readonly modelId: string;
}

export interface HubModel extends HubModelSummary {
  /** The commit that the file list is of. */
  readonly revision: string;
  readonly parameterCount: number | null;
  readonly architecture: string | null;
  readonly contextLength: number | null;
  readonly baseModel: string | null;
  readonly tags: readonly string[];
  readonly files: readonly HubFile[];
  /** README.md without its front matter; null when there is none. Untrusted Markdown. */
  readonly card: string | null;
  /** The model's page on the Hub. */
  readonly pageUrl: string;
}

export const hubRoutes = {
  /**
   * Models that match. A pasted Hub address or `OWNER/NAME` answers with that one repository. `cursor` continues a search.
   * Throws hub.offline, hub.unauthorized, hub.rate_limited, hub.bad_response.
   */
  'hub.search': call(
    z.strictObject({
      query: z.string().max(300),
      sort: z.enum(['trending', 'downloads', 'likes', 'updated']).default('trending'),
      library: z.enum(['gguf', 'any']).default('gguf'),
      cursor: z.string().max(4000).nullable().default(null),
    }),
  ).returns<{ models: readonly HubModelSummary[]; cursor: string | null }>(),
  /** One model with its files. Throws hub.not_found, hub.gated, hub.offline and the others of search. */
  'hub.model': call(
    z.strictObject({ repoId: repoIdSchema, revision: revisionSchema.default('main') }),
  ).returns<HubModel>(),
};
