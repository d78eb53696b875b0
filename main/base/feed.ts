/** Feeds: one source of events with many readers, behind every `watch` stream. */

export interface FeedReader<T> extends AsyncIterable<T> {
  /** Ends the reader's loop. */
  close(): void;
}

export interface Feed<T> {
  publish(event: T): void;
  /** Opens a reader of all later events, until `signal` fires or it is closed. */
  open(signal: AbortSignal): FeedReader<T>;
  /** Number of readers. */
  size(): number;
}

/**
 * Creates a feed. Each reader has its own queue. `merge` gets the last waiting event of a slow reader and the new one, and returns one
 * event for both, or undefined to keep both. Text must not be lost, so appended text is joined; of progress only the latest counts.
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
