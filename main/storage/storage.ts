/** The cache as a whole: what fills it, and what can be done about it. The entry of this folder. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { Settings } from '../../preload/contract/settings.ts';
import type { StorageEvent } from '../../preload/contract/storage.ts';
import { repoFolder } from '../core/cache-paths.ts';
import { createFeed } from '../core/feed.ts';
import { firstShardPath } from '../core/shards.ts';
import {
  cachedFilePath,
  findLeftovers,
  modelFilesOf,
  removeCachedFiles,
  removeLeftovers,
  type CachedFile,
} from '../hub/hub.ts';
import { forgetCacheIndex } from '../store/cache-files.ts';
import { readModelUse, readPins } from '../store/model-records.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { createCacheIndex } from './cache-index.ts';
import { evict } from './evict.ts';
import { assertMovable, moveCache, removeMoved, undoMove, type MovePlan } from './move.ts';
import { bytesFreedBy, countShared, covers, namesOf, reportOn, type Repositories, type Target } from './report.ts';
import { verifyCache } from './verify.ts';

export { followDownloads, type Downloads } from './downloads.ts';
export type { Target } from './report.ts';

/** The part of the jobs that work here is done through. */
/** Gives the job's id. */
export type RunJob = (order: {
  readonly kind: 'verify' | 'move';
  readonly title: string;
  readonly totalBytes: number;
  work(context: WorkContext): Promise<void>;
}) => { readonly jobId: string };

export interface WorkContext {
  readonly signal: AbortSignal;
  progress(doneBytes: number, totalBytes?: number): void;
  detail(text: string | null): void;
  log(text: string): void;
}

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
  readonly run: RunJob;
  /** The folder of a choice, once it is sure that it may be taken. Throws not_found, unsupported. */
  readonly folderOfChoice: (choiceId: string) => Promise<string>;
  readonly useChoice: (choiceId: string) => Promise<void>;
  /** The files are others than before, or are hidden: lists of models are to be made again. */
  readonly onChange: () => void;
  readonly log: (line: string) => void;
  readonly undoMs?: number;
}

/** A GGUF file of the cache, for the list of models. */
export interface StoredModelFile extends CachedFile {
  /** Its name in the snapshot: llama.cpp finds the other shards by it. */
  readonly openPath: string;
  readonly isDamaged: boolean;
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
  /** The same for what the caller has found to be free to go; `before` is called before it does. */
  deleteLater(targets: readonly Target[], before: () => Promise<void>): Deletion;
  /** Carries `work` out later unless it is undone. */
  later(work: () => Promise<void>): { token: string; undoMs: number };
  undoDelete(token: string): boolean;
  isPending(token: string): boolean;
  verify(repoId: string | null): Promise<{ jobId: string }>;
  /** Takes the bytes of a file away that was found damaged, so that a download brings it again. Gives whether it was. */
  discardDamaged(repoId: string, path: string): Promise<boolean>;
  clean(): Promise<{ freedBytes: number }>;
  move(choiceId: string): Promise<{ jobId: string }>;
  /** A job was cancelled, and not merely paused: what a move has placed in the new folder goes again. */
  cancelled(jobId: string): Promise<void>;
  /** Deletes what was used least recently, down to the limit, as a job that says what it did. Null when all is within it. */
  enforceLimit(): Promise<{ jobId: string } | null>;
  /** Tells the watchers again, after something that the report shows has changed elsewhere. */
  refresh(): void;
  /** The same, when other models are loaded than before. */
  refreshLoaded(): void;
  /** Carries out what can no longer be undone. */
  close(): Promise<void>;
}

export interface Deletion {
  readonly token: string;
  readonly undoMs: number;
  readonly freedBytes: number;
}

interface Pending {
  readonly targets: readonly Target[];
  readonly timer: NodeJS.Timeout;
  readonly work: () => Promise<void>;
}

const UNDO_MS = 10_000;
/** The setting that says which move was under way, for when the process ends in the middle. */
const UNFINISHED_MOVE = 'unfinishedMove';

/** The storage module over the cache of `folder()`. */
export function createStorage(options: StorageOptions): Storage {
  const { store, folder, log } = options;
  const undoMs = options.undoMs ?? UNDO_MS;
  const feed = createFeed<StorageEvent>((_waiting, next) => next);
  const pending = new Map<string, Pending>();
  let revision = 0;
  let moving = false;
  let telling: Promise<void> | null = null;

  const index = createCacheIndex({ store, folder, log, onChange: () => changed() });
  const repositories = async (): Promise<Repositories> => index.known() ?? (await index.rescan());

  const isHidden = (repoId: string, commit: string, path: string): boolean => {
    for (const { targets } of pending.values())
      if (targets.some((target) => covers(target, repoId, commit, path))) return true;
    return false;
  };
  const loaded = (): Set<string> => new Set(options.loadedModels());
  const isBusy = (repoId: string): boolean =>
    options.isFetching(repoId) || [...loaded()].some((modelId) => modelId.startsWith(`${repoId}/`));

  async function describe(): Promise<StorageEvent> {
    const at = folder();
    const known = await repositories();
    const inUse = loaded();
    const loadedOf = new Set([...inUse].map((modelId) => modelId.split('/', 2).join('/')));
    const report = reportOn(known, {
      lastUsedAt: readModelUse(store),
      pins: readPins(store),
      isBusy: (repoId) => loadedOf.has(repoId) || options.isFetching(repoId),
      isHidden: pending.size === 0 ? null : isHidden,
    });
    const [leftovers, freeBytes] = await Promise.all([
      findLeftovers(at, known.values(), options.isFetching),
      options.freeDiskBytes(at),
    ]);
    return {
      revision,
      folder: at,
      repositories: report.repositories,
      totalBytes: report.totalBytes,
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

  function later(targets: readonly Target[], work: () => Promise<void>): { token: string; undoMs: number } {
    const token = randomUUID();
    const timer = setTimeout(() => void carryOut(token), undoMs);
    timer.unref();
    pending.set(token, { targets, timer, work });
    changed();
    return { token, undoMs };
  }
  async function carryOut(token: string): Promise<void> {
    const one = pending.get(token);
    if (!one) return;
    clearTimeout(one.timer);
    try {
      await one.work();
    } catch (error) {
      // What could not be deleted is shown again, for that is the truth.
      log(`Not deleted: ${error instanceof Error ? error.message : String(error)}`);
    }
    pending.delete(token);
    await index.rescan();
    changed();
  }

  /** Deletes every name of the targets, and of a whole repository what else Hearth knows in it. */
  async function removeTargets(at: string, targets: readonly Target[]): Promise<void> {
    if (at !== folder()) return;
    const known = await index.rescan();
    const wholes: Target[] = [];
    for (const target of targets) {
      const repository = known.get(target.repoId);
      if (!repository) continue;
      if (target.commit === null && target.path === null) wholes.push(target);
      await removeCachedFiles(at, target.repoId, namesOf(repository, target));
    }
    if (wholes.length === 0) return;
    const left = (await index.rescan()).values();
    const own = [...left].filter(({ repoId }) => wholes.some((target) => target.repoId === repoId));
    await removeLeftovers(at, await findLeftovers(at, own, options.isFetching));
  }

  function deleteLater(targets: readonly Target[], before: () => Promise<void>): Deletion {
    const at = folder();
    const known: Repositories = index.known() ?? new Map<string, never>();
    const sharedCounts = countShared(known);
    const freedBytes = [...new Set(targets.map(({ repoId }) => repoId))].reduce((sum, repoId) => {
      const repository = known.get(repoId);
      if (!repository) return sum;
      const names = targets.flatMap((target) => (target.repoId === repoId ? namesOf(repository, target) : []));
      return sum + bytesFreedBy(repository, names, sharedCounts);
    }, 0);
    const { token } = later(targets, async () => {
      await before();
      await removeTargets(at, targets);
    });
    return { token, undoMs, freedBytes };
  }

  /** Throws busy when something of `target` is in use. */
  function assertIdle(known: Repositories, target: Target): void {
    if (moving) throw new AppError('busy', 'The models are being moved. Wait until that is done.');
    if (options.isFetching(target.repoId))
      throw new AppError('busy', 'Something of this model is being downloaded. Cancel that first.');
    const repository = known.get(target.repoId);
    const names = repository ? namesOf(repository, target) : [];
    const inUse = loaded();
    if (names.some(({ path }) => inUse.has(`${target.repoId}/${firstShardPath(path)}`)))
      throw new AppError('busy', 'This model is loaded. Unload it first.');
  }

  /** A move that was cut after the new folder came into use: what is left to do is to empty the old one. */
  async function finishMove(): Promise<void> {
    const { from, to } = (readSetting(store, UNFINISHED_MOVE) ?? {}) as { from?: unknown; to?: unknown };
    if (typeof from !== 'string' || typeof to !== 'string') return;
    if (to === folder()) await removeMoved(from, to);
    writeSetting(store, UNFINISHED_MOVE, null);
  }
  const finishing = finishMove().catch((error: unknown) => log(`The old folder of the models: ${String(error)}`));

  let busyBefore = '';
  let lastMove: { readonly jobId: string; readonly plan: MovePlan } | null = null;

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
            isDamaged: isDamaged(repository.damaged, file),
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
      return deleteLater([target], async () => assertIdle(await repositories(), target));
    },
    deleteLater,
    later: (work) => later([], work),
    undoDelete(token) {
      const one = pending.get(token);
      if (!one) return false;
      clearTimeout(one.timer);
      pending.delete(token);
      changed();
      return true;
    },
    isPending: (token) => pending.has(token),

    async verify(repoId) {
      const known = await index.rescan();
      const chosen = repoId === null ? [...known.values()] : [known.get(repoId)].filter((one) => one !== undefined);
      if (chosen.length === 0) throw new AppError('not_found', 'There is nothing here to check.');
      return options.run({
        kind: 'verify',
        title: repoId === null ? 'Check all models' : `Check ${repoId}`,
        totalBytes: 0,
        async work(context) {
          const marks = await verifyCache(folder(), chosen, context);
          const now = await index.rescan();
          for (const [id, damaged] of marks) {
            const repository = now.get(id);
            if (repository) index.put({ ...repository, damaged });
          }
          changed();
        },
      });
    },

    async discardDamaged(repoId, path) {
      const repository = (await repositories()).get(repoId);
      if (!repository || Object.keys(repository.damaged).length === 0) return false;
      const at = folder();
      const wanted = new Set(
        modelFilesOf(at, repository)
          .filter((file) => firstShardPath(file.path) === firstShardPath(path) && isDamaged(repository.damaged, file))
          .map((file) => file.path),
      );
      const names = repository.revisions.flatMap(({ commit, files }) =>
        files
          .filter(
            (file) => (wanted.has(file.path) || file.path === path) && !!file.blob && file.blob in repository.damaged,
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

    async move(choiceId) {
      const from = folder();
      const to = await options.folderOfChoice(choiceId);
      if (moving) throw new AppError('busy', 'The models are being moved already.');
      if (options.isAnyFetching())
        throw new AppError('busy', 'A download is not over. Let it finish, or cancel it, and move then.');
      const known = await index.rescan();
      if (loaded().size > 0 && [...known.keys()].some(isBusy))
        throw new AppError('busy', 'A model of this folder is loaded. Unload it first.');
      for (const token of [...pending.keys()]) await carryOut(token);
      await assertMovable(from, to);
      const plan: MovePlan = {
        from,
        to,
        freeDiskBytes: options.freeDiskBytes,
        switchOver: () => options.useChoice(choiceId),
        placed: new Set(),
      };
      const job = options.run({
        kind: 'move',
        title: 'Move the models',
        totalBytes: 0,
        async work(context) {
          if (options.isAnyFetching())
            throw new AppError('busy', 'A download is not over. Let it finish, or cancel it, and move then.');
          moving = true;
          writeSetting(store, UNFINISHED_MOVE, { from, to });
          try {
            await moveCache(plan, context);
            forgetCacheIndex(store, from);
          } finally {
            moving = false;
            writeSetting(store, UNFINISHED_MOVE, null);
            await index.rescan();
            changed();
          }
        },
      });
      lastMove = { ...job, plan };
      return job;
    },

    async cancelled(jobId) {
      if (lastMove?.jobId !== jobId || lastMove.plan.to === folder()) return;
      await undoMove(lastMove.plan);
      lastMove = null;
    },

    async enforceLimit() {
      const limitBytes = options.limitBytes();
      if (limitBytes === null || moving) return null;
      const facts = {
        lastUsedAt: readModelUse(store),
        pins: readPins(store),
        isHidden,
        isFetching: options.isFetching,
      };
      const { totalBytes } = reportOn(await index.rescan(), { ...facts, isBusy });
      if (totalBytes <= limitBytes) return null;
      return options.run({
        kind: 'verify',
        title: 'Keep the models within the size limit',
        totalBytes: 0,
        async work(context) {
          const said = await evict({
            ...facts,
            folder: folder(),
            limitBytes,
            repositories: await index.rescan(),
            loaded: loaded(),
            now: Date.now(),
          });
          for (const line of said) context.log(line);
          context.detail(said.length > 3 ? `${said.slice(0, 3).join(' ')} More in the log.` : said.join(' '));
          await index.rescan();
          changed();
        },
      });
    },

    refresh: tell,
    refreshLoaded() {
      const now = [...loaded()].sort().join(' ');
      if (now !== busyBefore) tell();
      busyBefore = now;
    },

    async close() {
      await Promise.all([...pending.keys()].map((token) => carryOut(token)));
      await index.close();
      await Promise.all([telling, finishing]);
    },
  };
}

function isDamaged(damaged: Readonly<Record<string, number>>, { realPath }: CachedFile): boolean {
  return Object.keys(damaged).some((blob) => realPath.endsWith(join('blobs', blob)));
}

/** The folder of one of the settings' choices. Throws not_found, and unsupported where the environment fixes the folder. */
export async function folderOfChoice(
  watch: (signal: AbortSignal) => AsyncIterable<Settings>,
  choiceId: string,
): Promise<string> {
  const ended = new AbortController();
  try {
    for await (const { cacheFolder } of watch(ended.signal)) {
      if (cacheFolder.fixedBy !== null)
        throw new AppError('unsupported', `The folder is set by ${cacheFolder.fixedBy}. Unset it to move the models.`);
      const choice = cacheFolder.choices.find(({ id }) => id === choiceId);
      if (choice) return choice.path;
      break;
    }
    throw new AppError('not_found', 'There is no such choice.');
  } finally {
    ended.abort();
  }
}
