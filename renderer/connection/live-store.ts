/** Watch streams as values: one stream per route and input, shared by all subscribers and reopened after a loss. */
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import type { EventOf, InputOf, StreamName } from '../../preload/wire/rpc.ts';
import type { HearthContract } from '../../preload/contract/contract.ts';
import type { Link } from './link.ts';

export type WatchRoute = StreamName<HearthContract>;
export type WatchInput<R extends WatchRoute> = InputOf<HearthContract, R>;
export type WatchEvent<R extends WatchRoute> = EventOf<HearthContract, R>;

/** The current value of a watch stream. After an error the last value is kept, so that it can still be shown. */
export type Live<V> =
  | { readonly status: 'loading'; readonly value: undefined; readonly error: undefined }
  | { readonly status: 'ready'; readonly value: V; readonly error: undefined }
  | { readonly status: 'error'; readonly value: V | undefined; readonly error: AppError };

export type Reduce<S, E> = (state: S, event: E) => S;

export interface LiveSource<V> {
  readonly get: () => Live<V>;
  readonly subscribe: (listener: () => void) => () => void;
  /** Opens the stream again after an error. */
  readonly retry: () => void;
}

export const loading: Live<never> = { status: 'loading', value: undefined, error: undefined };

/** A screen that closes and opens again within this time keeps its stream. */
const LINGER_MS = 500;

/**
 * While events come faster than this, listeners are told of the newest value at this pace: 30 times a second is as smooth as text can be read,
 * and rendering each of 300 tokens a second leaves no time for the keys of a person.
 */
const PACE_MS = 32;

interface Entry {
  readonly source: LiveSource<unknown>;
}

export interface LiveStore {
  /**
   * The one source for this route, input and `reduce` function. `reduce` is compared by identity, so it must be defined
   * outside of components.
   */
  source<R extends WatchRoute, S>(
    route: R,
    input: WatchInput<R>,
    reduce: Reduce<S, WatchEvent<R>>,
    initial: S,
  ): LiveSource<S>;
}

/**
 * Keeps the streams of one link. A stream opens with its first subscriber and closes soon after its last one leaves.
 */
export function createLiveStore(link: Link): LiveStore {
  // Values are `unknown` inside, because one map holds the sources of every route; `source` restores the type.
  const byReduce = new Map<unknown, Map<string, Entry>>();

  return {
    source(route, input, reduce, initial) {
      const byKey = byReduce.get(reduce) ?? new Map<string, Entry>();
      byReduce.set(reduce, byKey);
      const key = `${route} ${JSON.stringify(input)}`;
      const known = byKey.get(key);
      if (known) return known.source as LiveSource<typeof initial>;
      const source = openSource(link, route, input, reduce, initial, () => {
        byKey.delete(key);
        if (byKey.size === 0) byReduce.delete(reduce);
      });
      byKey.set(key, { source: source as LiveSource<unknown> });
      return source;
    },
  };
}

function openSource<R extends WatchRoute, S>(
  link: Link,
  route: R,
  input: WatchInput<R>,
  reduce: Reduce<S, WatchEvent<R>>,
  initial: S,
  onIdle: () => void,
): LiveSource<S> {
  const listeners = new Set<() => void>();
  let live: Live<S> = loading;
  let running: AbortController | undefined;
  let linger: ReturnType<typeof setTimeout> | undefined;
  let leaveLink: (() => void) | undefined;
  /** True after the stream broke together with the connection: it opens again with the next connection. */
  let broken = false;

  let toldAt = -Infinity;
  let telling: ReturnType<typeof setTimeout> | undefined;

  const tell = (): void => {
    clearTimeout(telling);
    telling = undefined;
    toldAt = performance.now();
    for (const listener of [...listeners]) listener();
  };
  const set = (next: Live<S>): void => {
    live = next;
    const wait = toldAt + PACE_MS - performance.now();
    if (wait <= 0) tell();
    else telling ??= setTimeout(tell, wait);
  };

  const follow = async (abort: AbortController): Promise<void> => {
    // Each stream starts with a snapshot, so the fold starts again; the last value stays visible until that snapshot
    // arrives.
    let state = initial;
    try {
      for await (const event of link.client.stream(route, input, { signal: abort.signal })) {
        if (abort.signal.aborted) return;
        state = reduce(state, event);
        set({ status: 'ready', value: state, error: undefined });
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      if (isAppError(error, 'disconnected')) {
        broken = true;
        if (link.connection() === 'connected') start();
        return;
      }
      const shown = isAppError(error) ? error : new AppError('internal', String(error));
      set({ status: 'error', value: live.value, error: shown });
    }
  };

  const start = (): void => {
    running?.abort();
    broken = false;
    running = new AbortController();
    void follow(running);
  };

  const stop = (): void => {
    running?.abort();
    running = undefined;
    leaveLink?.();
    leaveLink = undefined;
    clearTimeout(telling);
    telling = undefined;
    live = loading;
    onIdle();
  };

  return {
    get: () => live,
    retry: () => {
      if (!running) return;
      if (live.status === 'error' && live.value === undefined) set(loading);
      start();
    },
    subscribe(listener) {
      clearTimeout(linger);
      listeners.add(listener);
      if (!running) {
        leaveLink = link.subscribe(() => {
          if (broken && link.connection() === 'connected') start();
        });
        start();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) linger = setTimeout(stop, LINGER_MS);
      };
    },
  };
}
