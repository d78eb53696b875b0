/** Where the messages of a chat come from: a keyboard, or lines of a pipe. */
import { createInterface } from 'node:readline';
import { createMessageLines } from './messages.ts';

export type Typed =
  | { readonly kind: 'message'; readonly text: string }
  /** Ctrl+C where there was nothing to clear. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'end' };

export interface ChatInput {
  /** The next message, in a terminal after a prompt. */
  next(): Promise<Typed>;
  /** From now until the returned function is called, Ctrl+C calls `stop`, and what is typed waits for the next message. */
  whileReplying(stop: () => void): () => void;
  /** The lines that were typed, the newest first. */
  entries(): readonly string[];
  /** Gives the terminal back as it was. */
  close(): void;
}

/** One message per line of standard input; several with `\` or between `"""`. */
export function readPipe(input: NodeJS.ReadableStream, signal: AbortSignal): ChatInput {
  const lines = createMessageLines();
  const reader = createInterface({ input, crlfDelay: Infinity, signal });
  const each = reader[Symbol.asyncIterator]();
  let isOver = false;
  return {
    async next() {
      while (!isOver) {
        const { done, value } = await each.next();
        isOver = done === true;
        const text = isOver ? lines.end() : lines.push(value as string);
        // A blank line is no message, and a model would answer it.
        if (text !== null && text.trim() !== '') return { kind: 'message', text };
      }
      return { kind: 'end' };
    },
    whileReplying: () => () => {},
    entries: () => [],
    close: () => reader.close(),
  };
}
