/**
 * The files of a checkpoint for a conversion. Those that are missing are downloaded into the cache; where the source is not to be kept, only
 * the small ones are, into the job's own folder, and the weights are converted while they arrive.
 */
import path from 'node:path';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { TransferContext } from '../../base/work.ts';
import type { Hub, RemoteFile, TransferProgress } from '../../hub/hub.ts';
import { snapshotFolder } from '../sources/hub-source.ts';
import { isStreamed } from '../sources/streamed-source.ts';
import type { ConversionSpec } from './conversion-spec.ts';

type HubDownloads = Pick<Hub, 'cacheFolder' | 'localBytes' | 'missingBytes' | 'fetchFile' | 'discardFile'>;

/** Where the files of the source are, or will be. */
export interface SourcePlace {
  /** The folder that has all files after the download. */
  readonly folder: string;
  /** The cache that they are downloaded into; null where nothing is downloaded. */
  readonly cacheFolder: string | null;
  /** The files that are downloaded. */
  readonly downloads: readonly RemoteFile[];
  /** Whether the weights are converted while they arrive, and are in no folder. */
  readonly isStreamed: boolean;
}

/**
 * The place of the source's files: its folder, or a snapshot in the cache. A conversion that is to keep no sources has the small files in
 * the same layout in its own folder, unless the cache has all files already. A base that an adapter is merged into is not streamed: its tensors
 * are read beside the adapter's.
 */
export async function placeOfSource(spec: ConversionSpec, hub: HubDownloads, workspace: string): Promise<SourcePlace> {
  const { source, files } = spec;
  if (source.kind === 'folder') return { folder: source.path, cacheFolder: null, downloads: [], isStreamed: false };
  const shared = hub.cacheFolder();
  const isThere = await areThere(files, hub, shared);
  const isPassing = !spec.keepSource && !isThere;
  const isStreaming = isPassing && !spec.adapter;
  const cacheFolder = isPassing ? path.join(workspace, 'source') : shared;
  return {
    folder: snapshotFolder(cacheFolder, source.repoId, source.commit),
    cacheFolder: isThere ? null : cacheFolder,
    downloads: isThere ? [] : files.filter((file) => !isStreaming || !isStreamed(file)),
    isStreamed: isStreaming,
  };
}

async function areThere(files: readonly RemoteFile[], hub: HubDownloads, folder: string): Promise<boolean> {
  for (const file of files) if (!(await hub.localBytes(folder, file)).isComplete) return false;
  return true;
}

/** Which file is being downloaded, and the bytes of all files together. */
export interface DownloadState {
  readonly name: string;
  readonly index: number;
  readonly count: number;
  readonly doneBytes: number;
  readonly segments: Job['segments'];
}

/**
 * Downloads the missing files, verified and taken up where they were. `onPublished` gets the path of each that was completed by this call.
 * Throws hub.*, disk.*, cache.locked.
 */
export async function downloadSource(
  spec: ConversionSpec,
  { cacheFolder, downloads: files }: SourcePlace,
  hub: HubDownloads,
  { signal, log }: TransferContext,
  tell: (state: DownloadState) => void,
  onPublished: (path: string) => void,
): Promise<void> {
  if (cacheFolder === null) return;
  const ref = spec.source.kind === 'hub' && spec.keepSource ? spec.source.revision : null;
  let before = 0;
  for (const [at, file] of files.entries()) {
    signal.throwIfAborted();
    const place = { name: file.path, index: at + 1, count: files.length };
    const onProgress = ({ doneBytes, segments }: TransferProgress): void =>
      tell({ ...place, doneBytes: before + doneBytes, segments });
    // With the last file, so that the branch never points to an incomplete set.
    const isLast = at === files.length - 1;
    const events = { onProgress, onPublished: () => onPublished(file.path) };
    await hub.fetchFile(file, { folder: cacheFolder, ref: isLast ? ref : null, signal, log, ...events });
    before += file.sizeBytes;
    tell({ ...place, doneBytes: before, segments: [] });
  }
}

/**
 * Deletes what a cancelled conversion has downloaded into the cache. What was there before, what others completed and what `isUsed` tells
 * of stays. Throws disk.denied.
 */
export async function discardSource(
  { keepSource, files, finished }: ConversionSpec,
  hub: HubDownloads,
  isUsed: (file: RemoteFile) => boolean,
): Promise<void> {
  if (!keepSource) return;
  for (const file of files.filter((one) => !isUsed(one)))
    await hub.discardFile(hub.cacheFolder(), file, { complete: finished.includes(file.path) });
}
