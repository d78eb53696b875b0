/** One source, many readers: what a `watch` stream is made of. */

export interface FeedReader<T> extends AsyncIterable<T> {
  /** Ends the reader's loop. */
  close(): void;
}

export interface Feed<T> {
  publish(event: T): void;
  /** A reader of everything published from now on, until `signal` fires or it is closed. */
  open(signal: AbortSignal): FeedReader<T>;
  /** How many readers there are. */
  size(): number;
}

/**
 * A feed. Each reader has a queue of its own. With `merge`, an event that a slow reader has not taken yet may be replaced: `merge`
 * gets the last waiting event and the new one and answers what stands for both, or undefined to keep both. Text must never be lost,
 * so an appender joins; progress may be, so the latest wins.
 */
export function createFeed<T>(merge: (waiting: T, next: T) => T | undefined = () => undefined): Feed<T> {
  interface Reader {
    queue: T[];
    wake: () => void;
    closed: boolean;
  }
  const readers = new Set<Reader>();

  return {
    publish(event) {
      for (const reader of readers) {
        const last = reader.queue.at(-1);
        const merged = last === undefined ? undefined : merge(last, event);
        if (merged === undefined) reader.queue.push(event);
        else reader.queue[reader.queue.length - 1] = merged;
        reader.wake();
      }
    },
    open(signal) {
      const reader: Reader = { queue: [], wake: () => {}, closed: signal.aborted };
      const close = (): void => {
        reader.closed = true;
        readers.delete(reader);
        signal.removeEventListener('abort', close);
        reader.wake();
      };
      if (!reader.closed) {
        readers.add(reader);
        signal.addEventListener('abort', close);
      }
      return {
        close,
        async *[Symbol.asyncIterator]() {
          try {
            for (;;) {
              while (reader.queue.length > 0) yield reader.queue.shift() as T;
              if (reader.closed) return;
              await new Promise<void>((resolve) => (reader.wake = resolve));
            }
          } finally {
            close();
          }
        },
      };
    },
    size: () => readers.size,
  };
}
