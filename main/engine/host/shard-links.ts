/** Links by which llama.cpp finds the shards of a model that have other names than its own. */
import { link, mkdtemp, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { shardPaths } from '../../model-file/shards.ts';

export interface LinkedShards extends AsyncDisposable {
  /** The first shard, by the name that llama.cpp takes. */
  readonly path: string;
}

/**
 * The model at `file`, through links in a new folder below `folder` (null: the system's temporary one) where `shards`, all its files in
 * order, do not have the names that llama.cpp looks for. The links are needed only while the model is loaded.
 * @throws AppError `model.unsupported` with the reason `no_links` where the system makes neither symbolic nor hard links to them.
 */
export async function linkShards(
  file: string,
  shards: readonly string[],
  folder: string | null,
): Promise<LinkedShards> {
  const [first = file] = shards;
  const wanted = shardPaths(first);
  // llama.cpp tells the names apart by case as well.
  if (shards.length < 2 || (first.endsWith('.gguf') && shards.every((shard, index) => shard === wanted[index])))
    return { path: file, [Symbol.asyncDispose]: async () => {} };
  const count = shards.length;
  let place: string | null = null;
  const remove = async (): Promise<void> => {
    // An open hard link stays on Windows, until its folder is deleted with the child's.
    if (place !== null) await rm(place, { recursive: true, force: true }).catch(() => {});
  };
  try {
    place = await mkdtemp(path.join(folder ?? os.tmpdir(), 'shards-'));
    const names = shardPaths(path.join(place, `model-00001-of-${String(count).padStart(5, '0')}.gguf`));
    for (const [index, shard] of shards.entries()) {
      const name = names[index] ?? '';
      // Windows allows symbolic links to administrators and in developer mode alone.
      await symlink(path.resolve(shard), name, 'file').catch(() => link(shard, name));
    }
    return { path: names[0] ?? file, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw new AppError(
      'model.unsupported',
      `The ${String(count)} files of this model have names by which llama.cpp does not find them, and this system makes no links to them. Give them names that end in -00001-of-${String(count).padStart(5, '0')}.gguf and so on.`,
      { reason: 'no_links', shardCount: count },
      { cause: error },
    );
  }
}
