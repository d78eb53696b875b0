/** The cache as a whole: what fills it, and what can be done about it. The entry of this folder. */
import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '../../preload/wire/errors.ts';
import type { StorageEvent } from '../../preload/contract/library.ts';
import {
  contentPath,
  type CachedFile,
  cachedFilePath,
  findLeftovers,
  modelFilesOf,
  removeCachedFiles,
  removeLeftovers,
  repoFolder,
} from '../hub/hub.ts';
import { createFeed } from '../base/feed.ts';
import { firstShardPath } from '../model-file/shards.ts';
import { readFileHashes } from '../store/file-hashes.ts';
import { readModelUse, readPins } from '../store/model-records.ts';
import type { Store } from '../store/store.ts';
import { createCacheIndex } from './cache-index.ts';
import { createDeletions, type Deletion } from './deletions.ts';
import { evict } from './evict.ts';
import { createMoves } from './moves.ts';
import { formatBytes } from '../base/format.ts';
import type { RunWork, WorkOrder } from '../base/work.ts';
import { namesOf, reportOn, type Report, type Repositories, type Target } from './report.ts';
import { verifyCache } from './verify.ts';

export { folderOfChoice } from './folder-choice.ts';
export type { Deletion } from './deletions.ts';
export type { Target } from './report.ts';

export interface StorageOptions {
  readonly store: Store;
  readonly folder: () => string;
  readonly limitBytes: () => number | null;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** Ids of the models that are loaded, or being loaded. */
  readonly loadedModels: () => readonly string[];
  /** Whether a download of this repository is not over. */
  readonly isFetching: (repoId: string) => boolean;
  /** Whether any download is at work or waits for its turn. */
  readonly isAnyFetching: () => boolean;
  /** What is known now of models outside the cache. */
  readonly adopted: () => StorageEvent['adopted'];
  readonly run: RunWork;
  /** The folder of a choice, once it is sure that it may be taken. Throws not_found, unsupported. */
  readonly folderOfChoice: (choiceId: string) => Promise<string>;
  readonly useChoice: (choiceId: string) => Promise<void>;
  /** The files are others than before, or are hidden: lists of models are to be made again. */
  readonly onChange: () => void;
  /** What somebody was told is deleted is still there: its name, and why in a sentence. */
  readonly onNotDeleted: (name: string, why: string) => void;
  readonly log: (line: string) => void;
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
   * What the cache holds for the list of models, without what is being deleted: with `fresh` after a look at the disk, else from the
   * index where there is one; a look that follows then tells what is different.
   */
  modelFiles(fresh?: boolean): Promise<StoredModelFile[]>;
  /** Looks at the disk again. */
  rescan(): Promise<void>;
  /** Hides it now and deletes it later. Throws busy, not_found, unsupported, hub.unsafe_name. */
  delete(target: Target): Promise<{ token: string; undoMs: number; freedBytes: number }>;
  /** The same for what the caller has found to be free to go; `before` is called before it does. `name` is for people. */
  deleteLater(name: string, targets: readonly Target[], before: () => Promise<void>): Deletion;
  /** Carries `work` out later unless it is undone. */
  later(name: string, work: () => Promise<void>): { token: string; undoMs: number };
  undoDelete(token: string): boolean;
  isPending(token: string): boolean;
  verify(repoId: string | null): Promise<{ jobId: string }>;
  /** Takes the bytes of a file away that was found damaged, so that a download brings it again. Gives whether it was. */
  discardDamaged(repoId: string, path: string): Promise<boolean>;
  clean(): Promise<{ freedBytes: number }>;
  move(choiceId: string): Promise<{ jobId: string }>;
  /** The order of a move that an earlier process left, for its job to go on with; null when there is none. */
  resumeMove(): WorkOrder | null;
  /** Deletes what was used least recently, down to the limit, as a job that says what it did. Null when all is within it. */
  enforceLimit(): Promise<{ jobId: string } | null>;
  /** Tells the watchers again, after something that the report shows has changed elsewhere. */
  refresh(): void;
  /** The same, when other models are loaded than before. */
  refreshLoaded(): void;
  /** Carries out what can no longer be undone. */
  close(): Promise<void>;
}

const UNDO_MS = 10_000;

/** The storage module over the cache of `folder()`. */
export function createStorage(options: StorageOptions): Storage {
  const { store, folder, log } = options;
  const feed = createFeed<StorageEvent>((_waiting, next) => next);
  let revision = 0;
  let telling: Promise<void> | null = null;

  const index = createCacheIndex({ store, folder, log, onChange: () => changed() });
  const repositories = async (): Promise<Repositories> => index.known() ?? (await index.rescan());
  const deletions = createDeletions({
    index,
    folder,
    undoMs: options.undoMs ?? UNDO_MS,
    isFetching: options.isFetching,
    onChange: () => changed(),
    onFailure(name, why) {
      log(`Not deleted: ${name}: ${why}`);
      options.onNotDeleted(name, why);
    },
  });
  const { isHidden } = deletions;
  const loaded = (): Set<string> => new Set(options.loadedModels());
  const moves = createMoves({
    store,
    folder,
    freeDiskBytes: options.freeDiskBytes,
    isAnyFetching: options.isAnyFetching,
    run: options.run,
    folderOfChoice: options.folderOfChoice,
    useChoice: options.useChoice,
    log,
    async makeStill() {
      if (options.isAnyFetching())
        throw new AppError('busy', 'A download is not over. Let it finish, or cancel it, and move then.');
      const known = await index.rescan();
      const repoIds = [...known.keys()];
      if (options.loadedModels().some((modelId) => repoIds.some((repoId) => modelId.startsWith(`${repoId}/`))))
        throw new AppError('busy', 'A model of this folder is loaded. Unload it first.');
      await deletions.settle();
    },
    async onEnd() {
      await index.rescan();
      changed();
    },
  });

  let lastReport: { readonly known: Repositories; readonly key: string; readonly report: Promise<Report> } | null =
    null;

  /** The report on what is known; that of before while neither the cache nor anything else in it has changed. */
  function report(known: Repositories): Promise<Report> {
    const [lastUsedAt, pins, hidden] = [readModelUse(store), readPins(store), deletions.hidden()];
    const inUse = options.loadedModels();
    const busy = new Set(
      [...known.keys()].filter(
        (repoId) => options.isFetching(repoId) || inUse.some((modelId) => modelId.startsWith(`${repoId}/`)),
      ),
    );
    const key = JSON.stringify([[...lastUsedAt], [...pins], hidden.tokens, [...busy]]);
    if (lastReport?.known === known && lastReport.key === key) return lastReport.report;
    const made = reportOn(known, {
      lastUsedAt,
      pins,
      isBusy: (repoId) => busy.has(repoId),
      isHidden: hidden.tokens.length === 0 ? null : hidden.isHidden,
    });
    lastReport = { known, key, report: made };
    return made;
  }

  async function describe(): Promise<StorageEvent> {
    const at = folder();
    const known = await repositories();
    // What was read just now held the thread for a while already.
    await turn();
    const asked = Promise.all([findLeftovers(at, known.values(), options.isFetching), options.freeDiskBytes(at)]);
    const [{ repositories: stored, totalBytes }, [leftovers, freeBytes]] = await Promise.all([report(known), asked]);
    return {
      revision,
      folder: at,
      repositories: stored,
      totalBytes,
      leftoverBytes: leftovers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      freeBytes,
      limitBytes: options.limitBytes(),
      adopted: options.adopted(),
    };
  }

  /** Tells the watchers; of calls while one is under way, one more follows. */
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
  function changed(): void {
    tell();
    options.onChange();
  }

  /** Throws busy when something of `target` is in use. */
  function assertIdle(known: Repositories, target: Target): void {
    if (moves.isMoving()) throw new AppError('busy', 'The models are being moved. Wait until that is done.');
    if (options.isFetching(target.repoId))
      throw new AppError('busy', 'Something of this model is being downloaded. Cancel that first.');
    const repository = known.get(target.repoId);
    const names = repository ? namesOf(repository, target) : [];
    const inUse = loaded();
    if (names.some(({ path }) => inUse.has(`${target.repoId}/${firstShardPath(path)}`)))
      throw new AppError('busy', 'This model is loaded. Unload it first.');
  }

  let busyBefore = '';

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield await describe();
      void index.rescan();
      yield* reader;
    },

    async modelFiles(fresh = false) {
      const at = folder();
      const known = fresh ? await index.rescan() : await repositories();
      if (!index.isFresh()) void index.rescan();
      return [...known.values()].flatMap((repository) =>
        modelFilesOf(at, repository)
          .filter(({ repoId, commit, path }) => !isHidden(repoId, commit, path))
          .map((file) => ({
            ...file,
            openPath: cachedFilePath(at, file.repoId, file.commit, file.path),
          })),
      );
    },

    async rescan() {
      await index.rescan();
    },

    async delete(target) {
      repoFolder(target.repoId);
      const known = await index.rescan();
      const repository = known.get(target.repoId);
      const names = repository
        ? namesOf(repository, target).filter(({ commit, path }) => !isHidden(target.repoId, commit, path))
        : [];
      if (!repository || names.length === 0) throw new AppError('not_found', 'This is no longer on this computer.');
      if (repository.isLink)
        throw new AppError(
          'unsupported',
          'The folder of this model is a link to another place. Hearth uses what is there and deletes nothing of it.',
        );
      assertIdle(known, target);
      const name = target.path?.split('/').at(-1) ?? target.repoId;
      return deletions.begin(name, [target], async () => assertIdle(await repositories(), target));
    },
    deleteLater: deletions.begin,
    later: deletions.later,
    undoDelete: deletions.undo,
    isPending: deletions.isPending,

    async verify(repoId) {
      const known = await index.rescan();
      const chosen = repoId === null ? [...known.values()] : [known.get(repoId)].filter((one) => one !== undefined);
      if (chosen.length === 0) throw new AppError('not_found', 'There is nothing here to check.');
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
      if (!repository || Object.keys(repository.damaged).length === 0) return false;
      const at = folder();
      const wanted = new Set(
        modelFilesOf(at, repository)
          .filter((file) => firstShardPath(file.path) === firstShardPath(path) && file.isDamaged)
          .map((file) => file.path),
      );
      const names = repository.revisions.flatMap(({ commit, files }) =>
        files
          .filter(
            (file) => (wanted.has(file.path) || file.path === path) && contentPath(commit, file) in repository.damaged,
          )
          .map((file) => ({ commit, path: file.path })),
      );
      if (names.length === 0) return false;
      await removeCachedFiles(at, repoId, names);
      await index.rescan();
      changed();
      return true;
    },

    async clean() {
      const at = folder();
      const known = await index.rescan();
      const leftovers = await findLeftovers(at, known.values(), options.isFetching);
      const freedBytes = await removeLeftovers(at, leftovers);
      await index.rescan();
      changed();
      return { freedBytes };
    },

    move: (choiceId) => moves.start(choiceId),
    resumeMove: () => moves.resume(),

    async enforceLimit() {
      const limitBytes = options.limitBytes();
      if (limitBytes === null || moves.isMoving()) return null;
      if ((await report(await index.rescan())).totalBytes <= limitBytes) return null;
      const { jobId } = options.run({
        kind: 'limit',
        subject: null,
        totalBytes: 0,
        async run(context) {
          const { evicted, remainingBytes } = await evict({
            folder: folder(),
            limitBytes,
            repositories: await index.rescan(),
            loaded: loaded(),
            now: Date.now(),
            lastUsedAt: readModelUse(store),
            pins: readPins(store),
            isHidden,
            isFetching: options.isFetching,
          });
          for (const { name, freedBytes } of evicted)
            context.log(`Deleted ${name} (${formatBytes(freedBytes)}), used least recently.`);
          if (remainingBytes !== null)
            context.log(
              `The models still take ${formatBytes(remainingBytes)}, more than the limit of ${formatBytes(limitBytes)}.`,
            );
          context.detail({
            code: 'evicted',
            count: evicted.length,
            evicted: evicted.slice(0, 3),
            remaining: remainingBytes === null ? null : { totalBytes: remainingBytes, limitBytes },
          });
          await index.rescan();
          changed();
        },
      });
      return { jobId };
    },

    refresh: tell,
    refreshLoaded() {
      const now = [...loaded()].sort().join(' ');
      if (now !== busyBefore) tell();
      busyBefore = now;
    },

    async close() {
      await deletions.settle();
      await moves.close();
      await index.close();
      await telling;
    },
  };
}
