/**
 * What a child prints while it works on something that its user wrote may quote that. llama.cpp prints a whole grammar that it cannot
 * read, to standard error and past its own logger. So the child marks the time in which it does, and the reader leaves those lines out.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { LineSink } from './stderr-lines.ts';

const HIDE = 'hearth: hide ';
const SHOW = 'hearth: show ';
/** For a reader that is busy and whose pipe is full. */
const MARK_TRIES = 200;
const MARK_WAIT_MS = 5;

let isMarking = false;

/** In a child whose standard error is read through `withoutHidden`: `hideLines` prints its marks from now on. */
export function markHiddenLines(): void {
  isMarking = true;
}

/** Does the work, and has the reader leave out what is printed meanwhile, by whatever part of the process. */
export async function hideLines<T>(work: () => Promise<T>): Promise<T> {
  if (!isMarking) return await work();
  // Not to be foreseen: what is printed cannot end the hiding.
  const id = randomUUID();
  printMark(HIDE + id);
  try {
    return await work();
  } finally {
    printMark(SHOW + id);
  }
}

/** Prints at once, as libraries in C do: a stream of Node may print later. */
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

/** Passes lines on, but for those between the marks of `hideLines`: of them it says how many there were. */
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
