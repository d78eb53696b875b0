/** The Hugging Face Hub: search and one model's detail. */
import { z } from 'zod';
import { kvCacheTypeSchema, type Fit, type ModelFileKind } from './model.ts';
import { call } from '../wire/rpc.ts';

/**
 * `OWNER/NAME`, as the Hub allows it: 96 characters for each, no `--` or `..`, no leading dot or dash. The Hub's oldest
 * repositories have no owner, such as `gpt2`.
 */
export const repoIdSchema = z
  .string()
  .max(193)
  .regex(/^(?:[A-Za-z0-9][\w.-]{0,95}\/)?[A-Za-z0-9_][\w.-]{0,95}$/, 'expected OWNER/NAME')
  .refine((id) => !id.includes('..') && !id.includes('--'), { message: 'expected OWNER/NAME' });

/** An access token, such as `hf_…`. */
export const hubTokenSchema = z.string().regex(/^[\x21-\x7e]{8,512}$/, 'expected a token such as hf_…');

/** A branch, tag or commit. */
export const revisionSchema = z
  .string()
  .max(200)
  .regex(/^[\w][\w./-]*$/)
  .refine((revision) => !revision.includes('..'));

/** A file's path inside a repository: relative, forward slashes, no empty, `.` or `..` segment. */
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
  /** `false`, or how access is granted after the user accepts the license on the Hub. */
  readonly gated: false | 'auto' | 'manual';
  readonly task: string | null;
  readonly license: string | null;
  readonly isGguf: boolean;
}

export type HubFileState = 'remote' | 'downloading' | 'local';

export interface HubFile {
  /** The file's path in the repository; of a sharded model, the first shard's. */
  readonly path: string;
  /** The shards of a model in order; of a model in one file, that file. */
  readonly shards: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly sizeBytes: number;
  readonly quantization: string | null;
  /** File size over parameter count, where the Hub knows the count. */
  readonly bitsPerWeight: number | null;
  readonly kind: ModelFileKind;
  readonly fit: Fit;
  /** The reason for the one file that is recommended for this machine; null for all others. */
  readonly recommended: RecommendationReason | null;
  readonly state: HubFileState;
  /** The model's id on this computer, also before the download. */
  readonly modelId: string;
}

/** Why a file is recommended. Its fit has the sizes for a sentence about it. */
export type RecommendationReason =
  /** The best quality whose layers all go to the GPU. */
  | 'best_on_gpu'
  /** The best quality that takes at most half of the free memory. */
  | 'best_with_room'
  /** The best quality of those that fit and are quick enough for a chat; a better one would be slow. */
  | 'best_with_speed'
  /** All of good quality that fit are slow: the fastest of them. */
  | 'fastest_good'
  /** The smallest file of good quality that fits. */
  | 'good_that_fits'
  /** None of good quality fits: the best of the rest that does. */
  | 'best_that_fits'
  /** None fits well: the smallest that is only tight. */
  /** Nothing is known of this machine's memory: a good balance of quality and size. */
  | 'balanced';

/** The models of the app's own short list, whose reasons the page has in words. */
export type CuratedModel =
  | 'qwen3_30b_a3b'
  | 'gpt_oss_20b'
  | 'qwen3_14b'
  | 'qwen3_8b'
  | 'qwen3_4b'
  | 'smollm3_3b'
  | 'qwen3_1_7b'
  | 'qwen2_5_1_5b'
  | 'qwen3_0_6b';

/** The one model to get next on this computer. */
export interface RecommendedModel {
  readonly repoId: string;
  /** The file to download. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly quantization: string | null;
  readonly license: string | null;
  /** Why this file of the model; null where the Hub was not asked, and where no file can be recommended. */
  readonly fileReason: RecommendationReason | null;
  /** `best`: the best that fits and is quick. `smallest`: none does, so this is the smallest. */
  readonly why: 'best' | 'smallest';
  /** Whether its speed follows from a measured model, from this machine's memory alone, or from what computers usually have. */
  readonly speed: 'predicted' | 'estimated' | 'assumed';
  /** Null for a model of the Hub's list. */
  readonly curated: CuratedModel | null;
  /** `list`: the Hub is out of reach, and all this is from the app's own list. */
  readonly source: 'hub' | 'list';
}

/** What is unusual about a transfer at this moment. `percent` is a whole number from 0 to 100. */
export type TransferDetail =
  /** Another program holds the lock of this file; the progress shown is what that program has received. */
  | { readonly code: 'locked_elsewhere' }
  /** Every connection failed; another attempt follows after a pause. */
  | { readonly code: 'retrying' }
  /** All bytes are here and are being hashed. */
  | { readonly code: 'hashing'; readonly percent: number }
  /** The hash is wrong: the file is fetched again and compared with what is here. */
  | { readonly code: 'comparing'; readonly percent: number };

export interface HubModel extends HubModelSummary {
  /** Whether the files may be read with the token in use; `unknown` where the Hub did not tell. */
  readonly access: 'open' | 'granted' | 'refused' | 'unknown';
  /** The commit of the file list. */
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
  /** The chat template that the Hub read from the files; null when it knows none. Untrusted text. */
  readonly chatTemplate: string | null;
  /** The content of a repository's safetensors files, and their possible conversions; null without such files. */
  readonly safetensors: {
    readonly parameterCount: number;
    readonly sizeBytes: number;
    /** Parameters by dtype, such as BF16. */
    readonly dtypes: Readonly<Record<string, number>>;
    readonly conversions: readonly { readonly quantization: string; readonly sizeBytes: number; readonly fit: Fit }[];
  } | null;
  /** As in `hub.search`. */
  readonly cachedAt: number | null;
}

export const hubRoutes = {
  /**
   * The models that match. For an address of the Hub or an `OWNER/NAME` the answer is that one repository. `cursor` continues a search.
   * Throws network.proxy, network.portal, hub.offline, hub.unauthorized, hub.rate_limited, hub.bad_response.
   */
  'hub.search': call(
    z.strictObject({
      query: z.string().max(300),
      sort: z.enum(['trending', 'downloads', 'likes', 'updated']).default('trending'),
      library: z.enum(['gguf', 'safetensors', 'any']).default('gguf'),
      author: z
        .string()
        .regex(/^[A-Za-z0-9][\w.-]{0,95}$/)
        .nullable()
        .default(null),
      /** A task of the Hub, such as text-generation. */
      task: z
        .string()
        .regex(/^[a-z0-9-]{1,60}$/)
        .nullable()
        .default(null),
      /** A license id of the Hub, such as apache-2.0. */
      license: z
        .string()
        .regex(/^[a-z0-9.-]{1,60}$/)
        .nullable()
        .default(null),
      cursor: z.string().max(4000).nullable().default(null),
    }),
  ).returns<{
    models: readonly HubModelSummary[];
    cursor: string | null;
    /** Set while the Hub is out of reach: the time of this cached answer, in milliseconds since the epoch. */
    cachedAt: number | null;
  }>(),
  /**
   * The fit of one file by its header, which is read by range requests; `requests` and `headerBytes` are the cost of that, and 0 when the
   * header was cached. Throws hub.*, model.corrupt, model.unsupported.
   */
  'hub.fit': call(
    z.strictObject({
      repoId: repoIdSchema,
      path: repoPathSchema,
      revision: revisionSchema.default('main'),
      /** Null, here and below: as in the load settings of the model, which choose automatically by default. */
      contextSize: z.int().min(256).max(16_777_216).nullable().default(null),
      kvCacheType: kvCacheTypeSchema.nullable().default(null),
      gpuLayers: z.int().min(0).max(10_000).nullable().default(null),
    }),
  ).returns<{ fit: Fit; requests: number; headerBytes: number; trainedContextSize: number | null }>(),
  /**
   * The one model to get next on this computer; null where the Hub has none. Throws hub.rate_limited, hub.bad_response, and not
   * hub.offline: then the answer is from the app's own list.
   */
  'hub.recommended': call(z.strictObject({})).returns<RecommendedModel | null>(),
  /** The name of the account of a token, which is not stored; null where the Hub does not tell. Throws hub.unauthorized for a refused one. */
  'hub.checkToken': call(z.strictObject({ token: hubTokenSchema })).returns<{ name: string | null }>(),
  /** One model with its files. Throws hub.not_found, hub.gated, hub.offline and the others of search. */
  'hub.model': call(
    z.strictObject({ repoId: repoIdSchema, revision: revisionSchema.default('main') }),
  ).returns<HubModel>(),
};
