/** The search request to the Hub, and the merging of result pages. */
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { parseModelReference, type ModelReference } from '../../../preload/contract/model-reference.ts';
import { words } from '../../words/words.ts';

export const sorts = [
  { value: 'trending', label: words.discover.sorts.trending },
  { value: 'downloads', label: words.discover.sorts.downloads },
  { value: 'likes', label: words.discover.sorts.likes },
  { value: 'updated', label: words.discover.sorts.updated },
] as const;

export type Sort = (typeof sorts)[number]['value'];

export interface SearchRequest {
  readonly query: string;
  readonly sort: Sort;
  readonly library: 'gguf' | 'safetensors' | 'any';
  readonly author: string | null;
  /** A task and a license by the Hub's names for them. */
  readonly task: string | null;
  readonly license: string | null;
}

export const firstRequest: SearchRequest = {
  query: '',
  sort: 'trending',
  library: 'gguf',
  author: null,
  task: null,
  license: null,
};

/** The filters that differ from their defaults. */
export type FilterName = 'library' | 'author' | 'task' | 'license';
const filterNames: readonly FilterName[] = ['author', 'task', 'library', 'license'];

/** The filters that narrow or widen the search, in the order of their chips. */
export function activeFilters(request: SearchRequest): readonly FilterName[] {
  return filterNames.filter((name) => request[name] !== firstRequest[name]);
}

/** The request without one filter, or without any. */
export function withoutFilter(name: FilterName | 'all'): Partial<SearchRequest> {
  const names = name === 'all' ? filterNames : [name];
  return Object.fromEntries(names.map((one) => [one, firstRequest[one]]));
}

/** An author as the Hub names them, or null for an impossible name. A pasted `@name` or `name/` means the name. */
export function readAuthor(text: string): string | null {
  const name = text.trim().replace(/^@/, '').replace(/\/$/, '');
  return /^[A-Za-z0-9][\w.-]{0,95}$/.test(name) ? name : null;
}

/** Two requests with the same key have the same result. Spaces around the query are ignored. */
export function requestKey(request: SearchRequest): string {
  const { query, sort, library, author, task, license } = request;
  return JSON.stringify([query.trim(), sort, library, author, task, license]);
}

/** Adds a page to a list. The Hub's order changes between two pages, so models that are already listed are left out. */
export function addPage(
  models: readonly HubModelSummary[],
  page: readonly HubModelSummary[],
): readonly HubModelSummary[] {
  const known = new Set(models.map((model) => model.repoId));
  return [...models, ...page.filter((model) => !known.has(model.repoId))];
}

/**
 * The repository, and the file in it, that a text names: `OWNER/NAME`, `OWNER/NAME:Q4_K_M`, or an address of a model or a file. Null for
 * search words. Any address counts as the Hub's, because only main knows the mirror that it asks.
 */
export function readReference(text: string): ModelReference | null {
  const address = URL.canParse(text.trim()) ? new URL(text.trim()).origin : 'null';
  const reference = parseModelReference(text, address === 'null' ? [] : [address]);
  return reference?.repoId.includes('/') === true ? reference : null;
}

/** The host of an address of the web that is not the Hub's, nor that of the mirror in use; null for any other text. */
export function foreignHost(text: string, hubEndpoint: string): string | null {
  if (!/^https?:\/\//i.test(text.trim()) || !URL.canParse(text.trim())) return null;
  const { host } = new URL(text.trim());
  const isHub = [hubEndpoint, 'https://huggingface.co', 'https://www.huggingface.co', 'https://hf.co'].some(
    (address) => URL.canParse(address) && new URL(address).host === host,
  );
  return isHub ? null : host;
}

/**
 * Whether a text names one repository (an address of the Hub or `OWNER/NAME`), so that its single hit may be opened.
 */
export function namesOneRepository(text: string): boolean {
  return readReference(text) !== null;
}
