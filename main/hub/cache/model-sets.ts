/**
 * Which files of a repository are one model, and which of its snapshots a model is taken from: the one place where that is decided. Names
 * of llama.cpp's form tell it, and for other names what the headers say, which the index of the cache keeps as marks.
 */
import { join } from 'node:path';
import { firstShardPath, parseShard, shardPaths } from '../../model-file/shards.ts';
import { repoFolder } from './cache-paths.ts';
import type { ScannedFile, ScannedRepository, ScannedRevision } from './scan.ts';

/** A GGUF file, or one shard of a model, as a program opens it. */
export interface CachedFile {
  readonly repoId: string;
  readonly commit: string;
  /** Its path in the repository. */
  readonly path: string;
  /** The path of the content: the blob, where links are possible. */
  readonly realPath: string;
  /** The content was verified and has a wrong hash. */
  readonly isDamaged: boolean;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The set that it is part of, where its header told that. */
  readonly set?: { readonly first: string; readonly number: number; readonly count: number };
}

/** The path of a file's content in the repository's folder: its blob, or its snapshot name where that is a copy or another link. */
export function contentPath(commit: string, { blob, path }: Pick<ScannedFile, 'blob' | 'path'>): string {
  return blob ? `blobs/${blob}` : `snapshots/${commit}/${path}`;
}

/**
 * Tells the path of the model that a file belongs to, which stands for it in ids. A file that has no mark, or whose others are missing in
 * its snapshot, belongs to the model of the same path in another one; so an unfinished update is part of the model that it updates.
 */
export function modelPaths({ shards }: Pick<ScannedRepository, 'shards'>): (commit: string, path: string) => string {
  const joined = new Map<string, string>();
  for (const [name, { first }] of Object.entries(shards))
    if (first !== null) joined.set(name.slice(name.indexOf('/') + 1), first);
  return (commit, path) => {
    const mark = shards[`${commit}/${path}`];
    if (mark?.count === 1) return firstShardPath(path);
    return mark?.first ?? joined.get(path) ?? firstShardPath(path);
  };
}

/** Whether the headers of a repository must be read: some files have marks, and others came since. */
export function lacksMarks({ shards, revisions }: Pick<ScannedRepository, 'shards' | 'revisions'>): boolean {
  if (Object.keys(shards).length === 0) return false;
  return revisions.some(({ commit, files }) =>
    files.some(
      ({ path }) => isModelName(path) && parseShard(path) === null && !Object.hasOwn(shards, `${commit}/${path}`),
    ),
  );
}

/** Each model of the repository once: from a snapshot that has it whole, of `main` before other refs, and of those before the newest. */
export function modelFilesOf(folder: string, repository: ScannedRepository): CachedFile[] {
  const { repoId, damaged, shards } = repository;
  const root = join(folder, repoFolder(repoId));
  return listedModels(repository).map(({ commit, file }) => {
    const { path, sizeBytes, modifiedAtMs } = file;
    const inside = contentPath(commit, file);
    const { first = null, number = 1, count = 1 } = shards[`${commit}/${path}`] ?? {};
    return {
      repoId,
      commit,
      path,
      realPath: join(root, inside),
      isDamaged: inside in damaged,
      sizeBytes,
      modifiedAtMs,
      ...(first !== null && { set: { first, number, count } }),
    };
  });
}

interface ListedFile {
  readonly commit: string;
  readonly file: ScannedFile;
  /** The path of the model that it belongs to. */
  readonly modelPath: string;
}

/**
 * The same as `modelFilesOf`, as scanned files with their commits. The snapshot is chosen per model: one that has all shards, none of
 * them damaged, comes before the others, so that an unfinished update does not take the place of the model that works.
 */
export function listedModels(repository: ScannedRepository): ListedFile[] {
  const { refs, revisions, damaged, shards: marks } = repository;
  const pathOf = modelPaths(repository);
  const [only, ...others] = revisions;
  if (!only) return [];
  if (others.length === 0) {
    const { commit, files } = only;
    return files
      .filter(({ path }) => isModelName(path))
      .map((file) => ({ commit, file, modelPath: pathOf(commit, file.path) }));
  }
  const pointed = new Set(Object.values(refs));
  const rank = (commit: string): number => (refs['main'] === commit ? 2 : pointed.has(commit) ? 1 : 0);
  const ordered = [...revisions].sort((a, b) => rank(b.commit) - rank(a.commit) || b.modifiedAtMs - a.modifiedAtMs);
  const found = new Map<string, ShardSet>();
  for (const revision of ordered) {
    const { commit } = revision;
    for (const [modelPath, shards] of setsOf(revision, pathOf)) {
      const counts = shards.map(({ path }) => marks[`${commit}/${path}`]?.count ?? shardPaths(path).length);
      const isWhole =
        shards.length >= Math.max(...counts) &&
        !shards.some((shard) => Object.hasOwn(damaged, contentPath(commit, shard)));
      const before = found.get(modelPath);
      if (before === undefined || (isWhole && !before.isWhole)) found.set(modelPath, { commit, shards, isWhole });
    }
  }
  return [...found].flatMap(([modelPath, { commit, shards }]) => shards.map((file) => ({ commit, file, modelPath })));
}

interface ShardSet {
  readonly commit: string;
  readonly shards: readonly ScannedFile[];
  /** All shards are there, and none is damaged. */
  readonly isWhole: boolean;
}

/** The GGUF files of a snapshot by the path of their model. */
function setsOf(
  { commit, files }: ScannedRevision,
  pathOf: ReturnType<typeof modelPaths>,
): ReadonlyMap<string, readonly ScannedFile[]> {
  return Map.groupBy(
    files.filter(({ path }) => isModelName(path)),
    ({ path }) => pathOf(commit, path),
  );
}

export function isModelName(path: string): boolean {
  return path.slice(-5).toLowerCase() === '.gguf';
}
