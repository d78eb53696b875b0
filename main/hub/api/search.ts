/** Finding models: by words, author, task, library and licence, page after page; or straight by name or address. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { parseModelReference, type ModelReference } from './repo-ids.ts';
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
  readonly licence: string | null;
  readonly cursor: string | null;
}

export interface SearchPage {
  readonly models: readonly HubModelSummary[];
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

/**
 * One page of models. A reference (`OWNER/NAME`, `OWNER/NAME:Q4_K_M`, an address of the Hub) answers with that one model,
 * whatever else is chosen; `OWNER/NAME` of no model is searched for as text, and an owner's address is its models. Out of reach of the Hub the same question is
 * answered as it last was. Throws hub.*.
 */
export async function searchModels(
  context: SearchContext,
  input: SearchInput,
  signal: AbortSignal,
): Promise<SearchPage & { readonly cachedAt: number | null }> {
  const { client } = context;
  const named = referenceIn(input.query, client.endpoint);
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
    return { ...answer, cachedAt };
  } catch (error) {
    const seen = isOutOfReach(error) ? seenBefore(context, reference) : null;
    if (seen === null) throw error;
    return seen;
  }
}

/** A name with something else than a quantisation behind it (`OWNER/NAME:latest`) still names the model; its page says the rest. */
function referenceIn(query: string, endpoint: string): ModelReference | null {
  return parseModelReference(query, [endpoint]) ?? parseModelReference(query.replace(/:[\w.-]+\s*$/, ''), [endpoint]);
}

/** A model whose page was opened before is found by its name although nobody searched for it. */
function seenBefore(context: SearchContext, reference: ModelReference | null) {
  const kept = reference === null ? null : keptModel(context, reference.repoId, 'main');
  return kept === null ? null : { models: [summaryOf(kept.found)], cursor: null, cachedAt: kept.fetchedAt };
}

function searchQuery(input: SearchInput): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE), sort: sortKeys[input.sort], direction: '-1' });
  if (input.query.trim() !== '') query.set('search', input.query.trim());
  if (input.library !== 'any') query.append('filter', input.library);
  if (input.licence !== null) query.append('filter', `license:${input.licence}`);
  if (input.task !== null) query.set('pipeline_tag', input.task);
  if (input.author !== null) query.set('author', input.author);
  for (const field of summaryFields) query.append('expand', field);
  if (input.cursor !== null) query.set('cursor', input.cursor);
  return query;
}

/** The library's listModels follows the pages itself and gives no cursor away. */
async function askForPage(client: HubClient, path: string, signal: AbortSignal): Promise<SearchPage> {
  const fetch = client.api({ repoId: null }, signal);
  const { value, headers } = await getJson(fetch, client.url(path));
  if (!Array.isArray(value))
    throw new AppError('hub.bad_response', 'The Hub answered a search with something that is no list.', {});
  const models = value.flatMap((item: unknown) => {
    // Models of the early days have no owner in their name; they cannot be stored, and none of them is a GGUF.
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
