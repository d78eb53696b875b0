/** Notes of how far an unfinished file is, from which the next try goes on. */
import type { OutputFile, WrittenSteps } from './output-file.ts';

/** Between two notes of how far the file is, because each waits for the disk. */
const NOTE_EVERY_MS = 5000;
/** As well, so that the disk writes from the beginning on, and the last wait for it is short. */
const NOTE_EVERY_BYTES = 64 * 1024 * 1024;

/** Notes of how far the file is. */
export interface Notes {
  /** Writes a note after this step and all before it, where it is time for one. */
  consider(step: number): void;
  /** Resolves when no note is being written. @throws what writing one threw. */
  settled(): Promise<void>;
  /** Writes a note now, for the next try. Never throws. */
  last(): Promise<void>;
}

/** Notes that are written from time to time, of the steps and bytes that are done by then. */
export function createNotes(
  file: Pick<OutputFile, 'note'>,
  { state, doneBytes }: { readonly state: () => WrittenSteps; readonly doneBytes: () => number },
): Notes {
  let lastBytes = doneBytes();
  let lastMs = performance.now();
  let writing: Promise<void> | null = null;
  let failure: unknown;
  return {
    consider() {
      const isRecent = performance.now() - lastMs < NOTE_EVERY_MS && doneBytes() - lastBytes < NOTE_EVERY_BYTES;
      if (writing !== null || isRecent) return;
      lastBytes = doneBytes();
      writing = file
        .note(state())
        .catch((error: unknown) => (failure = error))
        .then(() => {
          lastMs = performance.now();
          writing = null;
        });
    },
    async settled() {
      await writing;
      if (failure !== undefined) throw failure as Error;
    },
    async last() {
      await writing;
      await file.note(state()).catch(() => {});
    },
  };
}
