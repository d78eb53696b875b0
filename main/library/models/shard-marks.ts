/** Reads which files of a repository of the cache are one model, from the headers of all its snapshots. */
import { cachedFilePath, isModelName, type ScannedRepository, type ShardMark, type ShardMarks } from '../../hub/hub.ts';
import { joinByHeader, joinShards, loneShard, type ModelFile } from './model-files.ts';
import { readModelHeader } from './model-header.ts';

/** The marks of every GGUF file. Damage does not matter here: a header that can be read tells where the file belongs. Never throws. */
export async function readShardMarks(folder: string, { repoId, revisions }: ScannedRepository): Promise<ShardMarks> {
  const marks: Record<string, ShardMark> = {};
  const read = async (file: ModelFile) => ({ file, ...(await readModelHeader(file)) });
  for (const { commit, files } of revisions) {
    const entries = files
      .filter(({ path }) => isModelName(path))
      .map(({ path, sizeBytes, modifiedAtMs }) => {
        const openPath = cachedFilePath(folder, repoId, commit, path);
        return { repoId, commit, path, sizeBytes, modifiedAtMs, openPath };
      });
    const alone = [];
    for (const file of joinShards(entries)) alone.push(await read(file));
    const byName = new Set(alone.map(({ file }) => file));
    for (const { file, problem } of await joinByHeader(alone, read)) {
      // Names of llama.cpp's form need no mark.
      if (byName.has(file) && (file.shards.length > 1 || file.missingShards > 0)) continue;
      const lone = file.shards.length > 1 ? null : loneShard(problem);
      for (const [index, { path, modifiedAtMs }] of file.shards.entries())
        marks[`${commit}/${path}`] = {
          first: file.shards.length > 1 ? file.path : null,
          number: lone?.number ?? index + 1,
          count: lone?.count ?? file.shards.length,
          modifiedAtMs: Math.round(modifiedAtMs),
        };
    }
  }
  return marks;
}
