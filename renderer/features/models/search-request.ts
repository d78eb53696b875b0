/** What is asked of the Hub, and how its pages add up. */
import type { HubModelSummary } from '../../../preload/contract/hub.ts';

export const sorts = [
  { value: 'trending', label: 'Trending' },
  { value: 'downloads', label: 'Most downloads' },
  { value: 'likes', label: 'Most likes' },
  { value: 'updated', label: 'Recently updated' },
] as const;

export type Sort = (typeof sorts)[number]['value'];

export interface SearchRequest {
  readonly query: string;
  readonly sort: Sort;
  readonly library: 'gguf' | 'any';
}

export const firstRequest: SearchRequest = { query: '', sort: 'trending', library: 'gguf' };

/** Two requests with the same key have the same answer. Spaces around the query mean nothing. */
export function requestKey(request: SearchRequest): string {
  return JSON.stringify([request.query.trim(), request.sort, request.library]);
}

/** A page added to a list. The Hub's order moves between two pages, so a model that is already there is left out. */
export function addPage(
  models: readonly HubModelSummary[],
  page: readonly HubModelSummary[],
): readonly HubModelSummary[] {
  const known = new Set(models.map((model) => model.repoId));
  return [...models, ...page.filter((model) => !known.has(model.repoId))];
}

/** Whether a text names one repository (an address of the Hub or `OWNER/NAME`), so that its one hit may be opened at once. */
export function namesOneRepository(text: string): boolean {
  const trimmed = text.trim();
  return /^https?:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+/.test(trimmed) || /^[\w][\w.-]*\/[\w.-]+$/.test(trimmed);
}
