/** Opens the checkpoint that a source names, wherever its files are. */
import path from 'node:path';
import { isCommit, isOutOfReach, type Hub, type ReadCost, type RemoteFile } from '../../hub/hub.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { openHubSource, snapshotFolder } from './hub-source.ts';
import { findStoredCommit } from './stored-checkpoints.ts';

/** A source with the path of its folder in place of an id. */
export type SourceAddress =
  | { readonly kind: 'hub'; readonly repoId: string; readonly revision: string }
  | { readonly kind: 'folder'; readonly path: string };

export interface OpenCheckpoint {
  readonly source: CheckpointSource;
  /** A name for people: the repository's, or the folder's. */
  readonly name: string;
  readonly repoId: string | null;
  /** The commit; null for a folder. */
  readonly commit: string | null;
  /** What the repository's page says; null for a folder, and while the Hub is out of reach. */
  readonly license: string | null;
  readonly baseModel: string | null;
  /** The files at the Hub; null where all of them are in `folder`. */
  readonly remote: readonly RemoteFile[] | null;
  /** The folder with its files on this computer; null where it has no such folder. */
  readonly folder: string | null;
  /** The bytes of these files that are on this computer. */
  storedBytes(paths: readonly string[]): number;
}

export interface OpenOptions {
  readonly hub: Pick<Hub, 'files' | 'openFile' | 'cacheFolder'>;
  readonly signal: AbortSignal;
  readonly cost: ReadCost;
}

/**
 * Opens a checkpoint; the caller closes its source. While the Hub is out of reach, a commit in the cache is taken as it is there. Throws
 * hub.*, not_found, disk.denied.
 */
export async function openCheckpoint(address: SourceAddress, options: OpenOptions): Promise<OpenCheckpoint> {
  if (address.kind === 'folder') return await openFolder(address.path, path.basename(path.resolve(address.path)), null);
  const { repoId, revision } = address;
  const { hub, signal, cost } = options;
  const cacheFolder = hub.cacheFolder();
  try {
    const listing = await hub.files(repoId, revision, signal);
    const source = await openHubSource({ hub, listing, cacheFolder, signal, cost });
    return {
      source,
      name: listing.repoId,
      repoId: listing.repoId,
      commit: listing.commit,
      license: listing.license,
      baseModel: listing.baseModel,
      remote: listing.files,
      folder: snapshotFolder(cacheFolder, listing.repoId, listing.commit),
      storedBytes: source.storedBytes,
    };
  } catch (error) {
    if (!isOutOfReach(error)) throw error;
    const commit = await findStoredCommit(cacheFolder, repoId, revision);
    if (commit === null || !isCommit(commit)) throw error;
    return await openFolder(snapshotFolder(cacheFolder, repoId, commit), repoId, { repoId, commit });
  }
}

async function openFolder(
  folder: string,
  name: string,
  from: { readonly repoId: string; readonly commit: string } | null,
): Promise<OpenCheckpoint> {
  const source = await openLocalSource(folder);
  const sizes = new Map(source.files.map((file) => [file.path, file.sizeBytes]));
  return {
    source,
    name,
    repoId: from?.repoId ?? null,
    commit: from?.commit ?? null,
    ...{ license: null, baseModel: null, remote: null, folder },
    storedBytes: (paths) => paths.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0),
  };
}
