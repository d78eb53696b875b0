/** Keeps the size limit of the cache, as a job. */
import type { RunWork } from '../../base/work.ts';
import { formatBytes } from '../../base/format.ts';
import { readPins } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import type { CacheIndex } from '../cache-index.ts';
import type { IsHidden } from './deletions.ts';
import { evict } from './evict.ts';
import type { InUse } from './in-use.ts';
import type { ModelUse } from '../models/model-use.ts';

export interface LimitOptions {
  readonly store: Store;
  readonly use: ModelUse;
  readonly index: CacheIndex;
  readonly inUse: InUse;
  readonly folder: () => string;
  readonly isHidden: IsHidden;
  readonly run: RunWork;
}

/** Number of models that the job's detail names at most. */
const MAX_NAMED = 3;

/** Starts deleting the least recently used models, down to the limit. */
export function keepLimit(limitBytes: number, options: LimitOptions): { jobId: string } {
  const { store, use, index, inUse } = options;
  const { jobId } = options.run({
    kind: 'limit',
    subject: null,
    totalBytes: 0,
    async run(context) {
      const { evicted, remainingBytes } = await evict({
        folder: options.folder(),
        limitBytes,
        repositories: await index.rescan(),
        loaded: new Set(inUse.loadedModels()),
        now: Date.now(),
        lastUsedAt: use.all(),
        pins: readPins(store),
        isHidden: options.isHidden,
        isFetching: inUse.isFetching,
      });
      for (const { name, freedBytes } of evicted)
        context.log(`Deleted ${name} (${formatBytes(freedBytes)}), the least recently used.`);
      if (remainingBytes !== null)
        context.log(
          `The models still take ${formatBytes(remainingBytes)}, more than the limit of ${formatBytes(limitBytes)}.`,
        );
      context.detail({
        code: 'evicted',
        count: evicted.length,
        evicted: evicted.slice(0, MAX_NAMED),
        remaining: remainingBytes === null ? null : { totalBytes: remainingBytes, limitBytes },
      });
      await index.rescan();
    },
  });
  return { jobId };
}
