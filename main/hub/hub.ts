/**
 * The Hugging Face Hub: finding models, and downloading their files into the cache that all Hugging Face programs share.
 * The entry of this folder: other modules import only this file.
 */
import { open, rename, symlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { loadHubLibrary } from './api/hub-library.ts';
import { freeDiskBytes } from '../base/disk.ts';
import { createSharedWork } from '../base/shared-work.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import type { HubModel, HubModelSummary, RecommendedModel } from '../../preload/contract/hub.ts';
import type { Fit, KvCacheType } from '../../preload/contract/model.ts';
import { assertSafePath, isBlobName, isCommit, repoFolder } from './cache/cache-paths.ts';
import { MAX_CONNECTIONS } from './transfer/segments/connection-count.ts';
import type { FitOf } from '../model-file/fit-of.ts';
import { shardPaths } from '../model-file/shards.ts';
import { checkToken } from './api/account.ts';
import { listWeights, readModel, type CatalogueContext } from './api/catalogue.ts';
import { createHubClient, unreadable, type HubClientOptions } from './api/hub-client.ts';
import {
  assertRoom,
  discardFile,
  fetchFile,
  joinFiles,
  localBytes,
  missingBytes,
  resolveUrl,
  type FetchContext,
  type FetchOptions,
} from './cache/fetch-file.ts';
import { contentHash, type RemoteFile } from './cache/remote-file.ts';
import { isJoined } from './cache/join-pieces.ts';
import { pieceSets } from '../model-file/pieces.ts';
import { readHeads } from './api/heads.ts';
import { noRecords, type HubRecords } from './api/records.ts';
import { listRepository, openRemoteFile, type ReadCost, type RepositoryFiles } from './api/repository-files.ts';
import { readRemoteSummary, type RemoteSummary } from './api/remote-header.ts';
import { searchModels, type SearchInput } from './api/search.ts';
import { recommendModel } from './recommend/recommend-model.ts';
import { streamFile, type StreamOrder } from './transfer/stream-file.ts';
import { createTokenBucket } from './transfer/token-bucket.ts';
import type { Clock } from './transfer/order.ts';

export { assertSafePath, CACHE_TAG_NAME, isBlobName, isCommit, repoFolder } from './cache/cache-paths.ts';
export { cachedFilePath, listCache, listCachedRevision, removeCachedFiles } from './cache/cache.ts';
export {
  contentPath,
  isModelName,
  lacksMarks,
  listedModels,
  modelFilesOf,
  modelPaths,
  type CachedFile,
} from './cache/model-sets.ts';
export {
  scanCache,
  type ScannedFile,
  type ScannedRepository,
  type ScannedRevision,
  type ShardMark,
  type ShardMarks,
} from './cache/scan.ts';
export { findDuplicates, type Duplicate } from './cache/duplicates.ts';
export { findLeftovers, removeLeftovers } from './cache/leftovers.ts';
export type { FetchOptions } from './cache/fetch-file.ts';
export { remoteFileSchema, type RemoteFile } from './cache/remote-file.ts';
export type { ReadCost, RepositoryFiles } from './api/repository-files.ts';
export { createNetworkFetch, type ProxyOptions } from './api/network.ts';
export { causeOf } from './api/hub-client.ts';
export { looksLikePage } from './api/intermediaries.ts';
export { choosePath, orNamesOfFiles, severalFiles, type ModelPages } from './api/choose-path.ts';
export { recommend } from './api/recommend.ts';
export { isOutOfReach, type HubRecords } from './api/records.ts';
export { sha256OfFile } from './transfer/hash-file.ts';
export { parseRetryAfter } from './transfer/transfer-state.ts';
export type { Clock, TransferProgress } from './transfer/order.ts';

export interface HubOptions {
  /** The Hub's address; a function where it can change. */
  readonly endpoint: string | (() => string);
  readonly token: () => string | null;
  readonly fetch: typeof globalThis.fetch;
  /** The variable that keeps Hearth offline: every method that needs the network throws hub.offline before a socket is opened. Null: online. */
  readonly offlineBy: string | null;
  /** How long a response other than a file's may take to begin. Default 10 seconds. */
  readonly responseMs?: number;
  /** The root of the cache; called each time, because it can change. */
  readonly cacheFolder: () => string;
  /** The fit of files, which their load on this machine would have. */
  readonly fitOf: FitOf;
  /** The cache of earlier answers. Default: none. */
  readonly records?: HubRecords;
  readonly fileState: CatalogueContext['fileState'];
  readonly clock?: Clock;
  /** Default 30 seconds. */
  readonly stallMs?: number;
  /** The speed limit of all downloads together; called often, because it can change. Default: none. */
  readonly bytesPerSecond?: () => number | null;
  /** Default: 8 to 64 MiB, by the size of the file. */
  readonly segmentBytes?: number;
  /** Upper limit of connections per file. Default 8. */
  readonly maxConnections?: number;
  /** Opens partial files. Default: that of node:fs. */
  readonly openFile?: typeof open;
  /** Gives a complete file its name, and a ref its commit. Default: that of node:fs. */
  readonly renameFile?: typeof rename;
  /** Whether files are placed in snapshots as links, where links are possible. Default: yes. */
  readonly withLinks?: boolean;
  readonly freeBytes?: (folder: string) => Promise<number | null>;
}

export interface FitInput {
  readonly repoId: string;
  readonly path: string;
  readonly revision: string;
  /** Null: chosen automatically. */
  readonly contextSize: number | null;
  readonly kvCacheType: KvCacheType | null;
  readonly gpuLayers: number | null;
}
export interface RemoteFit {
  readonly fit: Fit;
  readonly requests: number;
  readonly headerBytes: number;
  readonly trainedContextSize: number | null;
}

export interface Hub {
  cacheFolder(): string;
  /** One page of models. Throws hub.offline, hub.unauthorized, hub.rate_limited, hub.bad_response. */
  search(
    input: SearchInput,
    signal: AbortSignal,
  ): Promise<{ models: readonly HubModelSummary[]; cursor: string | null; cachedAt: number | null }>;
  /** One model with its files. Throws hub.not_found, hub.gated and those of search. */
  model(repoId: string, revision: string, signal: AbortSignal): Promise<HubModel>;
  /** Whose token this is; see `checkToken`. Throws hub.unauthorized for a refused token, and those of search. */
  checkToken(token: string, signal: AbortSignal): Promise<{ readonly name: string | null }>;
  /** The one model to get next on this computer; see `recommendModel`. Throws what search does, but not hub.offline. */
  recommended(signal: AbortSignal): Promise<RecommendedModel | null>;
  /**
   * Whether a file fits in memory, by its header, which is read by range requests and cached; see `readRemoteSummary`.
   * Throws hub.*, model.corrupt, model.unsupported.
   */
  fit(input: FitInput, signal: AbortSignal): Promise<RemoteFit>;
  /** The current commits of `main` of these repositories; kept in the records. Throws hub.offline, hub.rate_limited. */
  heads(repoIds: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * The files to fetch for `path`: the file, all shards of its model, or the pieces that it was cut into, pinned to the current commit of `revision`. Throws
   * hub.gated, so that it does not come in the middle of a download, hub.unsafe_name, and those of model. `known` are the paths of the
   * files that the headers of an earlier version say are one model, in order: those that the revision still has come along.
   */
  resolve(
    repoId: string,
    path: string,
    revision: string,
    signal: AbortSignal,
    known?: readonly string[],
  ): Promise<readonly RemoteFile[]>;
  /** Every file of the commit that `revision` means now, with the license; see `listRepository`. Throws hub.*. */
  files(repoId: string, revision: string, signal: AbortSignal): Promise<RepositoryFiles>;
  /** A reader of ranges of a file, which adds to `cost`; see `openRemoteFile`. */
  openFile(file: RemoteFile, cost: ReadCost): (start: number, end: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** The bytes of a file in order, hashed on the way and not stored; see `streamFile`. */
  streamFile(file: RemoteFile, options: Pick<StreamOrder, 'signal' | 'onBytes' | 'log'>): AsyncGenerator<Uint8Array>;
  /** Downloads one file into the cache and returns its path; see `fetchFile`. */
  fetchFile(file: RemoteFile, options: FetchOptions): Promise<string>;
  /** Joins downloaded pieces to the file that they are, and returns its path; see `joinPieces`. Throws disk.*, model.corrupt. */
  joinPieces(
    files: readonly RemoteFile[],
    options: Pick<FetchOptions, 'folder' | 'ref' | 'signal' | 'onProgress'>,
  ): Promise<string>;
  /** Whether the files are pieces of one file that is in the cache at `folder`. */
  isJoined(folder: string, files: readonly RemoteFile[]): Promise<boolean>;
  /** The bytes of the file that are in the cache at `folder`. */
  localBytes(folder: string, file: RemoteFile): Promise<{ bytes: number; isComplete: boolean }>;
  /** The bytes of the files that are not in the cache at `folder` yet. */
  missingBytes(folder: string, files: readonly RemoteFile[]): Promise<number>;
  /** Free bytes for this user on the disk of `folder`; null when the system does not tell. */
  freeBytes(folder: string): Promise<number | null>;
  /** Throws disk.full with neededBytes and freeBytes when the missing bytes of the files do not fit at `folder`. */
  assertRoom(folder: string, files: readonly RemoteFile[]): Promise<void>;
  /** Deletes what an unfinished download left at `folder`, and with `complete` also the finished file. Throws disk.denied. */
  discardFile(folder: string, file: RemoteFile, options: { readonly complete: boolean }): Promise<void>;
}

/** A Hub at `endpoint`, huggingface.co or a mirror. Does no I/O before its methods are called. */
export function createHub(options: HubOptions): Hub {
  const clock = options.clock ?? systemClock;
  const { endpoint } = options;
  const clientOptions: HubClientOptions = {
    ...options,
    endpoint: typeof endpoint === 'string' ? () => endpoint : endpoint,
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  const client = createHubClient(clientOptions);
  const catalogue: CatalogueContext = {
    client,
    records: options.records ?? noRecords,
    now: () => clock.now(),
    offline: options.offlineBy !== null,
    fitOf: options.fitOf,
    fileState: options.fileState,
  };
  const headerReads = createSharedWork<RemoteSummary>();
  const context: FetchContext = {
    client,
    clock,
    stallMs: options.stallMs ?? 30_000,
    bucket: createTokenBucket(options.bytesPerSecond ?? (() => null), clock),
    segmentBytes: options.segmentBytes ?? null,
    maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
    openFile: options.openFile ?? open,
    renameFile: options.renameFile ?? rename,
    makeLink: options.withLinks === false ? null : symlink,
    freeBytes: options.freeBytes ?? freeDiskBytes,
  };

  const resolve: Hub['resolve'] = async (repoId, path, revision, signal, known = []) => {
    repoFolder(repoId);
    for (const one of [path, ...known]) assertSafePath(one);
    let paths = shardPaths(path);
    // HEAD on the file, as Python's library does: it tells the commit, and whether this account may read the file.
    const ask = () =>
      client.retried(signal, async (deadline) => {
        const answer = await client.send(resolveUrl(client, repoId, revision, paths[0] ?? path), {
          method: 'HEAD',
          headers: { 'accept-encoding': 'identity' },
          stopAtFile: true,
          signal,
          timeout: deadline.signal,
        });
        const isThere = answer.response.ok || answer.hubHeaders.has('x-linked-etag');
        if (!isThere) throw client.errorFor(answer.response.status, answer.response.headers, { repoId });
        return answer;
      });
    const head = await ask().catch(async (error: unknown) => {
      if (!isAppError(error, 'hub.not_found')) throw error;
      const names = await listWeights(client, repoId, revision, signal).catch(() => []);
      const pieces = pieceSets(names.map((file) => file.path)).get(path);
      if (pieces === undefined) throw error;
      paths = pieces;
      return await ask();
    });
    const commit = head.hubHeaders.get('x-repo-commit') ?? '';
    if (!isCommit(commit))
      throw new AppError('hub.bad_response', 'The Hub does not say which version of the file it gives.', { repoId });
    const mayLack = new Set(paths.length === 1 && paths[0] === path ? known.filter((one) => one !== path) : []);
    if (mayLack.size > 0) paths = known;

    const found = await (
      await loadHubLibrary()
    )
      .pathsInfo({
        repo: repoId,
        paths: [...paths],
        revision: commit,
        hubUrl: client.endpoint,
        fetch: client.api({ repoId }, signal),
      })
      .catch((error: unknown) => {
        throw unreadable(error, signal, repoId);
      });
    const infoOf = (shard: string) => found.find((entry) => entry.path === shard && entry.type === 'file');
    const wanted = paths.filter((shard) => !mayLack.has(shard) || infoOf(shard) !== undefined);
    const files = wanted.map((shard): RemoteFile => {
      const info = infoOf(shard);
      if (!info)
        throw new AppError('hub.not_found', 'A file of this model is missing on the Hub.', {
          reason: 'shard_missing',
          repoId,
          path: shard,
        });
      const file = {
        repoId,
        commit,
        path: shard,
        sizeBytes: info.size,
        sha256: info.lfs?.oid ?? null,
        gitOid: info.oid ?? '',
      };
      // A file without a hash could not be verified, and the hash becomes a file name.
      if (!Number.isSafeInteger(file.sizeBytes) || file.sizeBytes < 0 || !isBlobName(file.sha256 ?? file.gitOid)) {
        throw new AppError('hub.bad_response', 'The Hub gives no size or hash for this file.', {
          reason: 'no_hash',
          repoId,
          path: shard,
        });
      }
      return file;
    });
    const hashes = new Map(files.map((file) => [file.path, file.sha256 ?? file.gitOid]));
    catalogue.records.writeHashes(repoId, commit, hashes);
    return files;
  };

  return {
    cacheFolder: options.cacheFolder,
    search: (input, signal) => searchModels(catalogue, input, signal),
    model: (repoId, revision, signal) => readModel(catalogue, repoId, revision, signal),
    checkToken: (token, signal) => checkToken(clientOptions, token, signal),
    recommended: (signal) => recommendModel(catalogue, signal),
    async fit({ repoId, path, revision, contextSize, kvCacheType, gpuLayers }, signal) {
      // While a slider is dragged, many calls come before the first result is there.
      const key = JSON.stringify([client.endpoint, repoId, path, revision]);
      const { summary, requests, headerBytes } = await headerReads(key, signal, (shared) =>
        readRemoteSummary(catalogue, repoId, path, revision, shared),
      );
      const fit = options.fitOf(
        { modelId: `${repoId}/${path}`, sizeBytes: summary.weightsBytes, summary },
        {
          ...(contextSize !== null && { contextSize }),
          ...(kvCacheType !== null && { kvCacheType }),
          ...(gpuLayers !== null && { gpuLayers }),
        },
      );
      return { fit, requests, headerBytes, trainedContextSize: summary.contextLength };
    },
    async heads(repoIds, signal) {
      const heads = await readHeads(client, repoIds, signal);
      catalogue.records.writeHeads(heads, clock.now());
      return heads;
    },
    resolve,
    files: (repoId, revision, signal) => listRepository(client, repoId, revision, signal),
    openFile: (file, cost) => openRemoteFile(client, file, cost),
    streamFile: (file, streamOptions) =>
      streamFile(context, {
        ...{ repoId: file.repoId, path: file.path, sizeBytes: file.sizeBytes, hash: contentHash(file) },
        url: resolveUrl(client, file.repoId, file.commit, file.path),
        ...streamOptions,
      }),
    fetchFile: (file, fetchOptions) => fetchFile(context, file, fetchOptions),
    joinPieces: (files, joinOptions) => joinFiles(context, files, joinOptions),
    isJoined,
    localBytes,
    missingBytes,
    freeBytes: (folder) => context.freeBytes(folder),
    assertRoom: (folder, files) => assertRoom(context, folder, files),
    discardFile: (folder, file, discardOptions) => discardFile(context, folder, file, discardOptions),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};
