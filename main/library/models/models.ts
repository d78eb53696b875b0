/** The models on this computer: the built-in one, the cache's, and those of other places. */
import type { ModelsEvent } from '../../../preload/contract/library.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { createFeed } from '../../base/feed.ts';
import type { FreeMemory } from '../../model-file/fit.ts';
import { readBranchHeads } from '../../store/branch-heads.ts';
import { readPins, writePin, type UseKind } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import type { Deletion } from '../storage/deletions.ts';
import type { Imports } from './imports.ts';
import { assertOwn, compareModels, describeModel, placesOf, type Place } from './local-model.ts';
import { nameFromFile, type CacheEntry, type ModelFile } from './model-files.ts';
import { createModelList, type BuiltIn } from './model-list.ts';
import type { ModelUse } from './model-use.ts';
import type { Storage } from '../storage/storage.ts';
import { createUsableModels, type UsableModels } from './usable-models.ts';

export interface ModelsOptions {
  readonly store: Store;
  readonly use: ModelUse;
  readonly builtIn: BuiltIn;
  readonly storage: Pick<Storage, 'deleteLater' | 'undoDelete' | 'refresh'> & {
    /** What the cache holds; with `fresh` after a look at the disk. */
    modelFiles(fresh: boolean): Promise<readonly CacheEntry[]>;
  };
  readonly imports: Pick<Imports, 'remove'>;
  /** Files outside the cache, under names that stay the same. */
  readonly listPlaces: () => Promise<readonly CacheEntry[]>;
  readonly engine: {
    readonly freeMemory: () => FreeMemory;
    /** Lets go of a model's file. Throws busy while the model is in use. */
    readonly unloadUnused: (modelId: string) => Promise<void>;
  };
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

export interface Models extends UsableModels {
  watch(signal: AbortSignal): AsyncGenerator<ModelsEvent>;
  /** Makes the list again, by default after a look at the disk. */
  rescan(fresh?: boolean): Promise<ModelsEvent>;
  /** Throws model.missing, unsupported. */
  delete(modelId: string): Promise<{ undoMs: number; freedBytes: number }>;
  undoDelete(modelId: string): Promise<{ restored: boolean }>;
  /** Throws model.missing, disk.full. */
  pin(modelId: string, pinned: boolean): Promise<void>;
  /** Whether a complete file of that id is here. */
  has(modelId: string): boolean;
  /** The ids and commits of models that came from the Hub. */
  fromHub(): Promise<readonly { readonly repoId: string; readonly commit: string }[]>;
  /** How many models each place outside the cache has, as far as it is known now. */
  places(): readonly Place[];
  /** Tells the watchers again, after something that the list shows has changed elsewhere. */
  refresh(): void;
  /** The models are used now, for a reply or beside another model. Never throws. */
  markUsed(modelIds: readonly string[], kind: UseKind): void;
}

/** A list older than this is read again when somebody looks. */
const STALE_MS = 2000;

export function createModels(options: ModelsOptions): Models {
  const { store, use, storage, engine } = options;
  const now = options.now ?? Date.now;
  const feed = createFeed<ModelsEvent>((_waiting, next) => next);
  /** Tokens of deletions that can still be undone, by model id. */
  const deletions = new Map<string, string>();
  let revision = 0;
  const list = createModelList({
    store,
    builtIn: options.builtIn,
    now,
    async listFiles(fresh) {
      const [cached, placed] = await Promise.all([storage.modelFiles(fresh), options.listPlaces()]);
      return [...cached, ...placed];
    },
  });
  const places = (): Place[] => placesOf(list.known().values());

  const usable = createUsableModels({ list, builtInModelId: options.builtIn.modelId, rescan });

  function event(): ModelsEvent {
    const heads = readBranchHeads(store);
    const marks = {
      ...{ use: use.all(), replies: use.replies(), pins: readPins(store) },
      ...{ heads, memory: engine.freeMemory() },
    };
    const models = [...list.known()].map(([modelId, model]) => describeModel(modelId, model, marks));
    return { revision, models: models.sort(compareModels) };
  }
  function publish(): ModelsEvent {
    revision++;
    const published = event();
    feed.publish(published);
    return published;
  }
  /** Something about a model is different that the storage view shows as well. */
  function publishMark(): void {
    publish();
    storage.refresh();
  }

  async function rescan(fresh = true): Promise<ModelsEvent> {
    const before = JSON.stringify(places());
    await list.rescan(fresh);
    if (JSON.stringify(places()) !== before) storage.refresh();
    return publish();
  }

  function remove(modelId: string, file: ModelFile): Deletion {
    const before = (): Promise<void> => engine.unloadUnused(modelId);
    if (file.origin === 'imported') return options.imports.remove(file, before);
    // In every revision: another one would come up in its place.
    const targets = file.shards.map(({ repoId, path }) => ({ repoId, commit: null, path }));
    return storage.deleteLater(nameFromFile(file.path), targets, before);
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      await list.ready();
      yield event();
      // A window that opens sees what other programs fetched since; the answer comes as an event.
      if (now() - list.readAt() > STALE_MS) void rescan().catch(() => {});
      yield* reader;
    },
    rescan,
    async delete(modelId) {
      await list.ready();
      const model = list.known().get(modelId);
      if (!model) throw new AppError('model.missing', 'This model is no longer on this computer.');
      assertOwn(model.origin);
      const { token, undoMs, freedBytes } = remove(modelId, model.file);
      deletions.set(modelId, token);
      await rescan(false);
      return { undoMs, freedBytes };
    },
    async undoDelete(modelId) {
      const token = deletions.get(modelId);
      deletions.delete(modelId);
      const restored = token !== undefined && storage.undoDelete(token);
      if (restored) await rescan(false);
      return { restored };
    },
    async pin(modelId, pinned) {
      await list.ready();
      if (pinned && !list.known().has(modelId))
        throw new AppError('model.missing', 'This model is no longer on this computer.');
      writePin(store, modelId, pinned);
      publishMark();
    },
    ...usable,
    has: (modelId) => list.known().has(modelId),
    async fromHub() {
      await list.ready();
      return [...list.known().values()]
        .filter(({ origin }) => origin === 'hub')
        .map(({ file }) => ({ repoId: file.repoId, commit: file.commit }));
    },
    places,
    refresh: () => void publish(),
    markUsed,
  };

  function markUsed(modelIds: readonly string[], kind: UseKind): void {
    use.mark(modelIds, kind);
    try {
      publishMark();
    } catch (error) {
      // Whoever uses a model does not wait for this, and would have nobody to tell.
      options.log(`The list of models: ${String(error)}`);
    }
  }
}
