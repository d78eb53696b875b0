/** The cache as a whole: its report, deletions, verification, moves and size limit. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { StorageEvent } from '../../../preload/contract/library.ts';
import type { RunWork, WorkOrder } from '../../base/work.ts';
import { UNDO_MS } from '../../base/undo.ts';
import {
  type CachedFile,
  cachedFilePath,
  findLeftovers,
  lacksMarks,
  modelFilesOf,
  removeLeftovers,
  repoFolder,
} from '../../hub/hub.ts';
import { readFileHashes } from '../../store/file-hashes.ts';
import type { Store } from '../../store/store.ts';
import { createCacheIndex } from '../cache-index.ts';
import { discardDamagedFiles } from '../damage.ts';
import { createDeletions, type Deletion, type DeletionFailure } from './deletions.ts';
import { assertIdle, assertMovableNow, modelsOf, type InUse } from './in-use.ts';
import { keepLimit } from './limit.ts';
import type { ModelUse } from '../models/model-use.ts';
import { createMoves } from './moves.ts';
import { namesOf, type Repositories, type Target } from './report.ts';
import { createShardNotes } from './shard-notes.ts';
import { createStorageView } from './storage-view.ts';
import { verifyCache } from '../verify.ts';

export type { Deletion } from './deletions.ts';
export type { Target } from './report.ts';

export interface StorageOptions {
  readonly store: Store;
  readonly use: ModelUse;
  readonly inUse: InUse;
  readonly folder: () => string;
  readonly limitBytes: () => number | null;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The known models outside the cache. */
  readonly adopted: () => StorageEvent['adopted'];
  readonly run: RunWork;
  /** The folder of a choice, if it may be used. Throws not_found, unsupported. */
  readonly folderOfChoice: (choiceId: string) => string;
  readonly useChoice: (choiceId: string) => Promise<void>;
  /** Called when files were added, removed, hidden or shown again. */
  readonly onChange: () => void;
  readonly onNotDeleted: (failure: DeletionFailure) => void;
  readonly log: (line: string) => void;
  /** How long a deletion can be undone. Default 10 seconds. */
  readonly undoMs?: number;
}

/** A GGUF file of the cache, for the list of models. */
export interface StoredModelFile extends CachedFile {
  /** Its name in the snapshot: llama.cpp finds the other shards by it. */
  readonly openPath: string;
}

export interface Storage {
  watch(signal: AbortSignal): AsyncGenerator<StorageEvent>;
  /**
   * The model files of the cache, without those that are being deleted. With `fresh` the disk is read first. Otherwise they come from the
   * index when there is one, and a scan that follows reports the changes.
   */
  modelFiles(fresh?: boolean): Promise<StoredModelFile[]>;
  /**
   * Reads which files of these repositories are one model, where that is not known, and keeps it in the index. True when that changed what
   * `modelFiles` gives. Never throws.
   */
  noteShards(repoIds: Iterable<string>): Promise<boolean>;
  /** Reads the changes on the disk. */
  rescan(): Promise<void>;
  /** Hides the target now and deletes it later. Throws busy, not_found, unsupported, hub.unsafe_name. */
  delete(target: Target): Promise<Deletion>;
  /** The same for several targets. `name` is for people. */
  deleteFiles(name: string, targets: readonly Target[]): Promise<Deletion>;
  /** Runs `work` later, unless it is undone. */
  later(name: string, work: () => Promise<void>): { token: string; undoMs: number };
  /** False when the target is deleted or being deleted. */
  undoDelete(token: string): boolean;
  isPending(token: string): boolean;
  verify(repoId: string | null): Promise<{ jobId: string }>;
  /** Deletes a file that was found damaged, so that a download fetches it again. False when it was not damaged. */
  discardDamaged(repoId: string, path: string): Promise<boolean>;
  clean(): Promise<{ freedBytes: number }>;
  move(choiceId: string): Promise<{ jobId: string }>;
  /** The order to continue a move of an earlier process; null when there is none. */
  resumeMove(): WorkOrder | null;
  /** Deletes the least recently used models down to the size limit, as a job. Null when the cache is within the limit. */
  enforceLimit(): Promise<{ jobId: string } | null>;
  /** Runs all deletions that can still be undone. Never throws. */
  settleDeletions(): Promise<void>;
  /** Sends the watchers a new report, after a change elsewhere that it shows. */
  publish(): void;
  /** The same, if the set of leased models has changed. */
  publishInUse(): void;
  /** Runs all deletions that can still be undone, and stops. */
  close(): Promise<void>;
}

/** The cache of `folder()`. */
export function createStorage(options: StorageOptions): Storage {
  const { store, folder, inUse, log, onNotDeleted } = options;
  const index = createCacheIndex({ store, folder, log, onChange: () => changed() });
  const repositories = async (): Promise<Repositories> => index.known() ?? (await index.rescan());
  const deletions = createDeletions({
    index,
    folder,
    undoMs: options.undoMs ?? UNDO_MS,
    isFetching: inUse.isFetching,
    onChange: () => changed(),
    onFailure(failure) {
      log(`Not deleted: ${failure.name}: ${'error' in failure ? failure.error.message : failure.message}`);
      onNotDeleted(failure);
    },
  });
  const { isHidden } = deletions;
  const view = createStorageView({ ...options, index, deletions });
  const moves = createMoves({
    ...options,
    isAnyFetching: inUse.isAnyFetching,
    async makeStill() {
      assertMovableNow(inUse, await index.rescan());
      await deletions.settle();
    },
    async onEnd() {
      await index.rescan();
      changed();
    },
  });

  const noteShards = createShardNotes({ index, folder, onChange: view.publish });

  function changed(): void {
    view.publish();
    options.onChange();
  }
  async function rescanAndPublish(): Promise<void> {
    await index.rescan();
    changed();
  }

  async function deleteFiles(name: string, targets: readonly Target[]): Promise<Deletion> {
    for (const { repoId } of targets) repoFolder(repoId);
    const known = await index.rescan();
    const repositories = targets.flatMap(({ repoId }) => known.get(repoId) ?? []);
    const isThere = targets.some((target) => {
      const repository = known.get(target.repoId);
      return (
        repository && namesOf(repository, target).some(({ commit, path }) => !isHidden(target.repoId, commit, path))
      );
    });
    if (!isThere) throw new AppError('not_found', 'This is no longer on this computer.');
    if (repositories.some(({ isLink }) => isLink))
      throw new AppError(
        'unsupported',
        'The folder of this model is a link to another place. Hearth uses what is there and deletes nothing of it.',
        { reason: 'linked_folder' },
      );
    const modelIds = modelsOf(known, targets);
    assertIdle(inUse, moves.isMoving(), targets, modelIds);
    return deletions.begin(name, targets, async () => {
      assertIdle(inUse, moves.isMoving(), targets, modelIds);
      for (const modelId of modelIds) await inUse.unload(modelId);
    });
  }

  return {
    watch: view.watch,

    async modelFiles(fresh = false) {
      const at = folder();
      const found = fresh ? await index.rescan() : await repositories();
      const unread = [...found.values()].filter(lacksMarks).map(({ repoId }) => repoId);
      const known = unread.length > 0 && (await noteShards(unread)) ? await repositories() : found;
      if (!index.isFresh()) void index.rescan();
      return [...known.values()]
        .flatMap((repository) => modelFilesOf(at, repository))
        .filter(({ repoId, commit, path }) => !isHidden(repoId, commit, path))
        .map((file) => ({ ...file, openPath: cachedFilePath(at, file.repoId, file.commit, file.path) }));
    },

    noteShards,
    async rescan() {
      await index.rescan();
    },

    delete: (target) => deleteFiles(target.path?.split('/').at(-1) ?? target.repoId, [target]),
    deleteFiles,
    later: deletions.later,
    undoDelete: deletions.undo,
    isPending: deletions.isPending,

    async verify(repoId) {
      const known = await index.rescan();
      const chosen = repoId === null ? [...known.values()] : [known.get(repoId)].filter((one) => one !== undefined);
      if (repoId === null && chosen.length === 0)
        throw new AppError('not_found', 'There is nothing here to verify.', { reason: 'nothing_to_verify' });
      if (chosen.length === 0) throw new AppError('not_found', 'This is no longer on this computer.');
      const { jobId } = options.run({
        kind: 'verify',
        subject: repoId,
        totalBytes: 0,
        async run(context) {
          const marks = await verifyCache(folder(), chosen, (id) => readFileHashes(store, id), context);
          const now = await index.rescan();
          for (const [id, damaged] of marks) {
            const repository = now.get(id);
            if (repository) index.put({ ...repository, damaged });
          }
          changed();
        },
      });
      return { jobId };
    },

    async discardDamaged(repoId, path) {
      const repository = (await repositories()).get(repoId);
      if (!repository || !(await discardDamagedFiles(folder(), repository, path))) return false;
      await rescanAndPublish();
      return true;
    },

    async clean() {
      const at = folder();
      const known = await index.rescan();
      const freedBytes = await removeLeftovers(at, await findLeftovers(at, known.values(), inUse.isFetching));
      await rescanAndPublish();
      return { freedBytes };
    },

    move: moves.start,
    resumeMove: moves.resume,

    async enforceLimit() {
      const limitBytes = options.limitBytes();
      if (limitBytes === null || moves.isMoving()) return null;
      if ((await view.report(await index.rescan())).totalBytes <= limitBytes) return null;
      return keepLimit(limitBytes, { ...options, index, isHidden });
    },

    settleDeletions: deletions.settle,
    publish: view.publish,
    publishInUse: view.publishInUse,

    async close() {
      await deletions.settle();
      await moves.close();
      await index.close();
      await view.settled();
    },
  };
}
