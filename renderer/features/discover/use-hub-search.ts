/** The state of the search: one result per request, pages merged, stale results dropped. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';
import { addPage, requestKey, type SearchRequest } from './search-request.ts';

interface Answer {
  /** Identifies a request: its key and its attempt number. */
  readonly key: string;
  readonly models: readonly HubModelSummary[];
  readonly cursor: string | null;
  readonly error: AppError | null;
  readonly more: 'idle' | 'loading' | 'failed';
  readonly cachedAt: number | null;
}

export interface HubSearch {
  /** Of the latest result, which is the previous one while `loading`. Null before the first. */
  readonly models: readonly HubModelSummary[] | null;
  readonly loading: boolean;
  readonly error: AppError | null;
  readonly hasMore: boolean;
  readonly more: 'idle' | 'loading' | 'failed';
  /** The time of the Hub's response, if the Hub is unreachable now; milliseconds since the epoch. */
  readonly cachedAt: number | null;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

/** Sends every new `request` at once; the field debounces. Unmounting cancels the pending request. */
export function useHubSearch(request: SearchRequest): HubSearch {
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const moreAbort = useRef<AbortController | null>(null);
  const { sort, library, author, task, license } = request;
  const query = request.query.trim();
  const key = `${requestKey(request)} ${attempt}`;
  const input = useMemo(
    () => ({ query, sort, library, author, task, license }),
    [query, sort, library, author, task, license],
  );

  useEffect(() => {
    const abort = new AbortController();
    client.call('hub.search', { ...input, cursor: null }, { signal: abort.signal }).then(
      ({ models, cursor, cachedAt }) => {
        if (!abort.signal.aborted) setAnswer({ key, models, cursor, error: null, more: 'idle', cachedAt });
      },
      (cause: unknown) => {
        if (abort.signal.aborted || isAppError(cause, 'cancelled')) return;
        setAnswer({ key, models: [], cursor: null, error: toAppError(cause), more: 'idle', cachedAt: null });
      },
    );
    return () => {
      abort.abort();
      moreAbort.current?.abort();
    };
  }, [key, input]);

  const loadMore = useCallback(() => {
    if (answer === null || answer.key !== key || answer.cursor === null || answer.more === 'loading') return;
    const abort = new AbortController();
    moreAbort.current = abort;
    const update = (change: (known: Answer) => Answer): void => {
      setAnswer((known) => (known?.key === key && !abort.signal.aborted ? change(known) : known));
    };
    update((known) => ({ ...known, more: 'loading' }));
    client.call('hub.search', { ...input, cursor: answer.cursor }, { signal: abort.signal }).then(
      (page) =>
        update((known) => ({
          ...known,
          models: addPage(known.models, page.models),
          cursor: page.cursor,
          more: 'idle',
        })),
      () => update((known) => ({ ...known, more: 'failed' })),
    );
  }, [answer, key, input]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  const loading = answer?.key !== key;
  return {
    models: answer === null || answer.error !== null ? null : answer.models,
    loading,
    error: loading ? null : (answer?.error ?? null),
    hasMore: !loading && answer !== null && answer.cursor !== null,
    more: answer?.more ?? 'idle',
    cachedAt: answer?.cachedAt ?? null,
    loadMore,
    retry,
  };
}
