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

/** What is kept of a repository beside its files. Only this file writes it; another form is another number. */
interface Details extends Omit<ScannedRepository, 'repoId' | 'revisions'> {
  readonly form: typeof FORM;
  readonly revisions: Readonly<Record<string, number>>;
}

const FORM = 1;
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
    const wasKnown = current !== null;
    const { repositories, changed, removed } = await scanCache(where, current ?? new Map<string, ScannedRepository>());
    if (where !== folder() || closed) return repositories;
    current = repositories;
    fresh = true;
    if (wasKnown && changed.length + removed.length === 0) return repositories;
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

function toRow(repository: ScannedRepository): CacheRepositoryRow {
  const { repoId, revisions, refs, shared, loose, damaged, isLink, times } = repository;
  const details: Details = {
    form: FORM,
    refs,
    revisions: Object.fromEntries(revisions.map((revision) => [revision.commit, revision.modifiedAtMs])),
    shared,
    loose,
    damaged,
    isLink,
    times,
  };
  return {
    repoId,
    details,
    files: revisions.flatMap(({ commit, files }) =>
      files.map((file) => [repoId, commit, file.path, file.blob, file.sizeBytes, file.modifiedAtMs] as const),
    ),
  };
}

/** A row that another version wrote in another form is of a repository without times, which is read again. */
function fromRow({ repoId, details, files }: CacheRepositoryRow): ScannedRepository {
  const kept = details as Partial<Details> | null;
  const parsed = kept?.form === FORM ? (kept as Details) : undefined;
  const byCommit = new Map<string, ScannedFile[]>();
  const revisions = Object.entries(parsed?.revisions ?? {}).map(([commit, modifiedAtMs]): ScannedRevision => {
    const own: ScannedFile[] = [];
    byCommit.set(commit, own);
    return { commit, modifiedAtMs, files: own };
  });
  for (const row of files)
    byCommit.get(row[1])?.push({ path: row[2], blob: row[3], sizeBytes: row[4], modifiedAtMs: row[5] });
  return {
    repoId,
    revisions,
    refs: parsed?.refs ?? {},
    shared: parsed?.shared ?? {},
    loose: parsed?.loose ?? [],
    damaged: parsed?.damaged ?? {},
    isLink: parsed?.isLink ?? false,
    times: parsed?.times ?? {},
  };
}
