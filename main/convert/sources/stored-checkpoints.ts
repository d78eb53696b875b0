/** The safetensors repositories in the cache of this computer. */
import type { StoredCheckpoint } from '../../../preload/contract/convert.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { isCommit, scanCache, type ScannedRepository, type ScannedRevision } from '../../hub/hub.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { findWeights } from '../checkpoint/weight-files.ts';
import { snapshotFolder } from './hub-source.ts';

/** Those whose weights are complete, by their names. Never throws for a single one. */
export async function listStoredCheckpoints(cacheFolder: string): Promise<readonly StoredCheckpoint[]> {
  const { repositories } = await scanCache(cacheFolder);
  const found: StoredCheckpoint[] = [];
  for (const repository of repositories.values())
    for (const revision of newestFirst(repository)) {
      const sizeBytes = await weightBytes(cacheFolder, repository.repoId, revision);
      if (sizeBytes === null) continue;
      found.push({ repoId: repository.repoId, revision: revision.commit, sizeBytes });
      break;
    }
  return found.sort((a, b) => (a.repoId < b.repoId ? -1 : 1));
}

/** The commit in the cache that `revision` means; null where there is none. */
export async function findStoredCommit(cacheFolder: string, repoId: string, revision: string): Promise<string | null> {
  const { repositories } = await scanCache(cacheFolder);
  const repository = [...repositories.values()].find((one) => one.repoId.toLowerCase() === repoId.toLowerCase());
  const commit = isCommit(revision) ? revision : repository?.refs[revision];
  return repository?.revisions.some((one) => one.commit === commit) === true ? (commit ?? null) : null;
}

const newestFirst = ({ revisions, refs }: ScannedRepository): readonly ScannedRevision[] =>
  [...revisions].sort(
    (a, b) => Number(b.commit === refs['main']) - Number(a.commit === refs['main']) || b.modifiedAtMs - a.modifiedAtMs,
  );

/** The bytes of its weights; null where it has none, or not all. */
async function weightBytes(cacheFolder: string, repoId: string, revision: ScannedRevision): Promise<number | null> {
  const has = (pattern: RegExp): boolean => revision.files.some((file) => pattern.test(file.path));
  if (!has(/^config\.json$/) || !has(/^[^/]+\.safetensors$/)) return null;
  try {
    const source = await openLocalSource(snapshotFolder(cacheFolder, repoId, revision.commit));
    try {
      const { files } = await findWeights(source);
      return source.files.reduce((sum, file) => sum + (files.includes(file.path) ? file.sizeBytes : 0), 0);
    } finally {
      await source.close();
    }
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
