/** Searches for models by text, author, task, library and license, page by page, or finds one by its name or address. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { parseModelReference, type ModelReference } from '../../../preload/contract/model-reference.ts';
import { keptModel } from './catalogue.ts';
import { getJson, type HubClient } from './hub-client.ts';
import { factsSchema, repositoryFacts, summaryOf } from './facts.ts';
import { answerKey, isOutOfReach, remembered, type Memory } from './records.ts';

export interface SearchContext extends Memory {
  readonly client: HubClient;
}

export interface SearchInput {
  readonly query: string;
  readonly sort: 'trending' | 'downloads' | 'likes' | 'updated';
  readonly library: 'gguf' | 'safetensors' | 'any';
  readonly author: string | null;
  readonly task: string | null;
  readonly license: string | null;
  readonly cursor: string | null;
}

export interface SearchPage {
  readonly models: readonly HubModelSummary[];
  readonly cursor: string | null;
}

const PAGE_SIZE = 30;
const sortKeys = {
  trending: 'trendingScore',
  downloads: 'downloads',
  likes: 'likes',
  updated: 'lastModified',
} as const;
const summaryFields = ['downloads', 'likes', 'lastModified', 'gated', 'pipeline_tag', 'tags'] as const;

/**
 * One page of models. A reference (`OWNER/NAME`, `OWNER/NAME:Q4_K_M`, an address of the Hub) gives that one model, whatever the
 * filters. An `OWNER/NAME` that does not exist is searched for as text, and an owner's address gives the owner's models. While the Hub
 * is out of reach, the last answer to the same search is used. Throws hub.*.
 */
export async function searchModels(
  context: SearchContext,
  input: SearchInput,
  signal: AbortSignal,
): Promise<SearchPage & { readonly cachedAt: number | null }> {
  const { client } = context;
  const named = parseModelReference(input.query, [client.endpoint]);
  const isOwner = named !== null && !named.repoId.includes('/');
  const path = `/api/models?${searchQuery(isOwner ? { ...input, query: '', author: named.repoId } : input).toString()}`;
  const reference = input.cursor === null ? named : null;
  const key = answerKey(
    'search',
    client.endpoint,
    isOwner && reference !== null ? `${path}&search=${named.repoId}` : path,
  );
  const asked = remembered<SearchPage>(context, key, async () => {
    if (reference !== null) {
      const found = await repositoryFacts(client, reference.repoId, null, ['tags'], signal).catch(nullIfMissing);
      if (found !== null) return { models: [summaryOf(found)], cursor: null };
      if (reference.isAddress && !isOwner) return { models: [], cursor: null };
    }
    return await askForPage(client, path, signal);
  });
  try {
    const { answer, cachedAt } = await asked;
    return { ...answer, models: answer.models.map(withLicense), cachedAt };
  } catch (error) {
    const seen = isOutOfReach(error) ? cachedPageOf(context, reference) : null;
    if (seen === null) throw error;
    return seen;
  }
}

/** A cached result with its license under the present key: earlier versions wrote `licence`. */
function withLicense(cached: HubModelSummary): HubModelSummary {
  if (cached.license !== undefined) return cached;
  const { licence = null, ...rest } = cached as HubModelSummary & { readonly licence?: string | null };
  return { ...rest, license: licence };
}

/** Offline, a model whose page was opened before is found by its name, though that search is not cached. */
function cachedPageOf(context: SearchContext, reference: ModelReference | null) {
  const kept = reference === null ? null : keptModel(context, reference.repoId, 'main');
  return kept === null ? null : { models: [summaryOf(kept.found)], cursor: null, cachedAt: kept.fetchedAt };
}

function searchQuery(input: SearchInput): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), sort: sortKeys[input.sort], direction: '-1' });
  if (input.query.trim() !== '') query.set('search', input.query.trim());
  if (input.library !== 'any') query.append('filter', input.library);
  if (input.license !== null) query.append('filter', `license:${input.license}`);
  if (input.task !== null) query.set('pipeline_tag', input.task);
  if (input.author !== null) query.set('author', input.author);
  for (const field of summaryFields) query.append('expand', field);
  if (input.cursor !== null) query.set('cursor', input.cursor);
  return query;
}

/** One page from the API. The library's `listModels` is not used, because it hides the cursor. */
async function askForPage(client: HubClient, path: string, signal: AbortSignal): Promise<SearchPage> {
  const fetch = client.api({ repoId: null }, signal);
  const { value, headers } = await getJson(fetch, client.url(path));
  if (!Array.isArray(value))
    throw new AppError('hub.bad_response', 'The Hub answered a search with something that is no list.', {});
  const models = value.flatMap((item: unknown) => {
    // Results that the schema refuses are left out.
    const parsed = factsSchema.safeParse(item);
    return parsed.success ? [summaryOf(parsed.data)] : [];
  });
  return { models, cursor: nextCursor(headers.get('link')) };
}

function nextCursor(link: string | null): string | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next !== undefined && URL.canParse(next) ? new URL(next).searchParams.get('cursor') : null;
}

function nullIfMissing(error: unknown): null {
  if (isAppError(error, 'hub.not_found')) return null;
  throw error;
}
