/** Work on GGUF files for main: each in a child process of its own, which is killed when it is done, fails or is cancelled. */
import { AppError } from '../../../preload/wire/errors.ts';
import { cancelled, inChild } from '../child-work.ts';
import { syncHere } from '../split/write-together.ts';
import { answer, convertChild, type ConverterOptions } from './converter.ts';
import type { FilesRequest, WrittenFiles } from './protocol.ts';

export interface FileWork {
  readonly signal: AbortSignal;
  /** `file` is the name of the file that is written. */
  readonly onProgress: (doneBytes: number, totalBytes: number, file: string) => void;
}

/**
 * Does the work, whose outputs are in `folder`, and resolves when all files have their names. Cancelled work leaves unfinished files there.
 * @throws AppError `cancelled`, as `splitModel`, `mergeModel` and `exportSafetensors`, `engine.*` for a child that ended by itself.
 */
export type WorkOnFiles = (request: FilesRequest, folder: string, work: FileWork) => Promise<WrittenFiles>;

export function createFileWorker({ startChild, onStderr }: ConverterOptions): WorkOnFiles {
  return async (request, folder, { signal, onProgress }) => {
    if (signal.aborted) throw cancelled();
    const process = startChild(folder, {});
    const options = { signal, onStderr: (line: string) => onStderr?.(line, process.pid) };
    const results = inChild(process, convertChild, options, async function* (client): AsyncGenerator<WrittenFiles> {
      for await (const event of client.stream('files', request)) {
        switch (event.type) {
          case 'progress':
            onProgress(event.doneBytes, event.totalBytes, event.file);
            break;
          case 'sync':
            void answer(client, event.id, async () => {
              await syncHere(event.path, event.what);
              return null;
            });
            break;
          case 'done':
            yield { paths: event.paths, sizeBytes: event.sizeBytes };
            return;
          default:
            event satisfies never;
        }
      }
    });
    for await (const result of results) return result;
    throw new AppError('internal', 'The work on these files ended without an answer.');
  };
}
