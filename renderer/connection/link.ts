/** A client that outlives its transport: it connects, notices the loss, and reconnects with growing pauses. */
import type { HearthClient, HearthContract } from '../../preload/contract/contract.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { connect, type Port } from '../../preload/wire/rpc.ts';

export type Connection = 'connecting' | 'connected' | 'lost';

/** Opens a transport. Resolves when frames can be posted; rejects when the other end cannot be reached. */
export type OpenPort = () => Promise<Port>;

export interface Link {
  /** The same object for the whole life of the link, reconnects included. */
  readonly client: HearthClient;
  /** Calls the listener after every change of `connection()`. Returns the function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly connection: () => Connection;
  /** Ends the pause before the next attempt. */
  readonly retryNow: () => void;
}

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5000;

/**
 * Keeps a connection open. Calls and streams wait for the first connection. After a loss they throw `disconnected` at
 * once, because a call that waits would run long after the click.
 */
export function createLink(open: OpenPort): Link {
  const listeners = new Set<() => void>();
  let state: Connection = 'connecting';
  let current: HearthClient | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let endPause: (() => void) | undefined;

  const setState = (next: Connection): void => {
    if (state === next) return;
    state = next;
    for (const listener of [...listeners]) listener();
  };

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const keepOpen = async (): Promise<never> => {
    for (;;) {
      try {
        const port = await open();
        const closed = new Promise<void>((resolve) => port.onClose(resolve));
        current = connect<HearthContract>(port);
        pauseMs = FIRST_PAUSE_MS;
        setState('connected');
        await closed;
      } catch {
        // The other end was not reached. The pause below follows, and the page shows that the connection is lost.
      }
      current = undefined;
      setState('lost');
      await wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  };

  const ready = (): Promise<HearthClient> =>
    new Promise((resolve, reject) => {
      const settle = (): boolean => {
        if (current) resolve(current);
        else if (state === 'lost') reject(new AppError('disconnected', 'The connection to Hearth was lost.'));
        else return false;
        return true;
      };
      if (settle()) return;
      const leave = subscribe(() => {
        if (settle()) leave();
      });
    });

  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  const client: HearthClient = {
    call: async (route, input, options) => (await ready()).call(route, input, options),
    stream(route, input, options) {
      // Not an async generator: its return() would wait for a pending next(), and closing a stream must take effect at
      // once.
      let inner: ReturnType<typeof openInner> | undefined;
      let left = false;
      const openInner = (on: HearthClient) => on.stream(route, input, options);
      return {
        async next() {
          if (!inner) {
            const on = await ready();
            if (left) return { done: true, value: undefined };
            inner ??= openInner(on);
          }
          return inner.next();
        },
        async return() {
          left = true;
          await inner?.return?.();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };

  void keepOpen();
  return { client, subscribe, connection: () => state, retryNow: () => endPause?.() };
}
