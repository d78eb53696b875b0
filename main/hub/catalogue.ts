/** What the Hub knows of models: search, and one repository with the files that can be run. */
import { listFiles, modelInfo, type ListFileEntry } from '@huggingface/hub';
import { z } from 'zod';
import { AppError, isAppError } from '../../preload/contract/errors.ts';
import type { HubFile, HubFileState, HubModel, HubModelSummary } from '../../preload/contract/hub.ts';
import type { Fit } from '../../preload/contract/models.ts';
import { isCommit, isSafePath } from '../core/cache-paths.ts';
import { quantizationFromFileName } from '../core/quantization.ts';
import { isRepoId, parseModelReference } from '../core/repo-ids.ts';
import { parseShard, shardPaths } from '../core/shards.ts';
import { getJson, unreadable, type Connection } from './connection.ts';
import { resolveUrl } from './fetch-file.ts';
import { recommend } from './recommend.ts';

export interface CatalogueContext {
  readonly connection: Connection;
  readonly estimateFit: (file: {
    sizeBytes: number;
    parameterCount: number | null;
    contextLength: number | null;
  }) => Fit;
  readonly fileState: (repoId: string, path: string) => HubFileState;
}

export interface SearchInput {
  readonly query: string;
  readonly sort: 'trending' | 'downloads' | 'likes' | 'updated';
  readonly library: 'gguf' | 'any';
  readonly cursor: string | null;
}

const PAGE = 30;
const sortKeys = {
  trending: 'trendingScore',
  downloads: 'downloads',
  likes: 'likes',
  updated: 'lastModified',
} as const;
const summaryFields = ['downloads', 'likes', 'lastModified', 'gated', 'pipeline_tag', 'tags'] as const;
/** More files than any model has; a list without end is cut here. */
const MAX_FILES = 20_000;
const MAX_CARD_BYTES = 1024 * 1024;

/** A field that is absent or of another type than it should be is as if the Hub did not know it. */
const orNull = <T extends z.ZodType>(schema: T) => schema.nullable().catch(null).default(null);
const facts = z.looseObject({
  id: z.string().refine(isRepoId),
  downloads: z.number().catch(0),
  likes: z.number().catch(0),
  lastModified: orNull(z.string()),
  gated: z.union([z.literal(false), z.literal('auto'), z.literal('manual')]).catch(false),
  pipeline_tag: orNull(z.string()),
  tags: z.array(z.string()).catch([]),
});
const cardFacts = z.looseObject({
  license: orNull(z.string()),
  base_model: orNull(z.union([z.string(), z.array(z.string())])),
});
const ggufFacts = z.looseObject({
  total: orNull(z.number().positive()),
  architecture: orNull(z.string()),
  context_length: orNull(z.number().positive()),
});
const safetensorsFacts = z.looseObject({ total: orNull(z.number().positive()) });

/**
 * One page of models. A reference (`OWNER/NAME`, an address of the Hub) answers with that one model; `OWNER/NAME` of no
 * model is searched for as text. Throws hub.*.
 */
export async function searchModels(
  { connection }: CatalogueContext,
  input: SearchInput,
  signal: AbortSignal,
): Promise<{ models: HubModelSummary[]; cursor: string | null }> {
  const reference = input.cursor === null ? parseModelReference(input.query, [connection.endpoint]) : null;
  if (reference !== null) {
    const found = await repositoryFacts(connection, reference.repoId, null, ['tags'], signal).catch(nullIfMissing);
    if (found !== null) return { models: [summaryOf(found)], cursor: null };
    if (reference.isAddress) return { models: [], cursor: null };
  }
  const query = new URLSearchParams({ limit: String(PAGE), sort: sortKeys[input.sort], direction: '-1' });
  if (input.query.trim() !== '') query.set('search', input.query.trim());
  if (input.library === 'gguf') query.set('filter', 'gguf');
  for (const field of summaryFields) query.append('expand', field);
  if (input.cursor !== null) query.set('cursor', input.cursor);
  // The library's listModels follows the pages itself and gives no cursor away.
  const fetch = connection.api({ repoId: null }, signal);
  const { value, headers } = await getJson(fetch, connection.url(`/api/models?${query.toString()}`));
  if (!Array.isArray(value))
    throw new AppError('hub.bad_response', 'The Hub answered a search with something that is no list.', {});
  const models = value.flatMap((item: unknown) => {
    // Models of the early days have no owner in their name; they cannot be stored, and none of them is a GGUF.
    const parsed = facts.safeParse(item);
    return parsed.success ? [summaryOf(parsed.data)] : [];
  });
  return { models, cursor: nextCursor(headers.get('link')) };
}

/** One model with every GGUF file of it that can be stored, sets of shards as one. Throws hub.*. */
export async function readModel(
  context: CatalogueContext,
  repoId: string,
  revision: string,
  signal: AbortSignal,
): Promise<HubModel> {
  const { connection } = context;
  const fields = ['tags', 'sha', 'cardData', 'gguf', 'safetensors'];
  const found = await repositoryFacts(connection, repoId, revision, fields, signal);
  const commit = typeof found['sha'] === 'string' && isCommit(found['sha']) ? found['sha'] : null;
  if (commit === null)
    throw new AppError('hub.bad_response', 'The Hub does not say which version of the model it shows.', { repoId });
  const [entries, card] = await Promise.all([
    listAll(connection, found.id, commit, signal),
    readCard(connection, found.id, commit, signal),
  ]);
  const gguf = ggufFacts.catch({ total: null, architecture: null, context_length: null }).parse(found['gguf'] ?? {});
  const safetensors = safetensorsFacts.catch({ total: null }).parse(found['safetensors'] ?? {});
  const cardData = cardFacts.catch({ license: null, base_model: null }).parse(found['cardData'] ?? {});
  const parameterCount = gguf.total ?? safetensors.total;
  const base = cardData.base_model;
  return {
    ...summaryOf(found),
    revision: commit,
    parameterCount,
    architecture: gguf.architecture,
    contextLength: gguf.context_length,
    baseModel: (Array.isArray(base) ? base[0] : base) ?? null,
    tags: found.tags,
    files: filesOf(context, found.id, entries, parameterCount, gguf.context_length),
    card,
    pageUrl: `${connection.endpoint}/${found.id}`,
  };
}

type Facts = z.infer<typeof facts>;

async function repositoryFacts(
  connection: Connection,
  repoId: string,
  revision: string | null,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<Facts> {
  const answer = await modelInfo({
    name: repoId,
    hubUrl: connection.endpoint,
    fetch: connection.api({ repoId }, signal),
    // The library's list of fields lacks `gguf`, which the Hub has; it passes on what it is given.
    additionalFields: [...fields] as never[],
    ...(revision === null ? {} : { revision }),
  }).catch((error: unknown) => {
    throw unreadable(error, signal, repoId);
  });
  const { name, task, updatedAt, ...rest } = answer;
  // The library calls the model's id its name, and leaves an unreadable date invalid.
  const lastModified = Number.isNaN(updatedAt.getTime()) ? null : updatedAt.toISOString();
  const parsed = facts.safeParse({ ...rest, id: name, pipeline_tag: task, lastModified });
  if (!parsed.success)
    throw new AppError('hub.bad_response', 'The Hub answered with something that is no model.', { repoId });
  return parsed.data;
}

function summaryOf(found: Facts): HubModelSummary {
  const licence = found.tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
  const updatedAt = Date.parse(found.lastModified ?? '');
  return {
    repoId: found.id,
    downloads: found.downloads,
    likes: found.likes,
    updatedAt: Number.isNaN(updatedAt) ? 0 : updatedAt,
    gated: found.gated,
    task: found.pipeline_tag,
    licence: licence ?? null,
    isGguf: found.tags.includes('gguf'),
  };
}

async function listAll(
  connection: Connection,
  repoId: string,
  commit: string,
  signal: AbortSignal,
): Promise<ListFileEntry[]> {
  const entries: ListFileEntry[] = [];
  const fetch = connection.api({ repoId }, signal);
  try {
    for await (const entry of listFiles({
      repo: repoId,
      revision: commit,
      recursive: true,
      hubUrl: connection.endpoint,
      fetch,
    })) {
      entries.push(entry);
      if (entries.length >= MAX_FILES) break;
    }
  } catch (error) {
    throw unreadable(error, signal, repoId);
  }
  return entries;
}

function filesOf(
  context: CatalogueContext,
  repoId: string,
  entries: readonly ListFileEntry[],
  parameterCount: number | null,
  contextLength: number | null,
): HubFile[] {
  const sizes = new Map<string, number>();
  for (const { type, path, size } of entries as readonly Partial<ListFileEntry>[]) {
    // Names that cannot be stored safely are not offered. Importance matrices are GGUF files, and no models.
    if (type !== 'file' || typeof path !== 'string' || !/\.gguf$/i.test(path) || !isSafePath(path)) continue;
    if (/imatrix[^/]*\.gguf$/i.test(path) && quantizationFromFileName(path) === null) continue;
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) sizes.set(path, size);
  }
  const files: HubFile[] = [];
  for (const path of sizes.keys()) {
    if ((parseShard(path)?.number ?? 1) !== 1) continue;
    const parts = shardPaths(path).map((part) => ({ path: part, sizeBytes: sizes.get(part) ?? NaN }));
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    // NaN: a shard of the set is missing, and the model cannot be run.
    if (Number.isNaN(sizeBytes)) continue;
    const kind = kindOf(path);
    const ofModel = kind === 'model';
    files.push({
      path,
      parts,
      sizeBytes,
      quantization: quantizationFromFileName(path),
      bitsPerWeight: ofModel && parameterCount !== null ? Math.round((sizeBytes * 800) / parameterCount) / 100 : null,
      kind,
      fit: context.estimateFit({
        sizeBytes,
        parameterCount: ofModel ? parameterCount : null,
        contextLength: ofModel ? contextLength : null,
      }),
      recommended: null,
      state: context.fileState(repoId, path),
      modelId: `${repoId}/${path}`,
    });
  }
  const order = { model: 0, projector: 1, adapter: 2 } as const;
  files.sort((a, b) => order[a.kind] - order[b.kind] || a.sizeBytes - b.sizeBytes || (a.path < b.path ? -1 : 1));
  const chosen = recommend(files);
  return files.map((file) => (file.path === chosen?.path ? { ...file, recommended: chosen.reason } : file));
}

function kindOf(path: string): HubFile['kind'] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/mmproj|projector/i.test(name)) return 'projector';
  return /(^|[-_.])(lora|adapter)([-_.]|$)/i.test(name) ? 'adapter' : 'model';
}

/** README.md without its front matter; null when there is none, or when it may not be read. Long cards are cut. */
async function readCard(
  connection: Connection,
  repoId: string,
  commit: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const response = await connection.api({ repoId }, signal)(resolveUrl(connection, repoId, commit, 'README.md'));
    const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, MAX_CARD_BYTES);
    return withoutFrontMatter(new TextDecoder().decode(bytes));
  } catch (error) {
    signal.throwIfAborted();
    // A model can be shown without its card: the rest of the page must not fail with it.
    if (isAppError(error)) return null;
    throw error;
  }
}

/** Takes the YAML block at the head of a model card away. */
export function withoutFrontMatter(text: string): string {
  return text.replace(/^\uFEFF?---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?---[ \t]*(?:\r?\n|$)/, '').trimStart();
}

function nextCursor(link: string | null): string | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next !== undefined && URL.canParse(next) ? new URL(next).searchParams.get('cursor') : null;
}

function nullIfMissing(error: unknown): null {
  if (isAppError(error, 'hub.not_found')) return null;
  throw error;
}
