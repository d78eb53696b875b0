/** The log of requests and the load, folded from what main sends. */
import type { ApiRequest, ServerActivity, ServerLoad } from '../../../../preload/contract/server.ts';

export interface ActivityState {
  /** Newest first. */
  readonly requests: readonly ApiRequest[];
  readonly load: ServerLoad;
}

/** As many as main keeps. */
const MOST = 500;

export function foldActivity(state: ActivityState | null, event: ServerActivity): ActivityState {
  switch (event.type) {
    case 'snapshot':
      return { requests: event.requests.toReversed(), load: event.load };
    case 'cleared':
      return { requests: [], load: event.load };
    case 'changed': {
      const changed = new Map(event.requests.map((request) => [request.id, request]));
      const before = state?.requests ?? [];
      const known = new Set(before.map(({ id }) => id));
      const added = event.requests.filter(({ id }) => !known.has(id)).toReversed();
      const kept = changed.size === 0 ? before : before.map((request) => changed.get(request.id) ?? request);
      return { requests: [...added, ...kept].slice(0, MOST), load: event.load };
    }
    default:
      return event satisfies never;
  }
}

/** How many requests came after that one; all of them where it is too old for the list, or where there was none. */
export function newerThan(requests: readonly ApiRequest[], newest: ApiRequest | undefined): number {
  const at = requests.findIndex(({ id }) => id === newest?.id);
  return at < 0 ? requests.length : at;
}

export type RequestKind = 'all' | 'running' | 'failed';

export interface LogFilter {
  readonly text: string;
  readonly kind: RequestKind;
}

export const isFailed = ({ status, error, isHungUp }: ApiRequest): boolean =>
  isHungUp || error !== null || (status !== null && status >= 400);

/** The requests that the filter lets through: every typed word occurs in the program, the endpoint, the model, the key or the status. */
export function filtered(requests: readonly ApiRequest[], { text, kind }: LogFilter): readonly ApiRequest[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0 && kind === 'all') return requests;
  return requests.filter((request) => {
    if (kind === 'running' && request.phase === 'ended') return false;
    if (kind === 'failed' && !isFailed(request)) return false;
    const { program, method, path, modelId, keyName, status, dialect } = request;
    const texts =
      `${program} ${method} ${path} ${modelId ?? ''} ${keyName ?? ''} ${status ?? ''} ${dialect}`.toLowerCase();
    return wanted.every((word) => texts.includes(word));
  });
}
