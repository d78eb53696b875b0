/** The state that the API, the files and the CDN of one running test Hub share. */
import type { Tokens } from './access.ts';
import type { Content } from './content.ts';
import type { ExchangeState } from './exchange.ts';
import type { Repository } from './repository.ts';

export interface HubState extends ExchangeState {
  /** By id. */
  readonly repositories: Map<string, Repository>;
  readonly tokens: Tokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The files that the CDN may serve, by the path of their address; filled by redirects. */
  readonly cdnFiles: Map<string, { readonly content: Content; readonly subject: string; readonly etag: string }>;
  /** Signs the addresses of the CDN. */
  readonly secret: string;
  readonly redirectLifetimeMs: number;
  readonly smallFiles: 'direct' | 'resolve-cache';
  /** Set when both servers listen. */
  cdnUrl: string;
}

/** The repository with that name now, or formerly (`renamed`). Names are compared without case, as on the Hub. */
export function findRepository(
  state: HubState,
  id: string,
): { readonly repository: Repository; readonly renamed: boolean } | null {
  const wanted = id.toLowerCase();
  const exact = state.repositories.get(id);
  if (exact !== undefined) return { repository: exact, renamed: false };
  for (const repository of state.repositories.values()) {
    const names = [repository.id, ...(repository.facts.renamedFrom ?? [])];
    if (names.some((name) => name.toLowerCase() === wanted)) return { repository, renamed: true };
  }
  return null;
}
