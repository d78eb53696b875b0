/** The models on this computer: the built-in one, the cache's, and those of other places. */
import type { LocalModel, ModelsEvent } from '../../../preload/contract/library.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { createFeed } from '../../base/feed.ts';
import type { FitOf } from '../../model-file/fit-of.ts';
import { readBranchHeads } from '../../store/branch-heads.ts';
import { readPins, writePin, type UseKind } from '../../store/model-records.ts';
import type { Store } from '../../store/store.ts';
import type { Deletion } from '../storage/deletions.ts';
import { assertUnused, type InUse } from '../storage/in-use.ts';
import type { ConvertedModels } from './converted.ts';
import type { Imports } from './imports.ts';
import { assertOwn, compareModels, describeModel, kindsOf, placesOf, type Place } from './local-model.ts';
import { nameFromFile, type CacheEntry, type ModelFile } from './model-files.ts';
import { createModelList, type BuiltIn } from './model-list.ts';
import type { ModelUse } from './model-use.ts';
import type { Storage } from '../storage/storage.ts';
import { createUsableModels, type UsableModels } from './usable-models.ts';

export interface ModelsOptions {
  readonly store: Store;
  readonly use: ModelUse;
  readonly builtIn: BuiltIn;
  readonly storage: Pick<Storage, 'deleteFiles' | 'undoDelete' | 'publish' | 'noteShards'> & {
    /** The model files of the cache; with `fresh` after reading the disk. */
    modelFiles(fresh: boolean): Promise<readonly CacheEntry[]>;
  };
  readonly imports: Pick<Imports, 'remove'>;
  readonly converted: Pick<ConvertedModels, 'remove'>;
  /** Files outside the cache, under stable names. */
  readonly listPlaces: () => Promise<readonly CacheEntry[]>;
  readonly engine: { readonly fitOf: FitOf };
  readonly inUse: Pick<InUse, 'leasedModels' | 'unload'>;
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

export interface Models extends UsableModels {
  watch(signal: AbortSignal): AsyncGenerator<ModelsEvent>;
  /** The known models. The disk is read only before the first list. */
  list(): Promise<readonly LocalModel[]>;
  /** Reads the changes on the disk, then makes and publishes the list. */
  rescan(): Promise<ModelsEvent>;
  /** Makes and publishes the list from what is known of the disk. */
  relist(): Promise<ModelsEvent>;
  /** Throws busy, model.missing, unsupported. */
  delete(modelId: string): Promise<{ undoMs: number; freedBytes: number }>;
  undoDelete(modelId: string): Promise<{ restored: boolean }>;
  /** Throws model.missing, disk.full. */
  pin(modelId: string, pinned: boolean): Promise<void>;
  /** Whether a file of that id is here, complete and not damaged, as a model or as a part of one. One that cannot be run is here too. */
  has(fileId: string): boolean;
  /** The id of the model that a file is part of, by the id that the file has alone; that id for a file that is not listed. */
  modelOfFile(fileId: string): string;
  /** The paths of a model's files in order, by the id of one of them; none for a file that is not listed. */
  pathsOf(fileId: string): readonly string[];
  /** The ids and commits of models that came from the Hub. */
  fromHub(): Promise<readonly { readonly repoId: string; readonly commit: string }[]>;
  /** The known number of models in each place outside the cache. */
  places(): readonly Place[];
  /** Sends the watchers the list again, after a change elsewhere that it shows. */
  publish(): void;
  /** The same where the fits are noticeably others than those that were sent last. Never throws. */
  publishFits(): void;
  /** Stores the present time as the models' last use, for a reply or beside another model. Never throws. */
  markUsed(modelIds: readonly string[], kind: UseKind): void;
}

/** A list older than this is made again for a new watcher. */
const STALE_MS = 2000;
/** Time between two looks at the free memory while somebody watches the list. */
const FITS_MS = 3000;
/** Share of the whole memory by which free memory must move to be worth a new list. */
const NOTICED_SHARE = 0.02;

export function createModels(options: ModelsOptions): Models {
  const { store, use, storage, engine } = options;
  const now = options.now ?? Date.now;
  const feed = createFeed<ModelsEvent>((_waiting, next) => next);
  /** Tokens of deletions that can still be undone, by model id. */
  const deletions = new Map<string, string>();
  let revision = 0;
  /** What every watcher knows of the fits. */
  let fitsSent = '';
  const list = createModelList({
    store,
    builtIn: options.builtIn,
    now,
    async listFiles(fresh) {
      const [cached, placed] = await Promise.all([storage.modelFiles(fresh), options.listPlaces()]);
      return [...cached, ...placed];
    },
    noteShards: storage.noteShards,
  });
  const places = (): Place[] => placesOf(list.known().values());

  const usable = createUsableModels({ list, builtInModelId: options.builtIn.modelId, rescan });

  function event(): ModelsEvent {
    const heads = readBranchHeads(store);
    const marks = {
      ...{ use: use.all(), replies: use.replies(), pins: readPins(store) },
      ...{ heads, fitOf: engine.fitOf },
    };
    const kinds = kindsOf(list.known());
    const models = [...list.known()].map(([modelId, model]) =>
      describeModel(modelId, model, kinds.get(modelId) ?? 'model', marks),
    );
    return { revision, models: models.sort(compareModels) };
  }
  function publishFits(): void {
    if (list.readAt() === 0) return;
    const now = event();
    if (fitsOf(now.models) !== fitsSent) send(now);
  }
  /** For timers and events, which have no caller that could be told: the next look may find the database readable again. */
  function tryPublishFits(): void {
    try {
      publishFits();
    } catch (error) {
      options.log(`The list of models: ${String(error)}`);
    }
  }
  function publish(): ModelsEvent {
    return send(event());
  }
  function send(list: ModelsEvent): ModelsEvent {
    revision++;
    const sent = { ...list, revision };
    fitsSent = fitsOf(list.models);
    feed.publish(sent);
    return sent;
  }
  /** Publishes a change that the storage view shows too. */
  function publishMark(): void {
    publish();
    storage.publish();
  }

  async function update(fresh: boolean): Promise<ModelsEvent> {
    const before = JSON.stringify(places());
    await list.update(fresh);
    if (JSON.stringify(places()) !== before) storage.publish();
    return publish();
  }
  function rescan(): Promise<ModelsEvent> {
    return update(true);
  }
  function relist(): Promise<ModelsEvent> {
    return update(false);
  }

  /** Throws busy while the model is leased. One that is only loaded is unloaded before its files are deleted. */
  async function remove(modelId: string, file: ModelFile): Promise<Deletion> {
    if (file.origin === 'imported' || file.origin === 'converted') {
      assertUnused(options.inUse, [modelId]);
      const place = file.origin === 'imported' ? options.imports : options.converted;
      return place.remove(file, () => options.inUse.unload(modelId));
    }
    // In every revision, because another revision's file would take its place in the list.
    const targets = file.shards.map(({ repoId, path }) => ({ repoId, commit: null, path }));
    return await storage.deleteFiles(nameFromFile(file.path), targets);
  }

  return {
    async *watch(signal) {
      await list.ready();
      // What the new watcher gets first, the others must get too: of a fit that all know nothing is sent again.
      publishFits();
      const reader = feed.open(signal);
      yield event();
      // A new window also sees files that other programs fetched since; they come as an event.
      if (now() - list.readAt() > STALE_MS) void rescan().catch(() => {});
      const looks = setInterval(tryPublishFits, FITS_MS);
      signal.addEventListener('abort', () => clearInterval(looks), { once: true });
      try {
        yield* reader;
      } finally {
        clearInterval(looks);
      }
    },
    async list() {
      await list.ready();
      return event().models;
    },
    rescan,
    relist,
    async delete(modelId) {
      await list.ready();
      const model = list.known().get(modelId);
      if (!model) throw new AppError('model.missing', 'This model is no longer on this computer.');
      assertOwn(model.origin);
      const { token, undoMs, freedBytes } = await remove(modelId, model.file);
      deletions.set(modelId, token);
      await relist();
      return { undoMs, freedBytes };
    },
    async undoDelete(modelId) {
      const token = deletions.get(modelId);
      deletions.delete(modelId);
      const restored = token !== undefined && storage.undoDelete(token);
      if (restored) await relist();
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
    modelOfFile: (fileId) => list.ofFile(fileId)?.id ?? fileId,
    pathsOf: (fileId) => list.ofFile(fileId)?.file.shards.map(({ path }) => path) ?? [],
    has(fileId) {
      const model = list.ofFile(fileId);
      // The page's rule: only what another download mends counts as not here.
      return model !== undefined && model.problem?.code !== 'model.corrupt';
    },
    async fromHub() {
      await list.ready();
      return [...list.known().values()]
        .filter(({ origin }) => origin === 'hub')
        .map(({ file }) => ({ repoId: file.repoId, commit: file.commit }));
    },
    places,
    publish: () => void publish(),
    publishFits: tryPublishFits,
    markUsed,
  };

  function markUsed(modelIds: readonly string[], kind: UseKind): void {
    use.mark(modelIds, kind);
    try {
      publishMark();
    } catch (error) {
      // An error here must not fail the use of the model.
      options.log(`The list of models: ${String(error)}`);
    }
  }
}

/** What is noticed of the fits: the needed memory, the verdict, and the free memory in steps. */
function fitsOf(models: readonly Pick<LocalModel, 'id' | 'fit'>[]): string {
  const steps = ({ freeRamBytes, totalRamBytes }: LocalModel['fit']): number =>
    Math.round(freeRamBytes / Math.max(1, totalRamBytes * NOTICED_SHARE));
  return JSON.stringify(
    models.map(({ id, fit }) => [id, fit.reason, fit.basis, fit.ramBytes, fit.vramBytes, steps(fit)]),
  );
}
