/** The index of the cache: its last scan, in memory and in the database, with changes read from the disk. */
import { watch, type FSWatcher } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { scanCache, type ScannedFile, type ScannedRepository, type ScannedRevision } from '../hub/hub.ts';
import { readCacheIndex, writeCacheIndex, type CacheRepositoryRow } from '../store/cache-files.ts';
import { readJsonObject } from '../store/json.ts';
import type { Store } from '../store/store.ts';

export interface CacheIndex {
  /** The last scan of this process or an earlier one; null for a cache that was never scanned. */
  known(): ReadonlyMap<string, ScannedRepository> | null;
  /** Whether the present folder was scanned in this process. */
  isFresh(): boolean;
  /** Reads the changes on the disk and calls `onChange`. Simultaneous calls share one scan. Never throws. */
  rescan(): Promise<ReadonlyMap<string, ScannedRepository>>;
  /** Replaces one repository in the index, until it changes on the disk. */
  put(repository: ScannedRepository): void;
  /** Waits until the index is written to the database. */
  close(): Promise<void>;
}

export interface CacheIndexOptions {
  readonly store: Store;
  readonly folder: () => string;
  readonly onChange: () => void;
  readonly log: (line: string) => void;
}

/**
 * The stored form of a repository. Path, blob, size and time of a revision's files are in one flat list with `FIELDS` values each, which
 * is the fastest form to read. Only this file writes it, and every change of the form needs a new number.
 */
interface Details extends Omit<ScannedRepository, 'repoId' | 'revisions' | 'times' | 'shards'> {
  /** Missing in the rows of earlier versions. */
  readonly shards?: ScannedRepository['shards'];
  readonly form: typeof FORM;
  readonly revisions: readonly (readonly [
    commit: string,
    modifiedAtMs: number,
    files: readonly (string | number | null)[],
  ])[];
}

const FORM = 2;
const FIELDS = 4;
/** Repositories per write. More would block the thread for longer than a frame of the window. */
const WRITE_COUNT = 40;
/** Delay from a change on the disk to the scan, since a download makes many changes. */
const WATCH_PAUSE_MS = 400;

/** An index of the cache at `folder()`, also after that function returns another folder. */
export function createCacheIndex({ store, folder, onChange, log }: CacheIndexOptions): CacheIndex {
  let at: string | null = null;
  let current: ReadonlyMap<string, ScannedRepository> | null = null;
  let running: Promise<ReadonlyMap<string, ScannedRepository>> | null = null;
  let writing: Promise<void> = Promise.resolve();
  let again = false;
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let fresh = false;
  /** What was put while a scan runs, with what the scan began from. */
  const putMeanwhile = new Map<string, { was: ScannedRepository | undefined; now: ScannedRepository }>();

  /** Switches to the present folder. */
  function follow(): string {
    const now = folder();
    if (now === at) return now;
    at = now;
    current = read(now);
    fresh = false;
    watcher?.close();
    watcher = null;
    return now;
  }

  function read(from: string): ReadonlyMap<string, ScannedRepository> | null {
    const rows = readCacheIndex(store, from);
    return rows.length === 0 ? null : new Map(rows.map((row) => [row.repoId, fromRow(row)]));
  }

  function listen(where: string): void {
    if (watcher !== null || closed) return;
    try {
      watcher = watch(where, { persistent: false }, () => {
        clearTimeout(timer);
        timer = setTimeout(() => void rescan(), WATCH_PAUSE_MS);
        timer.unref();
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // The folder does not exist yet, or its file system reports no changes. The next scan reads it anyway.
    }
  }

  async function readDisk(): Promise<ReadonlyMap<string, ScannedRepository>> {
    const where = follow();
    listen(where);
    putMeanwhile.clear();
    const scan = await scanCache(where, current ?? new Map<string, ScannedRepository>());
    const { changed, removed } = scan;
    const repositories = new Map(scan.repositories);
    for (const [repoId, { was, now }] of putMeanwhile)
      if (repositories.get(repoId) === was) repositories.set(repoId, now);
    if (where !== folder() || closed) return repositories;
    fresh = true;
    // Returning the same map tells callers that nothing has changed.
    if (current !== null && changed.length + removed.length === 0) return current;
    current = repositories;
    keep(where, changed, removed);
    onChange();
    return repositories;
  }

  /** Writes the changes in small steps, without anyone waiting. */
  function keep(where: string, changed: readonly string[], removed: readonly string[]): void {
    const repositories = current;
    const work = async (): Promise<void> => {
      await writing;
      for (let at = 0; at === 0 || at < changed.length; at += WRITE_COUNT) {
        const rows = changed.slice(at, at + WRITE_COUNT).flatMap((repoId) => {
          const repository = repositories?.get(repoId);
          return repository ? toRow(repository) : [];
        });
        await turn();
        writeCacheIndex(store, where, rows, at === 0 ? removed : []);
      }
    };
    writing = work().catch((error: unknown) => {
      // The stored index only saves time: without it the next start reads the whole disk.
      log(`The index of the cache was not written: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  function rescan(): Promise<ReadonlyMap<string, ScannedRepository>> {
    if (running !== null) {
      // The running scan may have missed a late change, so another scan follows.
      again = true;
      return running;
    }
    const work = async (): Promise<ReadonlyMap<string, ScannedRepository>> => {
      let found: ReadonlyMap<string, ScannedRepository>;
      do {
        again = false;
        found = await readDisk();
      } while (again);
      return found;
    };
    running = work().finally(() => (running = null));
    return running;
  }

  return {
    known() {
      follow();
      return current;
    },
    isFresh: () => fresh,
    rescan,
    put(repository) {
      const where = follow();
      const { repoId } = repository;
      const was = putMeanwhile.get(repoId)?.was ?? current?.get(repoId);
      putMeanwhile.set(repoId, { was, now: repository });
      current = new Map(current).set(repoId, repository);
      keep(where, [repoId], []);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      watcher?.close();
      await running;
      await writing;
    },
  };
}

function toRow({ repoId, revisions, times, ...rest }: ScannedRepository): CacheRepositoryRow {
  const details: Details = {
    form: FORM,
    ...rest,
    revisions: revisions.map(({ commit, modifiedAtMs, files }) => [
      commit,
      modifiedAtMs,
      files.flatMap((file) => [file.path, file.blob, file.sizeBytes, Math.round(file.modifiedAtMs)]),
    ]),
  };
  return { repoId, details: JSON.stringify(details), times };
}

/** The repository of a row. An unreadable row, or one in another version's form, gives one without times, so it is read again. */
function fromRow({ repoId, details, times }: CacheRepositoryRow): ScannedRepository {
  const kept = readJsonObject<Details>(details);
  if (kept?.form !== FORM)
    return {
      repoId,
      revisions: [],
      refs: {},
      shared: {},
      loose: [],
      damaged: {},
      shards: {},
      isLink: false,
      times: '{}',
    };
  const { form: _form, revisions, ...rest } = kept;
  return { repoId, ...rest, shards: kept.shards ?? {}, revisions: revisions.map(fromDetails), times };
}

function fromDetails([commit, modifiedAtMs, flat]: Details['revisions'][number]): ScannedRevision {
  const files: ScannedFile[] = [];
  for (let at = 0; at < flat.length; at += FIELDS)
    files.push({
      path: flat[at] as string,
      blob: flat[at + 1] as string | null,
      sizeBytes: flat[at + 2] as number,
      modifiedAtMs: flat[at + 3] as number,
    });
  return { commit, modifiedAtMs, files };
}
