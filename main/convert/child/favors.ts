/** What main does for the child: it reads a checkpoint that the child cannot reach, and makes what was written last. */
import { AppError, decodeError } from '../../../preload/wire/errors.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { SyncToDisk } from '../write/output-file.ts';
import type { ConvertEvent, Feed, FilesEvent } from './protocol.ts';

interface Answers {
  /** Takes the answer to a question. An answer to none is left out. */
  take(answer: Feed): void;
}

export interface Favors extends Answers {
  readonly sync: SyncToDisk;
  /** A checkpoint that main reads. */
  source(facts: Pick<CheckpointSource, 'files' | 'commit' | 'provesAtEnd'>): CheckpointSource;
}

/** Questions to main by number. `ask` sends one. */
function createQuestions<Event>(
  ask: (event: Event) => void,
): Answers & { answered(question: (id: number) => Event): Promise<Uint8Array> } {
  const waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let nextId = 1;
  return {
    async answered(question) {
      const id = nextId++;
      const answer = Promise.withResolvers<Uint8Array>();
      waiting.set(id, answer);
      ask(question(id));
      return await answer.promise;
    },
    take({ id, bytes, error }) {
      const answer = waiting.get(id);
      waiting.delete(id);
      if (error === null) answer?.resolve(bytes ?? new Uint8Array(0));
      else answer?.reject(decodeError(error));
    },
  };
}

/** What main does for work on GGUF files. */
export function createFileFavors(
  ask: (event: FilesEvent) => void,
): Answers & { sync(path: string, what: 'file' | 'names'): Promise<void> } {
  const { answered, take } = createQuestions(ask);
  return {
    take,
    async sync(path, what) {
      await answered((id) => ({ type: 'sync', id, what, path }));
    },
  };
}

/** `ask` sends a question to main. */
export function createFavors(ask: (event: ConvertEvent) => void): Favors {
  const { answered, take } = createQuestions(ask);
  return {
    take,
    async sync(what) {
      await answered((id) => ({ type: 'sync', id, what }));
    },
    source: (facts) => ({
      ...facts,
      async read(path, start, end) {
        const bytes = await answered((id) => ({ type: 'read', id, path, start, end }));
        if (bytes.byteLength === end - start) return bytes;
        throw new AppError('internal', `A read of ${String(end - start)} bytes gave ${String(bytes.byteLength)}.`);
      },
      async assertUnchanged(path) {
        await answered((id) => ({ type: 'check', id, path }));
      },
      close: () => Promise.resolve(),
    }),
  };
}
