/** A repository of the Hub whose weights are received while they are read, and not stored. Its other files are on this computer. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { Hub, RemoteFile } from '../../hub/hub.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { createStreamedFile, type StreamedFile } from './streamed-file.ts';

export interface StreamedSourceOptions {
  readonly hub: Pick<Hub, 'openFile' | 'streamFile'>;
  readonly commit: string;
  /** The files of the checkpoint. */
  readonly files: readonly RemoteFile[];
  /** The folder with those that are not streamed. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
  /** Gets the bytes of the weights that were received; those of files before the present one count as received. */
  readonly onBytes: (bytes: number) => void;
  /** As in `StreamedFileOptions`. */
  readonly blockBytes?: number;
}

/** Whether a file is received while it is read. */
export const isStreamed = ({ path }: Pick<RemoteFile, 'path'>): boolean => path.endsWith('.safetensors');

/**
 * Opens the source. Once a file was wrong, every read throws its error.
 * @throws AppError as `openLocalSource`. `read` throws hub.*, `convert.invalid` (`reason: 'changed'`); `assertUnchanged` receives the rest of
 * a file and throws `hub.hash_mismatch` where its bytes are not those that the Hub lists.
 */
export async function openStreamedSource(options: StreamedSourceOptions): Promise<CheckpointSource> {
  const { hub, commit, files, folder, log } = options;
  const local = await openLocalSource(folder);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const inOrder = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const streamed = new Map<string, StreamedFile>();
  const before = new Map<string, number>();
  let weightBytes = 0;
  let failure: unknown = null;
  let farthest = 0;
  for (const file of inOrder.filter(isStreamed)) {
    const start = weightBytes;
    before.set(file.path, start);
    weightBytes += file.sizeBytes;
    const request = hub.openFile(file, { requests: 0, bytes: 0 });
    streamed.set(
      file.path,
      createStreamedFile({
        ...{ repoId: file.repoId, path: file.path, sizeBytes: file.sizeBytes },
        ...(options.blockBytes !== undefined && { blockBytes: options.blockBytes }),
        receive: () => hub.streamFile(file, { signal, log }),
        request: (from, to) => request(from, to, signal),
        onPosition(bytes) {
          farthest = Math.max(farthest, start + bytes);
          options.onBytes(farthest);
        },
      }),
    );
  }

  /** Does work on a file, of which one error is enough. */
  async function withFile<T>(name: string, work: (file: StreamedFile) => Promise<T>): Promise<T> {
    const file = streamed.get(name);
    if (file === undefined) throw new AppError('not_found', `The repository has no ${shownName(name)}.`);
    if (failure !== null) throw failure as Error;
    try {
      return await work(file);
    } catch (error) {
      failure = isAppError(error, 'model.corrupt')
        ? invalidCheckpoint({
            ...{ reason: 'changed', file: name },
            detail: `${shownName(name)} has another size than the Hub lists.`,
          })
        : error;
      throw failure as Error;
    }
  }

  return {
    files: inOrder.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256, modifiedAtMs: null })),
    commit,
    provesAtEnd: true,
    async read(name, start, end, into) {
      if (!isStreamed({ path: name })) return await local.read(name, start, end, into);
      return start === end ? new Uint8Array(0) : await withFile(name, (file) => file.read(start, end));
    },
    async assertUnchanged(name) {
      if (isStreamed({ path: name })) await withFile(name, (file) => file.finish());
    },
    async close() {
      stop.abort();
      await Promise.allSettled([local.close(), ...[...streamed.values()].map((file) => file.close())]);
    },
  };
}
