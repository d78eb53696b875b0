/** The storage view: the report on the cache as events for its watchers. */
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
  /** The known models outside the cache. */
  readonly adopted: () => StorageEvent['adopted'];
  readonly log: (line: string) => void;
}

export interface StorageView {
  watch(signal: AbortSignal): AsyncGenerator<StorageEvent>;
  /** The report on `known`. The last one is returned again while nothing in it has changed. */
  report(known: Repositories): Promise<Report>;
  /** Sends the watchers a new event. */
  publish(): void;
  /** The same, if the set of leased models has changed. */
  publishInUse(): void;
  /** Settles when no event is being prepared. */
  settled(): Promise<void>;
}

export function createStorageView(options: StorageViewOptions): StorageView {
  const { store, use, index, deletions, inUse, folder, log } = options;
  const feed = createFeed<StorageEvent>((_waiting, next) => next);
  let revision = 0;
  let publishing: Promise<void> | null = null;
  let leasedBefore = '';
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
    // The scan may have held the thread for a while, so other work runs first.
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

  function publish(): void {
    if (feed.size() === 0) return;
    const work = async (): Promise<void> => {
      await publishing;
      revision++;
      feed.publish(await describe());
    };
    const own = work().catch((error: unknown) => log(`The storage view: ${String(error)}`));
    publishing = own;
    void own.finally(() => {
      if (publishing === own) publishing = null;
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
    publish,
    publishInUse() {
      const leased = [...inUse.leasedModels()].sort().join(' ');
      if (leased !== leasedBefore) publish();
      leasedBefore = leased;
    },
    async settled() {
      await publishing;
    },
  };
}
