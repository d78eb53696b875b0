/**
 * Reads the whole cache. File system calls are synchronous, because ten thousand of them take three times as long through the thread
 * pool; between two folders the scan yields to other work once it has held the thread for `SLICE_MS`.
 *
 * A repository is not read again while the modification times of its folders and of its copies are the same. A very recent time proves nothing, because
 * file system clocks are coarse: such a repository is read again at the next scan.
 */
import { readdirSync, readFileSync, readlinkSync, statSync, type Dirent, type Stats } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isBlobName, isCommit, isSafePath, repoIdOfFolder } from './cache-paths.ts';

export interface ScannedFile {
  readonly path: string;
  /** The name of the blob; null for a copy in the snapshot; empty for a link to any other place. */
  readonly blob: string | null;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

export interface ScannedRevision {
  readonly commit: string;
  readonly modifiedAtMs: number;
  /** Complete files, sorted by path. */
  readonly files: readonly ScannedFile[];
}

/** What the header of a file says of the model that it is part of. */
export interface ShardMark {
  /** The path of the model's first file; null where the other files are not there, or unsure. */
  readonly first: string | null;
  /** From 1. */
  readonly number: number;
  /** 1 for a whole model. */
  readonly count: number;
  /** The rounded time of the file that was read. */
  readonly modifiedAtMs: number;
}

/** The marks by `<commit>/<path>`. A repository has none until one of its files says that it is a shard; then each file has one. */
export type ShardMarks = Readonly<Record<string, ShardMark>>;

export interface ScannedRepository {
  readonly repoId: string;
  readonly revisions: readonly ScannedRevision[];
  /** Commits by branch or tag. */
  readonly refs: Readonly<Record<string, string>>;
  /** Blobs whose bytes are in the shared store of several repositories, with their name there; see `shared-blobs.ts`. */
  readonly shared: Readonly<Record<string, string>>;
  /** Names in `blobs` that no snapshot points to: unfinished downloads and leftover blobs. */
  readonly loose: readonly string[];
  /**
   * Files with a wrong hash: path in the repository's folder (`blobs/<name>`, or `snapshots/<commit>/<path>` for a copy) to the
   * modification time of the damaged content.
   */
  readonly damaged: Readonly<Record<string, number>>;
  /** What the headers of files under names of their own say of the model that they are part of. */
  readonly shards: ShardMarks;
  /** The repository's folder is a link: its content is in another place and is never deleted. */
  readonly isLink: boolean;
  /**
   * Modification times of the folders, refs and copies that were read, by path in the repository's folder; empty when they are too recent to
   * be trusted. As JSON text, because only a scan of the disk parses it, and the index loads thousands of them before that.
   */
  readonly times: string;
}

export interface CacheScan {
  readonly repositories: ReadonlyMap<string, ScannedRepository>;
  /** Repositories that were read again, and those that no longer exist. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Longest time without yielding to other work. */
const SLICE_MS = 4;
/** Times younger than this are not trusted: FAT has a resolution of two seconds. */
const SETTLED_MS = 2500;
const MAX_DEPTH = 8;

/**
 * Reads the cache at `folder`; of the repositories in `known` only those that changed. A missing folder is an empty cache; anything
 * broken or unreadable is left out. `now` is an argument for tests. Never throws.
 */
export async function scanCache(
  folder: string,
  known: ReadonlyMap<string, ScannedRepository> = new Map(),
  now = Date.now,
): Promise<CacheScan> {
  const repositories = new Map<string, ScannedRepository>();
  const changed: string[] = [];
  const work = function* (): Generator<void> {
    for (const entry of entries(folder)) {
      const repoId = repoIdOfFolder(entry.name);
      if (repoId === null) continue;
      const root = join(folder, entry.name);
      const before = known.get(repoId);
      const same = before !== undefined && (yield* hasSameTimes(root, before));
      if (!same) changed.push(repoId);
      repositories.set(repoId, same ? before : yield* scanRepository(folder, root, entry, repoId, before, now()));
    }
  };
  let since = performance.now();
  for (const _step of work()) {
    if (performance.now() - since < SLICE_MS) continue;
    await turn();
    since = performance.now();
  }
  return { repositories, changed, removed: [...known.keys()].filter((repoId) => !repositories.has(repoId)) };
}

/** None where what was kept of them cannot be read. */
function readTimes(kept: string): Record<string, number> {
  try {
    return (JSON.parse(kept) as Record<string, number> | null) ?? {};
  } catch {
    return {};
  }
}

function* hasSameTimes(root: string, known: ScannedRepository): Generator<void, boolean> {
  const times = Object.entries(readTimes(known.times));
  for (const [inside, time] of times) {
    if (facts(`${root}/${inside}`)?.mtimeMs !== time) return false;
  }
  yield;
  return times.length > 0;
}

function* scanRepository(
  folder: string,
  root: string,
  entry: Dirent,
  repoId: string,
  before: ScannedRepository | undefined,
  startedAt: number,
): Generator<void, ScannedRepository> {
  const times: Record<string, number> = {};
  const note = (inside: string): number => {
    const time = facts(`${root}/${inside}`)?.mtimeMs ?? 0;
    if (time > 0) times[inside] = time;
    return time;
  };
  for (const inside of ['.', 'blobs', 'snapshots', 'refs']) note(inside);

  const refs: Record<string, string> = {};
  readRefs(root, 'refs', refs, note);
  const { blobs, shared } = readBlobs(folder, root);
  yield;

  const used = new Set<string>();
  const revisions: ScannedRevision[] = [];
  for (const snapshot of entries(join(root, 'snapshots'))) {
    if (!isCommit(snapshot.name) || !snapshot.isDirectory()) continue;
    const files: ScannedFile[] = [];
    const modifiedAtMs = note(`snapshots/${snapshot.name}`);
    yield* readSnapshot(root, `snapshots/${snapshot.name}`, '', { blobs, used, files, note });
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    revisions.push({ commit: snapshot.name, modifiedAtMs, files });
  }
  const settled = Object.values(times).every((time) => startedAt - time > SETTLED_MS);
  return {
    repoId,
    revisions,
    refs,
    shared,
    loose: [...blobs.keys()].filter((name) => !used.has(name)),
    // Content that was downloaded again has another time and is not damaged any more.
    damaged: Object.fromEntries(
      Object.entries(before?.damaged ?? {}).filter(([inside, time]) => facts(`${root}/${inside}`)?.mtimeMs === time),
    ),
    shards: stillValid(before?.shards ?? {}, revisions),
    isLink: entry.isSymbolicLink(),
    times: JSON.stringify(settled ? times : {}),
  };
}

/** The marks of files that are unchanged since. */
function stillValid(marks: ShardMarks, revisions: readonly ScannedRevision[]): ShardMarks {
  if (Object.keys(marks).length === 0) return {};
  const times = new Map<string, number>(
    revisions.flatMap(({ commit, files }) =>
      files.map(({ path, modifiedAtMs }) => [`${commit}/${path}`, Math.round(modifiedAtMs)] as const),
    ),
  );
  return Object.fromEntries(Object.entries(marks).filter(([name, mark]) => times.get(name) === mark.modifiedAtMs));
}

interface Reading {
  readonly blobs: ReadonlyMap<string, Stats>;
  readonly used: Set<string>;
  readonly files: ScannedFile[];
  readonly note: (inside: string) => number;
}

/** Adds the files below `inside` to `reading`. Folders that are links are not entered. */
function* readSnapshot(root: string, snapshot: string, inside: string, reading: Reading): Generator<void> {
  if (inside.split('/').length > MAX_DEPTH) return;
  const here = inside === '' ? `${root}/${snapshot}` : `${root}/${snapshot}/${inside}`;
  // The usual beginning of a link to a blob, compared as text: `resolve` for ten thousand links would be slow.
  const toBlobs = `${'../'.repeat(inside === '' ? 2 : 2 + inside.split('/').length)}blobs/`;
  for (const entry of entries(here)) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) {
      reading.note(`${snapshot}/${path}`);
      yield* readSnapshot(root, snapshot, path, reading);
      continue;
    }
    const link = entry.isSymbolicLink() ? readLink(`${here}/${entry.name}`) : null;
    const blob = link === null ? null : blobOf(root, here, link, toBlobs);
    // A blob is in use even when the name that points to it is unsafe.
    if (blob !== null) reading.used.add(blob);
    if (!isSafePath(path)) continue;
    const known = blob === null ? undefined : reading.blobs.get(blob);
    const info = known ?? facts(`${here}/${entry.name}`);
    // No facts: a broken link, whose blob was deleted.
    if (info?.isFile() !== true) continue;
    // A copy may still be growing, which leaves the folder's time.
    if (link === null) reading.note(`${snapshot}/${path}`);
    const name = link === null ? null : blob !== null && isBlobName(blob) ? blob : '';
    reading.files.push({ path, blob: name, sizeBytes: info.size, modifiedAtMs: info.mtimeMs });
  }
  yield;
}

/** The blob that a snapshot link points to; null for any other target. */
function blobOf(root: string, here: string, link: string, toBlobs: string): string | null {
  if (link.startsWith(toBlobs)) {
    const name = link.slice(toBlobs.length);
    if (isBlobName(name)) return name;
  }
  const target = resolve(here, link);
  return dirname(target) === join(resolve(root), 'blobs') ? basename(target) : null;
}

function readBlobs(folder: string, root: string): { blobs: Map<string, Stats>; shared: Record<string, string> } {
  const blobs = new Map<string, Stats>();
  const shared: Record<string, string> = {};
  for (const entry of entries(join(root, 'blobs'))) {
    if (entry.isDirectory()) continue;
    const file = `${root}/blobs/${entry.name}`;
    const info = facts(file);
    if (info) blobs.set(entry.name, info);
    const target = entry.isSymbolicLink() ? readLink(file) : null;
    const hash = target?.slice(-64) ?? '';
    if (/^[0-9a-f]{64}$/.test(hash) && resolve(dirname(file), target ?? '') === sharedPath(folder, hash))
      shared[entry.name] = hash;
  }
  return { blobs, shared };
}

function sharedPath(folder: string, hash: string): string {
  return join(resolve(folder), 'blobs', hash.slice(0, 2), hash);
}

/** Reads the refs. Each one's own time is noted, because Python overwrites refs in place, which leaves the folder's time. */
function readRefs(root: string, inside: string, refs: Record<string, string>, note: (inside: string) => number): void {
  for (const entry of entries(join(root, inside))) {
    const path = `${inside}/${entry.name}`;
    if (entry.isDirectory() && path.split('/').length < 6) {
      note(path);
      readRefs(root, path, refs, note);
    }
    if (!entry.isFile()) continue;
    note(path);
    const commit = readText(join(root, path)).trim();
    if (isCommit(commit)) refs[path.slice('refs/'.length)] = commit;
  }
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
function facts(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
function readLink(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
