/** Hooks for the contract: watched values, and calls with their pending state. */
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import type { HearthContract } from '../../preload/contract/contract.ts';
import type { CallName, InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import { client, link } from './api.ts';
import {
  createLiveStore,
  loading,
  type Live,
  type Reduce,
  type WatchEvent,
  type WatchInput,
  type WatchRoute,
} from './live-store.ts';

export type { Live } from './live-store.ts';

/** A watched value, and `retry` to use after an error. */
export type LiveResult<V> = Live<V> & { readonly retry: () => void };

export interface LiveOptions {
  /** `false` leaves the stream closed and the status `loading`. */
  readonly enabled?: boolean;
}

const store = createLiveStore(link);
const nothing = { subscribe: () => () => {}, get: () => loading, retry: () => {} };

/**
 * Folds a watch stream of snapshot and deltas into one value. `reduce` must be the same function at every render, so
 * define it at the top of the file; it returns a new object for a change. After a reconnect the fold starts again from
 * `initial`.
 */
export function useLiveReduce<R extends WatchRoute, S>(
  route: R,
  input: WatchInput<R>,
  reduce: Reduce<S, WatchEvent<R>>,
  initial: S,
  options?: LiveOptions,
): LiveResult<S> {
  const enabled = options?.enabled ?? true;
  const key = JSON.stringify(input);
  // `initial` is no dependency, because it is only read when the stream opens.
  const source = useMemo(
    () => (enabled ? store.source(route, JSON.parse(key) as WatchInput<R>, reduce, initial) : nothing),
    [enabled, route, key, reduce], // eslint-disable-line react-hooks/exhaustive-deps
  );
  const live = useSyncExternalStore<Live<S>>(source.subscribe, source.get);
  return useMemo(() => ({ ...live, retry: source.retry }), [live, source]);
}

const latest = (_: unknown, event: unknown): unknown => event;

/** The newest event of a watch stream in which each event is a whole value. */
export function useLive<R extends WatchRoute>(
  route: R,
  input: WatchInput<R>,
  options?: LiveOptions,
): LiveResult<WatchEvent<R>> {
  return useLiveReduce(
    route,
    input,
    latest as Reduce<WatchEvent<R>, WatchEvent<R>>,
    undefined as unknown as WatchEvent<R>,
    options,
  );
}

export type AnyCall = CallName<HearthContract>;
export type CallInput<R extends AnyCall> = InputOf<HearthContract, R>;
export type CallOutput<R extends AnyCall> = OutputOf<HearthContract, R>;

export interface CallState<R extends AnyCall> {
  /** Never rejects. After a failure it resolves with `undefined` and sets `error`. */
  readonly run: (input: CallInput<R>) => Promise<CallOutput<R> | undefined>;
  readonly pending: boolean;
  /** The error of the latest run; null again when the next run starts. */
  readonly error: AppError | null;
  readonly clearError: () => void;
}

/** A call of the contract with its pending state and error, for a button or a form. An unmount does not cancel it. */
export function useCall<R extends AnyCall>(route: R): CallState<R> {
  const [pending, setPending] = useState(0);
  const [error, setError] = useState<AppError | null>(null);
  const newest = useRef(0);
  const run = useCallback(
    async (input: CallInput<R>) => {
      const mine = ++newest.current;
      setPending((count) => count + 1);
      setError(null);
      try {
        return await client.call(route, input);
      } catch (cause) {
        if (mine === newest.current && !isAppError(cause, 'cancelled')) setError(toAppError(cause));
        return undefined;
      } finally {
        setPending((count) => count - 1);
      }
    },
    [route],
  );
  const clearError = useCallback(() => setError(null), []);
  return { run, pending: pending > 0, error, clearError };
}

export interface QueryOptions {
  readonly enabled?: boolean;
  /** Shows the last answer until the next one arrives, for lists that are filtered while the user types. */
  readonly keep?: boolean;
}

export type QueryResult<V> = LiveResult<V> & {
  /** True while a request is pending, also while a kept answer is shown. */
  readonly refreshing: boolean;
};

interface Answer<V> {
  readonly key: string;
  readonly attempt: number;
  readonly live: Live<V>;
}

/**
 * A call as a value, for calls that only read. It is repeated when the input changes or the connection is restored, and
 * the superseded call is aborted.
 */
export function useQuery<R extends AnyCall>(
  route: R,
  input: CallInput<R>,
  options?: QueryOptions,
): QueryResult<CallOutput<R>> {
  const enabled = options?.enabled ?? true;
  const keep = options?.keep ?? false;
  const key = `${route} ${JSON.stringify(input)}`;
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<Answer<CallOutput<R>> | null>(null);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);

  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    const ask = (): void => {
      const asked = JSON.parse(key.slice(route.length + 1)) as CallInput<R>;
      client.call(route, asked, { signal: abort.signal }).then(
        (value) => setAnswer({ key, attempt, live: { status: 'ready', value, error: undefined } }),
        (cause: unknown) => {
          if (abort.signal.aborted) return;
          if (isAppError(cause, 'disconnected')) onReconnect(abort.signal, ask);
          setAnswer({ key, attempt, live: { status: 'error', value: undefined, error: toAppError(cause) } });
        },
      );
    };
    ask();
    return () => abort.abort();
  }, [enabled, route, key, attempt]);

  const current = answer !== null && answer.key === key && answer.attempt === attempt;
  const shown = answer !== null && (current || (keep && answer.live.status === 'ready')) ? answer.live : loading;
  return useMemo(() => ({ ...shown, retry, refreshing: enabled && !current }), [shown, retry, enabled, current]);
}

/** Runs `action` once, at the next connection. */
function onReconnect(signal: AbortSignal, action: () => void): void {
  const leave = link.subscribe(() => {
    if (link.connection() !== 'connected') return;
    leave();
    action();
  });
  signal.addEventListener('abort', leave);
}

/** Turns anything caught into an error that the page can word. */
export function toAppError(cause: unknown): AppError {
  if (isAppError(cause)) return cause;
  return new AppError('internal', cause instanceof Error ? cause.message : String(cause));
}
