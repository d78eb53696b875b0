/**
 * Hides the lines that a child prints while it works on the user's own text, which they may quote. For example, llama.cpp prints an
 * invalid grammar to standard error without its logger. The child marks the beginning and end of such work, and the reader drops the
 * lines between.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { LineSink } from './stderr-lines.ts';

const HIDE = 'hearth: hide ';
const SHOW = 'hearth: show ';
/** Limit for attempts to print a mark while the pipe is full because its reader is busy. */
const MARK_TRIES = 200;
const MARK_WAIT_MS = 5;

let isMarking = false;

/** Makes `hideLines` print its marks. Call it in a child whose standard error is read through `withoutHidden`. */
export function markHiddenLines(): void {
  isMarking = true;
}

/** Runs the work, and lets the reader drop all lines that the process prints meanwhile. */
export async function hideLines<T>(work: () => Promise<T>): Promise<T> {
  if (!isMarking) return await work();
  // The id is random, so that printed text cannot contain the end mark.
  const id = randomUUID();
  printMark(HIDE + id);
  try {
    return await work();
  } finally {
    printMark(SHOW + id);
  }
}

/** Prints synchronously, as C libraries do. A stream of Node might print later. */
function printMark(mark: string): void {
  let bytes = Buffer.from(`\n${mark}\n`);
  for (let tries = 0; bytes.length > 0 && tries < MARK_TRIES; tries++)
    try {
      bytes = bytes.subarray(writeSync(2, bytes));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return; // nobody reads
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MARK_WAIT_MS);
    }
}

/** Passes lines on, except those between the marks of `hideLines`, which are replaced by their number. */
export function withoutHidden(sink: LineSink): LineSink {
  const hiders = new Set<string>();
  let count = 0;
  const tell = (): void => {
    if (count > 0) sink.line(`(left out, because they may quote a user: ${count} of its lines)`);
    count = 0;
  };
  return {
    line(text) {
      if (text.startsWith(HIDE)) hiders.add(text.slice(HIDE.length));
      else if (text.startsWith(SHOW) && hiders.delete(text.slice(SHOW.length))) {
        if (hiders.size === 0) tell();
      } else if (hiders.size > 0) count++;
      else sink.line(text);
    },
    end() {
      tell();
      sink.end();
    },
  };
}
