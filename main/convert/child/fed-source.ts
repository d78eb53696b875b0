/** A checkpoint that main reads for the child: the child has no network. */
import { AppError, decodeError } from '../../../preload/wire/errors.ts';
import type { CheckpointSource, SourceFile } from '../checkpoint/checkpoint-source.ts';
import type { ConvertEvent, Feed } from './protocol.ts';

export interface FedSource extends CheckpointSource {
  /** Takes the answer to a read. An answer to none is left out. */
  take(answer: Feed): void;
}

/** `ask` sends a read to main. Main looks after files that change. */
export function createFedSource(
  files: readonly SourceFile[],
  commit: string | null,
  ask: (event: ConvertEvent) => void,
): FedSource {
  const waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let nextId = 1;
  return {
    files,
    commit,
    async read(path, start, end) {
      const id = nextId++;
      const answer = Promise.withResolvers<Uint8Array>();
      waiting.set(id, answer);
      ask({ type: 'read', id, path, start, end });
      const bytes = await answer.promise;
      if (bytes.byteLength !== end - start)
        throw new AppError('internal', `A read of ${String(end - start)} bytes gave ${String(bytes.byteLength)}.`);
      return bytes;
    },
    assertUnchanged: () => Promise.resolve(),
    close: () => Promise.resolve(),
    take({ id, bytes, error }) {
      const answer = waiting.get(id);
      waiting.delete(id);
      if (bytes !== null) answer?.resolve(bytes);
      else answer?.reject(decodeError(error ?? {}));
    },
  };
}
