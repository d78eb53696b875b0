/** Keeps in the cache's index which files of a repository are one model, where only their headers tell. */
import type { ScannedRepository } from '../../hub/hub.ts';
import type { CacheIndex } from '../cache-index.ts';
import { readShardMarks } from '../models/shard-marks.ts';

export interface ShardNotesOptions {
  readonly index: CacheIndex;
  readonly folder: () => string;
  /** Called when files were found to be one model, or to be none any more. */
  readonly onChange: () => void;
}

/** Returns `noteShards` of the storage. A repository is read once, until it changes on the disk. */
export function createShardNotes({ index, folder, onChange }: ShardNotesOptions) {
  /** The repositories whose headers were read. One that changes on the disk is another object. */
  const noted = new WeakSet<ScannedRepository>();

  return async (repoIds: Iterable<string>): Promise<boolean> => {
    const at = folder();
    let hasChanged = false;
    for (const repoId of repoIds) {
      const repository = index.known()?.get(repoId);
      if (!repository || noted.has(repository)) continue;
      const shards = await readShardMarks(at, repository);
      // Another scan, or another folder, is noted when its files are listed.
      if (at !== folder() || index.known()?.get(repoId) !== repository) continue;
      noted.add(repository);
      if (JSON.stringify(shards) === JSON.stringify(repository.shards)) continue;
      const marked = { ...repository, shards };
      noted.add(marked);
      index.put(marked);
      hasChanged = true;
    }
    if (hasChanged) onChange();
    return hasChanged;
  };
}
