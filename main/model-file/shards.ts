/** Models split over several files, as `llama-gguf-split` names them: `NAME-00001-of-00003.gguf`. */

export interface Shard {
  /** The path without the shard suffix and the extension. */
  readonly prefix: string;
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** The most shards that one model may have here. The largest published sets have about 200; a name that claims more is an attack. */
const MAX_SHARDS = 1000;

/** Reads a shard's name or path. Null for a file that is not one of several, and for a name whose numbers make no sense. */
export function parseShard(path: string): Shard | null {
  const match = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/is.exec(path);
  if (!match) return null;
  const [number, count] = [Number(match[2]), Number(match[3])];
  if (count < 1 || count > MAX_SHARDS || number < 1 || number > count) return null;
  return { prefix: match[1] ?? '', number, count };
}

/** Every path of the set that `path` is one of, in order; `path` alone when it is a whole model. */
export function shardPaths(path: string): readonly string[] {
  const shard = parseShard(path);
  if (!shard) return [path];
  const extension = path.slice(-'.gguf'.length);
  const digits = (value: number): string => String(value).padStart(5, '0');
  return Array.from(
    { length: shard.count },
    (_, index) => `${shard.prefix}-${digits(index + 1)}-of-${digits(shard.count)}${extension}`,
  );
}

/** The first path of the set, which is the one that stands for the model in ids. */
export function firstShardPath(path: string): string {
  return shardPaths(path)[0] ?? path;
}
