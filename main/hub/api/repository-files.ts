/** The files of one commit of a repository, and parts of them by range requests: what is needed to look into a checkpoint. */
import type { ListFileEntry } from '@huggingface/hub';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { isBlobName, isCommit, isSafePath, repoFolder } from '../cache/cache-paths.ts';
import { resolveUrl } from '../cache/fetch-file.ts';
import type { RemoteFile } from '../cache/remote-file.ts';
import { detailFields, detailOf, repositoryFacts, summaryOf } from './facts.ts';
import { unreadable, type HubClient } from './hub-client.ts';
import { loadHubLibrary } from './hub-library.ts';
import { readRange } from './remote-range.ts';

export interface RepositoryFiles {
  /** As the Hub spells it. */
  readonly repoId: string;
  readonly commit: string;
  readonly license: string | null;
  readonly baseModel: string | null;
  /** Those whose names can be stored safely and whose hashes the Hub lists. */
  readonly files: readonly RemoteFile[];
}

/** More files than any model has; longer lists are cut. */
const MAX_FILES = 20_000;

/** Every file of the commit that `revision` means now. Throws hub.*, hub.unsafe_name. */
export async function listRepository(
  client: HubClient,
  repoId: string,
  revision: string,
  signal: AbortSignal,
): Promise<RepositoryFiles> {
  repoFolder(repoId);
  const found = await repositoryFacts(client, repoId, revision, detailFields, signal);
  const commit = typeof found['sha'] === 'string' && isCommit(found['sha']) ? found['sha'] : null;
  if (commit === null)
    throw new AppError('hub.bad_response', 'The Hub does not say which version of the model it shows.', { repoId });
  const files: RemoteFile[] = [];
  let seen = 0;
  try {
    for await (const entry of (await loadHubLibrary()).listFiles({
      repo: found.id,
      revision: commit,
      recursive: true,
      hubUrl: client.endpoint,
      fetch: client.api({ repoId }, signal),
    })) {
      const file = remoteFile(found.id, commit, entry);
      if (file !== null) files.push(file);
      if (++seen >= MAX_FILES) break;
    }
  } catch (error) {
    throw unreadable(error, signal, repoId);
  }
  return { repoId: found.id, commit, license: summaryOf(found).license, baseModel: detailOf(found).baseModel, files };
}

function remoteFile(repoId: string, commit: string, entry: Partial<ListFileEntry>): RemoteFile | null {
  const { type, path, size, lfs, oid } = entry;
  if (type !== 'file' || typeof path !== 'string' || !isSafePath(path)) return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  const sha256 = lfs?.oid ?? null;
  const gitOid = oid ?? '';
  return isBlobName(sha256 ?? gitOid) ? { repoId, commit, path, sizeBytes: size, sha256, gitOid } : null;
}

/** What reading a file at the Hub has cost. */
export interface ReadCost {
  requests: number;
  bytes: number;
}

/**
 * A reader of ranges of a file; both ends are within the file. Adds to `cost`. Throws hub.*, and model.corrupt (`reason: 'changed'`) where
 * the file is another than was listed.
 */
export function openRemoteFile(
  client: HubClient,
  file: RemoteFile,
  cost: ReadCost,
): (start: number, end: number, signal: AbortSignal) => Promise<Uint8Array> {
  const hubUrl = resolveUrl(client, file.repoId, file.commit, file.path);
  let directUrl: string | null = null;
  return async (start, end, signal) => {
    const options = {
      signal,
      onRequests: (count: number) => void (cost.requests += count),
      onBytes: (count: number) => void (cost.bytes += count),
    };
    const ask = (url: string) => readRange(client, { ...file, url }, start, end, options);
    const known = directUrl;
    const range = await ask(known ?? hubUrl).catch((error: unknown) => {
      // The redirect target expires after a while.
      if (known === null || !isAppError(error)) throw error;
      return ask(hubUrl);
    });
    ({ directUrl } = range);
    if (range.fileBytes !== file.sizeBytes)
      throw new AppError('model.corrupt', `${file.path} has another size than the Hub lists.`, {
        ...{ reason: 'changed', field: file.path, expected: file.sizeBytes, found: range.fileBytes },
      });
    return range.bytes;
  };
}
