/** Models split into several files (shards), as `llama-gguf-split` names them: `NAME-00001-of-00003.gguf`. */

export interface Shard {
  /** The path without the shard suffix and the extension. */
  readonly prefix: string;
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** The largest published models have about 200 shards: a name that claims far more is an attack. */
const MAX_SHARDS = 1000;

/** Parses a shard's name or path; null for a file that is no shard, and for a name with impossible numbers. */
export function parseShard(path: string): Shard | null {
  const match = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/is.exec(path);
  if (!match) return null;
  const [number, count] = [Number(match[2]), Number(match[3])];
  if (count < 1 || count > MAX_SHARDS || number < 1 || number > count) return null;
  return { prefix: match[1] ?? '', number, count };
}

/** The paths of all shards of the model that `path` belongs to, in order; `path` alone when it is no shard. */
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

/** The path of the first shard, which stands for the model in ids. */
export function firstShardPath(path: string): string {
  return shardPaths(path)[0] ?? path;
}
