/** The events of a child's work on their way to main: all of them in order, but of progress that was not taken yet only the latest. */
interface WorkEvent {
  readonly type: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

export interface Events<Event extends WorkEvent> {
  add(event: Event): void;
  /** No event follows. */
  end(): void;
  /** Ends behind the last event. */
  all(): AsyncGenerator<Event>;
}

/** A person reads no faster. */
const PROGRESS_EVERY_MS = 100;

export function createEvents<Event extends WorkEvent>(): Events<Event> {
  const waiting: Event[] = [];
  let isEnded = false;
  let wake = (): void => {};
  let lastProgressMs = -PROGRESS_EVERY_MS;
  return {
    add(event) {
      if (event.type === 'progress') {
        const now = performance.now();
        const isLast = event.doneBytes === event.totalBytes;
        if (now - lastProgressMs < PROGRESS_EVERY_MS && !isLast) return;
        lastProgressMs = now;
        const before = waiting.findIndex(({ type }) => type === 'progress');
        if (before >= 0) waiting.splice(before, 1);
      }
      waiting.push(event);
      wake();
    },
    end() {
      isEnded = true;
      wake();
    },
    async *all() {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (isEnded) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
