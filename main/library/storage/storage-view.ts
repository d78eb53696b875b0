/** What fills the cache, as those who watch it are told. */
import { setImmediate as turn } from 'node:timers/promises';
import type { StorageEvent } from '../../../preload/contract/library.ts';
import { createFeed } from '../../base/feed.ts';
import { findLeftovers } from '../../hub/hub.ts';
import { readPins } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import type { CacheIndex } from '../cache-index.ts';
import type { Deletions } from './deletions.ts';
import { isBusy, type InUse } from './in-use.ts';
import type { ModelUse } from '../models/model-use.ts';
import { reportOn, type Report, type Repositories } from './report.ts';

export interface StorageViewOptions {
  readonly store: Store;
  readonly use: ModelUse;
  readonly index: CacheIndex;
  readonly deletions: Deletions;
  readonly inUse: InUse;
  readonly folder: () => string;
  readonly limitBytes: () => number | null;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** What is known now of models outside the cache. */
  readonly adopted: () => StorageEvent['adopted'];
  readonly log: (line: string) => void;
}

export interface StorageView {
  watch(signal: AbortSignal): AsyncGenerator<StorageEvent>;
  /** The report on what is known; that of before while nothing in it has changed. */
  report(known: Repositories): Promise<Report>;
  /** Tells the watchers. Calls while they are being told are followed by one more event. */
  tell(): void;
  /** The same, when other models are loaded than before. */
  tellLoaded(): void;
  /** Settles when nobody is being told. */
  settled(): Promise<void>;
}

export function createStorageView(options: StorageViewOptions): StorageView {
  const { store, use, index, deletions, inUse, folder, log } = options;
  const feed = createFeed<StorageEvent>((_waiting, next) => next);
  let revision = 0;
  let telling: Promise<void> | null = null;
  let loadedBefore = '';
  let last: { readonly known: Repositories; readonly key: string; readonly report: Promise<Report> } | null = null;

  function report(known: Repositories): Promise<Report> {
    const [lastUsedAt, pins, hidden] = [use.all(), readPins(store), deletions.hidden()];
    const busy = new Set([...known.keys()].filter((repoId) => isBusy(inUse, repoId)));
    const key = JSON.stringify([[...lastUsedAt], [...pins], hidden.tokens, [...busy]]);
    if (last?.known === known && last.key === key) return last.report;
    const made = reportOn(known, {
      lastUsedAt,
      pins,
      isBusy: (repoId) => busy.has(repoId),
      isHidden: hidden.tokens.length === 0 ? null : hidden.isHidden,
    });
    last = { known, key, report: made };
    return made;
  }

  async function describe(): Promise<StorageEvent> {
    const at = folder();
    const known = index.known() ?? (await index.rescan());
    // What was read just now held the thread for a while already.
    await turn();
    const asked = Promise.all([findLeftovers(at, known.values(), inUse.isFetching), options.freeDiskBytes(at)]);
    const [{ repositories, totalBytes }, [leftovers, freeBytes]] = await Promise.all([report(known), asked]);
    return {
      revision,
      folder: at,
      repositories,
      totalBytes,
      leftoverBytes: leftovers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      freeBytes,
      limitBytes: options.limitBytes(),
      adopted: options.adopted(),
    };
  }

  function tell(): void {
    if (feed.size() === 0) return;
    const work = async (): Promise<void> => {
      await telling;
      revision++;
      feed.publish(await describe());
    };
    const own = work().catch((error: unknown) => log(`The storage view: ${String(error)}`));
    telling = own;
    void own.finally(() => {
      if (telling === own) telling = null;
    });
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield await describe();
      void index.rescan();
      yield* reader;
    },
    report,
    tell,
    tellLoaded() {
      const loaded = [...inUse.loadedModels()].sort().join(' ');
      if (loaded !== loadedBefore) tell();
      loadedBefore = loaded;
    },
    async settled() {
      await telling;
    },
  };
}
