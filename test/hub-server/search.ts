/** The search: filters, order, and pages that a cursor continues. */
import { maySee, type Caller } from './access.ts';
import { cardOf } from './card.ts';
import { createdAt, internalId, lastModified } from './model-info.ts';
import { mainCommit, type Repository } from './repository.ts';

/** The default and the largest number of results of the API. */
const MAX_PAGE = 1000;

const sortKeys = ['trendingScore', 'downloads', 'likes', 'likes30d', 'lastModified', 'createdAt', 'id'] as const;
type SortKey = (typeof sortKeys)[number];

function sortValue(repository: Repository, key: SortKey): number | string {
  switch (key) {
    case 'trendingScore':
    case 'likes30d':
      return repository.facts.trendingScore ?? 0;
    case 'downloads':
      return repository.facts.downloads ?? 0;
    case 'likes':
      return repository.facts.likes ?? 0;
    case 'lastModified':
      return lastModified(repository);
    case 'createdAt':
      return createdAt(repository);
    case 'id':
      return repository.id;
    default:
      return key satisfies never;
  }
}

/** A query parameter that may be repeated, written with brackets, or contain several values with commas. */
export function listParameter(query: URLSearchParams, name: string): string[] {
  const all = [...query.getAll(name), ...query.getAll(`${name}[]`)];
  return all.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

async function matches(repository: Repository, query: URLSearchParams): Promise<boolean> {
  const id = repository.id.toLowerCase();
  const words = (query.get('search') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (!words.every((word) => id.includes(word))) return false;
  const author = query.get('author');
  if (author !== null && id.slice(0, id.indexOf('/')) !== author.toLowerCase()) return false;
  const gated = query.get('gated');
  if (gated !== null && ((repository.facts.gated ?? false) !== false) !== (gated === 'true')) return false;
  const card = await cardOf(repository, mainCommit(repository));
  const task = query.get('pipeline_tag');
  if (task !== null && card.pipelineTag !== task) return false;
  const apps = listParameter(query, 'apps');
  // All apps that run GGUF files match; the test repositories know no others.
  if (apps.length > 0 && !card.tags.includes('gguf')) return false;
  const wanted = ['filter', 'library', 'tags', 'other', 'language', 'license'].flatMap((name) => {
    const values = listParameter(query, name);
    return name === 'license' ? values.map((value) => `license:${value.replace(/^license:/, '')}`) : values;
  });
  const tags = card.tags.map((tag) => tag.toLowerCase());
  return wanted.every((tag) => tags.includes(tag.toLowerCase()));
}

export type SearchPage =
  | { readonly ok: true; readonly repositories: readonly Repository[]; readonly cursor: string | null }
  | { readonly ok: false; readonly message: string };

/**
 * One page of the matching repositories that the caller may see. The cursor contains the sort value and the id of the
 * page's last entry. So repositories that are added or removed between two requests shift nothing.
 */
export async function searchPage(
  repositories: Iterable<Repository>,
  query: URLSearchParams,
  caller: Caller,
): Promise<SearchPage> {
  const sort = (query.get('sort') ?? 'trendingScore') as SortKey;
  if (!sortKeys.includes(sort)) return { ok: false, message: `"sort" must be one of ${sortKeys.join(', ')}` };
  const direction = query.get('direction') ?? '-1';
  const sign = direction === '-1' || direction === 'desc' ? -1 : 1;
  const limitText = query.get('limit') ?? String(MAX_PAGE);
  if (!/^\d+$/.test(limitText)) return { ok: false, message: '"limit" must be a number' };
  const limit = Math.max(1, Math.min(MAX_PAGE, Number(limitText)));

  const found: { repository: Repository; value: number | string; id: string }[] = [];
  for (const repository of repositories) {
    if (!maySee(caller, repository) || !(await matches(repository, query))) continue;
    found.push({ repository, value: sortValue(repository, sort), id: internalId(repository) });
  }
  type Key = { value: number | string; id: string };
  const compare = (first: Key, second: Key): number => {
    if (first.value !== second.value) return first.value < second.value ? -sign : sign;
    return first.id < second.id ? -1 : first.id > second.id ? 1 : 0;
  };
  found.sort(compare);
  const cursorText = query.get('cursor');
  let after: Key | null = null;
  if (cursorText !== null) {
    try {
      after = JSON.parse(Buffer.from(cursorText, 'base64url').toString('utf8')) as Key;
    } catch {
      return { ok: false, message: 'Invalid cursor' };
    }
  }
  const rest = after === null ? found : found.filter((entry) => compare(entry, after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const hasMore = last !== undefined && rest.length > limit;
  const cursor = hasMore ? Buffer.from(JSON.stringify({ value: last.value, id: last.id })).toString('base64url') : null;
  return { ok: true, repositories: page.map((entry) => entry.repository), cursor };
}
