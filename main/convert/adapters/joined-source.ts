/** A base and its adapter as one checkpoint, so that one reader finds the files of both. */
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { StoredTensor } from '../checkpoint/checkpoint-tensor.ts';

/** No file of a checkpoint begins with this. */
const PREFIX = 'adapter:';

/** The same tensor in a joined source. */
export const inJoined = (stored: StoredTensor): StoredTensor => ({ ...stored, file: PREFIX + stored.file });

/** The files of `base` under their own paths, and those of `adapter` as `inJoined` names them. Closing it closes both. */
export function joinedSource(base: CheckpointSource, adapter: CheckpointSource): CheckpointSource {
  const route = (path: string): readonly [CheckpointSource, string] =>
    path.startsWith(PREFIX) ? [adapter, path.slice(PREFIX.length)] : [base, path];
  return {
    files: [...base.files, ...adapter.files.map((file) => ({ ...file, path: PREFIX + file.path }))],
    commit: base.commit,
    async read(path, start, end, into) {
      const [source, own] = route(path);
      return await source.read(own, start, end, into);
    },
    async assertUnchanged(path) {
      const [source, own] = route(path);
      await source.assertUnchanged(own);
    },
    async close() {
      await Promise.all([base.close(), adapter.close()]);
    },
  };
}
