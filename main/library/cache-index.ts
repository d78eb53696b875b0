/** The cache as it was last seen: in memory, in the database for the next start, and read again where it changed. */
import { watch, type FSWatcher } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { scanCache, type ScannedFile, type ScannedRepository, type ScannedRevision } from '../hub/hub.ts';
import { readCacheIndex, writeCacheIndex, type CacheRepositoryRow } from '../store/cache-files.ts';
import type { Store } from '../store/store.ts';

export interface CacheIndex {
  /** What is known at once: of a cache that was read before, in this process or an earlier one. Null otherwise. */
  known(): ReadonlyMap<string, ScannedRepository> | null;
  /** Whether the disk was looked at since the folder was turned to. */
  isFresh(): boolean;
  /** Reads what changed on the disk, and tells `onChange`. Calls at once share one reading. Never throws. */
  rescan(): Promise<ReadonlyMap<string, ScannedRepository>>;
  /** Replaces what is known of one repository, until it changes on the disk. */
  put(repository: ScannedRepository): void;
  /** Waits until what is known is written. */
  close(): Promise<void>;
}

export interface CacheIndexOptions {
  readonly store: Store;
  readonly folder: () => string;
  readonly onChange: () => void;
  readonly log: (line: string) => void;
}

/**
 * What is kept of a repository. Of a revision's files path, blob, size and time, `FIELDS` each, in one flat list: of all forms
 * that one is the quickest to read. Only this file writes it; another form is another number.
 */
interface Details extends Omit<ScannedRepository, 'repoId' | 'revisions' | 'times'> {
  readonly form: typeof FORM;
  readonly revisions: readonly (readonly [
    commit: string,
    modifiedAtMs: number,
    files: readonly (string | number | null)[],
  ])[];
}

const FORM = 2;
const FIELDS = 4;
/** Repositories that are written at a time: more would hold the thread for longer than a frame of the window. */
const WRITE_COUNT = 40;
/** A download makes many changes; they are looked at together. */
const WATCH_PAUSE_MS = 400;

/** An index of the cache at `folder()`; when that answers another folder, of that one. */
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

  /** Turns to the folder of now. */
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
      // A folder that is not there yet, or a place that tells nothing: the next reading looks itself.
    }
  }

  async function readDisk(): Promise<ReadonlyMap<string, ScannedRepository>> {
    const where = follow();
    listen(where);
    const { repositories, changed, removed } = await scanCache(where, current ?? new Map<string, ScannedRepository>());
    if (where !== folder() || closed) return repositories;
    fresh = true;
    // The same map says to others that nothing has changed.
    if (current !== null && changed.length + removed.length === 0) return current;
    current = repositories;
    keep(where, changed, removed);
    onChange();
    return repositories;
  }

  /** Writes what changed little by little; nobody waits for it. */
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
      // The index only saves time; without it the disk is read at the next start.
      log(`The index of the cache was not written: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  function rescan(): Promise<ReadonlyMap<string, ScannedRepository>> {
    if (running !== null) {
      // What changed after the running one passed by is seen by one more.
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
      current = new Map(current).set(repository.repoId, repository);
      keep(where, [repository.repoId], []);
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

/** A row that another version wrote in another form is of a repository without times, which is read again. */
function fromRow({ repoId, details, times }: CacheRepositoryRow): ScannedRepository {
  const { form, revisions, ...rest } = JSON.parse(details) as Details;
  if (form !== FORM)
    return { repoId, revisions: [], refs: {}, shared: {}, loose: [], damaged: {}, isLink: false, times: '{}' };
  return { repoId, ...rest, revisions: revisions.map(fromDetails), times };
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
