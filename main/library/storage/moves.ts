/** Moves of the whole cache as jobs that survive a restart, and the clean-up after a cancelled one. */
import { AppError } from '../../../preload/wire/errors.ts';
import { forgetCacheIndex } from '../../store/cache-files.ts';
import { addMovedFiles, readMovedFiles, readUnfinishedMove, writeUnfinishedMove } from '../../store/moved-files.ts';
import type { Store } from '../../store/store.ts';
import { assertMovable, moveCache, removeMoved, undoMove } from './move.ts';
import type { RunWork, WorkOrder } from '../../base/work.ts';

export interface MovesOptions {
  readonly store: Store;
  readonly folder: () => string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  readonly isAnyFetching: () => boolean;
  readonly run: RunWork;
  readonly folderOfChoice: (choiceId: string) => string;
  readonly useChoice: (choiceId: string) => Promise<void>;
  /** Throws busy while a file of the cache is in use. Runs all deletions that can still be undone. */
  readonly makeStill: () => Promise<void>;
  /** Called when a move has begun or ended, so that the cache is read again. */
  readonly onEnd: () => Promise<void>;
  readonly log: (line: string) => void;
}

export interface Moves {
  /** Whether files are being moved at the moment. */
  isMoving(): boolean;
  start(choiceId: string): Promise<{ jobId: string }>;
  /** The order to continue a move of an earlier process; null when there is none. */
  resume(): WorkOrder | null;
  /** Settles when the background work has ended. */
  close(): Promise<void>;
}

export function createMoves(options: MovesOptions): Moves {
  const { store, folder } = options;
  let moving = false;
  let closed = false;
  /** Whether the unfinished move has a job in this process. */
  let hasJob = false;
  let behind: Promise<void> = Promise.resolve();

  /** Cleans up in the background after a move without a job. The next start continues an interrupted clean-up. */
  function tidy(): void {
    const left = readUnfinishedMove(store);
    if (left === null || hasJob) return;
    const { from, to } = left;
    const work = async (): Promise<void> => {
      const isInUse = to === folder();
      if (!isInUse && !left.isGivenUp) return;
      const isStopped = (): boolean => closed;
      if (isInUse) await removeMoved(from, to, isStopped);
      else await undoMove(from, to, readMovedFiles(store), isStopped);
      if (!closed) writeUnfinishedMove(store, null);
    };
    behind = behind.then(work).catch((error: unknown) => options.log(`The rest of a move: ${String(error)}`));
  }

  function orderOf(from: string, to: string, choiceId: string): WorkOrder {
    hasJob = true;
    return {
      kind: 'move',
      subject: null,
      totalBytes: 0,
      startsAgain: true,
      async run(context) {
        if (options.isAnyFetching())
          throw new AppError('busy', 'A download has not ended. Wait for it or cancel it, then move.', {
            reason: 'download_active',
          });
        if (folder() !== from && folder() !== to)
          throw new AppError('unsupported', 'The folder for models has changed. Cancel this move.', {
            reason: 'folder_changed',
          });
        moving = true;
        try {
          await moveCache(
            {
              from,
              to,
              freeDiskBytes: options.freeDiskBytes,
              isInUse: () => folder() === to,
              switchOver: () => options.useChoice(choiceId),
              record: (paths) => addMovedFiles(store, paths),
              recorded: () => readMovedFiles(store),
            },
            context,
          );
          writeUnfinishedMove(store, null);
          hasJob = false;
          forgetCacheIndex(store, from);
        } finally {
          moving = false;
          await options.onEnd();
        }
      },
      discard() {
        hasJob = false;
        const left = readUnfinishedMove(store);
        if (left !== null) writeUnfinishedMove(store, { ...left, isGivenUp: true });
        tidy();
      },
    };
  }

  tidy();

  return {
    isMoving: () => moving,
    async start(choiceId) {
      const from = folder();
      const to = options.folderOfChoice(choiceId);
      if (moving) throw new AppError('busy', 'The models are being moved already.', { reason: 'moving' });
      if (hasJob)
        throw new AppError('busy', 'A move has not ended. Wait for it or cancel it, then move.', {
          reason: 'move_active',
        });
      await options.makeStill();
      await assertMovable(from, to);
      // The clean-up of an earlier move is finished first, because both would share the record.
      const left = readUnfinishedMove(store);
      if (left !== null) writeUnfinishedMove(store, { ...left, isGivenUp: true });
      tidy();
      await behind;
      writeUnfinishedMove(store, { from, to, choiceId, isGivenUp: false });
      return { jobId: options.run(orderOf(from, to, choiceId)).jobId };
    },
    resume() {
      const left = readUnfinishedMove(store);
      return left === null || left.isGivenUp || hasJob ? null : orderOf(left.from, left.to, left.choiceId);
    },
    async close() {
      closed = true;
      await behind;
    },
  };
}
