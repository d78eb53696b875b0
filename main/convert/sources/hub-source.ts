/** A repository of the Hub as a checkpoint: files that are on this computer are read there, the others by range requests. */
import path from 'node:path';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { cachedFilePath, type Hub, type ReadCost, type RemoteFile, type RepositoryFiles } from '../../hub/hub.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';

export interface HubSourceOptions {
  readonly hub: Pick<Hub, 'openFile'>;
  readonly listing: RepositoryFiles;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  /** What reading costs is added here. */
  readonly cost: ReadCost;
}

export interface HubSource extends CheckpointSource {
  /** The bytes of these files that are on this computer. */
  storedBytes(paths: readonly string[]): number;
}

/**
 * Opens the commit that `listing` describes. `read` throws hub.* and `convert.invalid` (`reason: 'changed'`), and the signal's reason.
 */
export async function openHubSource(options: HubSourceOptions): Promise<HubSource> {
  const { hub, listing, cacheFolder, signal, cost } = options;
  const byPath = new Map(listing.files.map((file) => [file.path, file]));
  const stored = await openStored(cacheFolder, listing);
  const isStored = ({ path: name, sizeBytes }: RemoteFile): boolean =>
    stored?.files.some((file) => file.path === name && file.sizeBytes === sizeBytes) === true;
  const readers = new Map<string, ReturnType<Hub['openFile']>>();

  return {
    files: [...byPath.values()]
      .map((file) => ({ path: file.path, sizeBytes: file.sizeBytes, sha256: file.sha256, modifiedAtMs: null }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    commit: listing.commit,
    async read(name, start, end, into) {
      const file = byPath.get(name);
      if (file === undefined) throw new AppError('not_found', `The repository has no ${shownName(name)}.`);
      if (start === end) return new Uint8Array(0);
      if (stored !== null && isStored(file)) return await stored.read(name, start, end, into);
      const read = readers.get(name) ?? hub.openFile(file, cost);
      readers.set(name, read);
      try {
        return await read(start, end, signal);
      } catch (error) {
        if (!isAppError(error, 'model.corrupt')) throw error;
        throw invalidCheckpoint({
          ...{ reason: 'changed', file: name },
          detail: `${shownName(name)} has another size than the Hub lists.`,
        });
      }
    },
    // A commit never changes; a file in the cache may.
    assertUnchanged: async (name) => await stored?.assertUnchanged(name).catch(ignoreMissing),
    close: async () => await stored?.close(),
    storedBytes: (paths) =>
      paths.reduce((sum, name) => {
        const file = byPath.get(name);
        return sum + (file !== undefined && isStored(file) ? file.sizeBytes : 0);
      }, 0),
  };
}

/** The snapshot of the commit in the cache; null where there is none. */
async function openStored(cacheFolder: string, { repoId, commit }: RepositoryFiles): Promise<CheckpointSource | null> {
  try {
    return await openLocalSource(snapshotFolder(cacheFolder, repoId, commit));
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  }
}

/** The folder of a commit in the cache. @throws AppError `hub.unsafe_name`. */
export function snapshotFolder(cacheFolder: string, repoId: string, commit: string): string {
  return path.dirname(cachedFilePath(cacheFolder, repoId, commit, 'config.json'));
}

function ignoreMissing(error: unknown): void {
  if (!isAppError(error, 'not_found')) throw error;
}
