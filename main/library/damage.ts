/** Deletes files that a verification found damaged. */
import { contentPath, modelFilesOf, modelPaths, removeCachedFiles, type ScannedRepository } from '../hub/hub.ts';

/**
 * Deletes a damaged file and the damaged ones of its other shards, so that a download fetches them again. False when none was damaged.
 * Throws file system errors.
 */
export async function discardDamagedFiles(
  folder: string,
  repository: ScannedRepository,
  path: string,
): Promise<boolean> {
  if (Object.keys(repository.damaged).length === 0) return false;
  const modelPath = modelPaths(repository);
  const wanted = new Set(
    modelFilesOf(folder, repository)
      .filter((file) => modelPath(file.commit, file.path) === modelPath('', path) && file.isDamaged)
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
