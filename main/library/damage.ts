/** Files that a check has found damaged. */
import { contentPath, modelFilesOf, removeCachedFiles, type ScannedRepository } from '../hub/hub.ts';
import { firstShardPath } from '../model-file/shards.ts';

/**
 * Takes the damaged bytes of a file and of its other shards away, so that a download brings them again. Gives whether there were
 * any. Throws what the file system throws.
 */
export async function discardDamagedFiles(
  folder: string,
  repository: ScannedRepository,
  path: string,
): Promise<boolean> {
  if (Object.keys(repository.damaged).length === 0) return false;
  const wanted = new Set(
    modelFilesOf(folder, repository)
      .filter((file) => firstShardPath(file.path) === firstShardPath(path) && file.isDamaged)
      .map((file) => file.path),
  );
  wanted.add(path);
  const names = repository.revisions.flatMap(({ commit, files }) =>
    files
      .filter((file) => wanted.has(file.path) && contentPath(commit, file) in repository.damaged)
      .map((file) => ({ commit, path: file.path })),
  );
  if (names.length === 0) return false;
  await removeCachedFiles(folder, repository.repoId, names);
  return true;
}
