/** The library of this computer: its models, their downloads, and the cache's storage. The entry of this folder. */
import type { HubFile } from '../../preload/contract/hub.ts';
import type { LocalModel, ModelsEvent, StorageEvent } from '../../preload/contract/library.ts';
import { encodeError } from '../../preload/wire/errors.ts';
import { createBackground } from '../base/background.ts';
import type { ResumeWork } from '../base/work.ts';
import type { EngineModel, FindAuxiliaryFile } from '../engine/engine.ts';
import type { Hub } from '../hub/hub.ts';
import type { FitOf } from '../model-file/fit-of.ts';
import type { UseKind } from '../store/model-records.ts';
import type { Store } from '../store/store.ts';
import type { Deletion, DeletionFailure } from './storage/deletions.ts';
import { createDownloads, type DownloadInput, type DownloadsOptions } from './downloads.ts';
import { createConvertedModels } from './models/converted.ts';
import { createImports } from './models/imports.ts';
import type { BuiltIn } from './models/model-list.ts';
import { createModelUse } from './models/model-use.ts';
import { createModels } from './models/models.ts';
import { createTemplateTrials, type TemplateTrials } from './models/template-trials.ts';
import type { Programs } from './places/placed.ts';
import { listPlaces } from './places/places.ts';
import type { InUse } from './storage/in-use.ts';
import type { Target } from './storage/report.ts';
import { createStorage } from './storage/storage.ts';

export { beginsAsGguf } from './small-files.ts';
export { kindsOf } from './models/local-model.ts';
export { readModelHeader, type ModelHeader } from './models/model-header.ts';
export { readChatTemplate, type FileTemplate } from './models/chat-template.ts';
export { readShardMarks } from './models/shard-marks.ts';
export { listPlacedFiles } from './places/placed-files.ts';
export { createTrialThread } from './models/trial-thread.ts';
export {
  joinByHeader,
  joinShards,
  nameFromFile,
  readHeaderOfFile,
  summarizeShards,
  type ModelFile,
} from './models/model-files.ts';

/** The settings that the library reads. */
export interface LibrarySettings {
  cacheFolder(): string;
  modelFolders(): readonly string[];
  downloads(): { readonly cacheLimitBytes: number | null; readonly maxRunning: number };
  /** Throws not_found, and unsupported where the environment fixes the folder. */
  folderOfChoice(choiceId: string): string;
  setCacheFolder(choiceId: string): Promise<unknown>;
  onChange(listener: (part: string) => void): void;
}

/** The engine's methods that the library needs. */
export interface LibraryEngine {
  loaded(): readonly { readonly modelId: string; readonly status: string; readonly leases: number }[];
  /** Throws busy while the model is in use. */
  unloadUnused(modelId: string): Promise<void>;
  /** The number of a text's tokens, those of special marks included; null while the model is not loaded. */
  countTokens(modelId: string, text: string, signal: AbortSignal): Promise<number | null>;
  readonly fitOf: FitOf;
}

export interface LibraryOptions {
  readonly store: Store;
  readonly settings: LibrarySettings;
  readonly hub: DownloadsOptions['hub'] & Pick<Hub, 'heads'>;
  readonly jobs: DownloadsOptions['jobs'];
  readonly engine: LibraryEngine;
  readonly builtIn: BuiltIn;
  readonly programs: Programs;
  /** The folder for dropped files, used by nothing else. */
  readonly importedFolder: string;
  /** The folder for models that Hearth makes of others. */
  readonly convertedFolder: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The shell's file dialog, or null. Resolves with null when the user closed it. */
  readonly pickFiles: (() => Promise<readonly string[] | null>) | null;
  /** Called when a deletion failed after its undo time. */
  readonly onNotDeleted: (failure: DeletionFailure) => void;
  readonly log: (line: string) => void;
}

export interface Library {
  /** The models, again after every change. */
  watch(signal: AbortSignal): AsyncGenerator<ModelsEvent>;
  /** Reads the changes on the disk. */
  rescan(): Promise<ModelsEvent>;
  /** The known models. The disk is read only before the first list. */
  list(): Promise<readonly LocalModel[]>;
  /** What the engine needs to load a model. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<EngineModel>;
  /** An adapter or a draft model that a model is loaded with. Throws as `find`. */
  readonly findAuxiliaryFile: FindAuxiliaryFile;
  /** Stores the present time as the models' last use, for a reply or beside another model. Never throws. */
  markUsed(modelIds: readonly string[], kind: UseKind): void;
  /** Sends the watchers of the storage a new report, if the set of models in use has changed. */
  publishInUse(): void;
  /** Throws model.missing, disk.full. */
  pin(modelId: string, pinned: boolean): Promise<void>;
  /** Hides a model now and deletes its files later. Throws busy, model.missing, unsupported. */
  deleteModel(modelId: string): Promise<{ undoMs: number; freedBytes: number }>;
  undoDeleteModel(modelId: string): Promise<{ restored: boolean }>;
  /** Asks the Hub for newer versions of its models. Throws hub.offline, hub.rate_limited. */
  checkUpdates(signal: AbortSignal): Promise<{ updates: number }>;
  /** Lets the user choose GGUF files and adds them to the list in place. Null when the dialog was closed. Throws unsupported, model.corrupt. */
  pickFiles(): Promise<{ modelIds: readonly string[] } | null>;
  /** Imports a dropped file. Throws hub.unsafe_name, invalid_input, disk.full, model.*. */
  importFile(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ modelId: string }>;

  /** Starts the download of a file with all its shards, or continues its job. Throws hub.*, disk.full. */
  download(input: DownloadInput, signal: AbortSignal): Promise<{ jobId: string }>;
  /** Whether a file of the Hub is on this computer, is being downloaded, or neither. */
  fileState(repoId: string, path: string): HubFile['state'];
  /** Make the work orders of an earlier process's jobs again. */
  readonly resumers: { readonly download: ResumeWork; readonly move: ResumeWork };

  watchStorage(signal: AbortSignal): AsyncGenerator<StorageEvent>;
  /** Hides files now and deletes them some seconds later. Throws busy, not_found, unsupported, hub.unsafe_name. */
  delete(target: Target): Promise<Deletion>;
  /** False when the files are deleted or being deleted. */
  undoDelete(token: string): boolean;
  /** Hashes files again, one repository's or all (null), as a job. Throws not_found. */
  verify(repoId: string | null): Promise<{ jobId: string }>;
  /** Deletes leftovers that no running program uses. */
  clean(): Promise<{ freedBytes: number }>;
  /** Moves the cache to one of the settings' folders, as a job. Throws busy, not_found, unsupported. */
  move(choiceId: string): Promise<{ jobId: string }>;
  /** Deletes the least recently used models while the cache is larger than its limit. Never throws. */
  keepWithinLimit(): Promise<void>;
  /** The chat templates of models, to be tried out. */
  readonly templates: Omit<TemplateTrials, 'close'>;
  /** Runs all deletions that can still be undone, and stops. */
  close(): Promise<void>;
}

export function createLibrary(options: LibraryOptions): Library {
  const { store, settings, hub, jobs, engine, freeDiskBytes, log } = options;
  let readyBefore = '[]';
  const background = createBackground(log);
  const use = createModelUse(store, Date.now, log);
  const inUse: InUse = {
    loadedModels: () => engine.loaded().flatMap(({ modelId, status }) => (status === 'failed' ? [] : modelId)),
    leasedModels: () => engine.loaded().flatMap(({ modelId, leases }) => (leases > 0 ? modelId : [])),
    unload: engine.unloadUnused,
    isFetching: (repoId) => downloads.isFetching(repoId),
    isAnyFetching: () => downloads.isAnyAtWork(),
  };
  const storage = createStorage({
    store,
    use,
    inUse,
    folder: settings.cacheFolder,
    limitBytes: () => settings.downloads().cacheLimitBytes,
    freeDiskBytes,
    adopted: () => models.places(),
    run: jobs.run,
    folderOfChoice: settings.folderOfChoice,
    useChoice: async (choiceId) => void (await settings.setCacheFolder(choiceId)),
    onChange: () => background.run(models.relist()),
    onNotDeleted: options.onNotDeleted,
    log,
  });
  const imports = createImports({
    store,
    folder: options.importedFolder,
    freeDiskBytes,
    pickFiles: options.pickFiles,
    later: storage.later,
    isPending: storage.isPending,
  });
  const converted = createConvertedModels({
    folder: options.convertedFolder,
    later: storage.later,
    isPending: storage.isPending,
  });
  const models = createModels({
    store,
    use,
    storage,
    imports,
    converted,
    engine,
    inUse,
    builtIn: options.builtIn,
    listPlaces: async () =>
      await listPlaces({
        programs: options.programs,
        folders: settings.modelFolders(),
        imported: imports.list(),
        converted: await converted.list(),
        except: [settings.cacheFolder()],
      }),
    log,
  });
  const downloads = createDownloads({
    hub,
    jobs,
    maxRunning: () => settings.downloads().maxRunning,
    knownPaths: (repoId, path) => models.pathsOf(`${repoId}/${path}`),
    discardDamaged: storage.discardDamaged,
    onFinished: () => background.run(models.rescan().then(keepWithinLimit)),
    onChange: storage.publish,
  });

  const templates = createTemplateTrials({
    pathOf: async (modelId) => (await models.find(modelId)).path,
    countTokens: engine.countTokens,
  });

  async function keepWithinLimit(): Promise<void> {
    if (background.signal.aborted) return;
    storage.publish();
    // The list knows which files are one model, and so which of them are pinned or loaded.
    await models.list().catch((error: unknown) => log(`The size limit: ${encodeError(error).message}`));
    await storage.enforceLimit().catch((error: unknown) => log(`The size limit: ${encodeError(error).message}`));
  }

  settings.onChange((part) => {
    if (part === 'cacheFolder') {
      // Each on its own: the old folder may be gone, and its pending deletions must not hold back the list of the new one.
      background.run(storage.settleDeletions());
      background.run(models.rescan());
    }
    if (part === 'modelFolders') background.run(models.rescan());
    if (part === 'downloads') background.run(keepWithinLimit());
  });

  return {
    watch: models.watch,
    rescan: models.rescan,
    list: models.list,
    find: models.find,
    findAuxiliaryFile: models.findAuxiliaryFile,
    markUsed: models.markUsed,
    publishInUse() {
      storage.publishInUse();
      // A load measures the model's memory, and takes it from the others.
      const ready = JSON.stringify(
        engine.loaded().flatMap(({ modelId, status }) => (status === 'ready' ? modelId : [])),
      );
      if (ready !== readyBefore) models.publishFits();
      readyBefore = ready;
    },
    pin: models.pin,
    deleteModel: models.delete,
    undoDeleteModel: models.undoDelete,
    async checkUpdates(signal) {
      const fromHub = await models.fromHub();
      const heads = await hub.heads([...new Set(fromHub.map(({ repoId }) => repoId))], signal);
      models.publish();
      return { updates: fromHub.filter(({ repoId, commit }) => (heads.get(repoId) ?? commit) !== commit).length };
    },
    async pickFiles() {
      const picked = await imports.pickFiles();
      if (!picked) return null;
      await models.relist();
      return { modelIds: [...new Set(picked.modelIds.map(models.modelOfFile))] };
    },
    async importFile(name, bytes, sizeBytes, signal) {
      const imported = await imports.importStream(name, bytes, sizeBytes, signal);
      await models.relist();
      return { ...imported, modelId: models.modelOfFile(imported.modelId) };
    },
    download: downloads.download,
    fileState: (repoId, path) =>
      models.has(`${repoId}/${path}`) ? 'local' : downloads.isFetching(repoId, path) ? 'downloading' : 'remote',
    resumers: { download: downloads.resume, move: storage.resumeMove },
    watchStorage: storage.watch,
    async delete(target) {
      await models.list();
      return await storage.delete(target);
    },
    undoDelete: storage.undoDelete,
    verify: storage.verify,
    clean: storage.clean,
    move: storage.move,
    keepWithinLimit,
    templates,
    async close() {
      background.close();
      await templates.close();
      await storage.close();
    },
  };
}
