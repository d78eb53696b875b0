/** What is on this computer: models, where they lie, the downloads that bring them, and what fills the cache. The entry of this folder. */
import type { HubFile } from '../../preload/contract/hub.ts';
import type { LocalModel, ModelsEvent, StorageEvent } from '../../preload/contract/library.ts';
import { encodeError } from '../../preload/wire/errors.ts';
import type { ResumeWork } from '../base/work.ts';
import type { EngineModel, FindAuxiliaryFile } from '../engine/engine.ts';
import type { Hub } from '../hub/hub.ts';
import type { FreeMemory } from '../model-file/fit.ts';
import type { UseKind } from '../store/model-records.ts';
import type { Store } from '../store/store.ts';
import type { Deletion, DeletionFailure } from './storage/deletions.ts';
import { createDownloads, type DownloadInput, type DownloadsOptions } from './downloads.ts';
import { createImports } from './models/imports.ts';
import type { BuiltIn } from './models/model-list.ts';
import { createModelUse } from './models/model-use.ts';
import { createModels } from './models/models.ts';
import type { Programs } from './places/placed.ts';
import { listPlaces } from './places/places.ts';
import type { Target } from './storage/report.ts';
import { createStorage } from './storage/storage.ts';

export type { DeletionFailure } from './storage/deletions.ts';
export { joinShards, nameFromFile, summarizeShards, type ModelFile } from './models/model-files.ts';

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

/** What the library asks of the engine. */
export interface LibraryEngine {
  loaded(): readonly { readonly modelId: string; readonly status: string }[];
  /** Throws busy while the model is in use. */
  unloadUnused(modelId: string): Promise<void>;
  freeMemory(): FreeMemory;
}

export interface LibraryOptions {
  readonly store: Store;
  readonly settings: LibrarySettings;
  readonly hub: Pick<
    Hub,
    'cacheFolder' | 'resolve' | 'fetchFile' | 'localBytes' | 'missingBytes' | 'freeBytes' | 'discardFile' | 'heads'
  >;
  readonly jobs: DownloadsOptions['jobs'];
  readonly engine: LibraryEngine;
  readonly builtIn: BuiltIn;
  readonly programs: Programs;
  /** Where dropped files are put. Nobody else writes there. */
  readonly importedFolder: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The shell's file dialog; null where it has none. Answers null when it was closed. */
  readonly pickFiles: (() => Promise<readonly string[] | null>) | null;
  /** Called when a deletion failed after its time for undo. */
  readonly onNotDeleted: (failure: DeletionFailure) => void;
  readonly log: (line: string) => void;
}

export interface Library {
  /** The models, again after every change. */
  watch(signal: AbortSignal): AsyncGenerator<ModelsEvent>;
  /** Looks at the disk again. */
  rescan(): Promise<ModelsEvent>;
  /** The models as they are known, without a look at the disk. */
  list(): Promise<readonly LocalModel[]>;
  /** What the engine needs to load a model. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<EngineModel>;
  /** A file that a model is loaded with: an adapter, or a draft model. Throws as `find`. */
  readonly findAuxiliaryFile: FindAuxiliaryFile;
  /** The models are used now, for a reply or beside another model. Never throws. */
  markUsed(modelIds: readonly string[], kind: UseKind): void;
  /** Other models are loaded than before. */
  refreshLoaded(): void;
  /** Throws model.missing, disk.full. */
  pin(modelId: string, pinned: boolean): Promise<void>;
  /** Hides a model now and deletes its files later. Throws model.missing, unsupported. */
  deleteModel(modelId: string): Promise<{ undoMs: number; freedBytes: number }>;
  undoDeleteModel(modelId: string): Promise<{ restored: boolean }>;
  /** Asks the Hub for newer versions of its models. Throws hub.offline, hub.rate_limited. */
  checkUpdates(signal: AbortSignal): Promise<{ updates: number }>;
  /** Asks for GGUF files and takes them into the list where they lie. Null when the dialog was closed. Throws unsupported, model.corrupt. */
  pickFiles(): Promise<{ modelIds: readonly string[] } | null>;
  /** Brings a dropped file in. Throws hub.unsafe_name, invalid_input, disk.full, model.*. */
  importFile(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ modelId: string }>;

  /** Begins to fetch a file with all its shards, or continues the job of the same file. Throws hub.*, disk.full. */
  download(input: DownloadInput, signal: AbortSignal): Promise<{ jobId: string }>;
  /** Whether a file of the Hub is here, is being fetched, or neither. */
  fileState(repoId: string, path: string): HubFile['state'];
  /** The orders of jobs that an earlier process left. */
  readonly resumers: { readonly download: ResumeWork; readonly move: ResumeWork };

  watchStorage(signal: AbortSignal): AsyncGenerator<StorageEvent>;
  /** Hides files now and deletes them some seconds later. Throws busy, not_found, unsupported, hub.unsafe_name. */
  delete(target: Target): Promise<Deletion>;
  /** False for what is gone, or is being deleted. */
  undoDelete(token: string): boolean;
  /** Hashes files again, one repository's or all (null), as a job. Throws not_found. */
  verify(repoId: string | null): Promise<{ jobId: string }>;
  /** Takes away leftovers that no running program uses. */
  clean(): Promise<{ freedBytes: number }>;
  /** Moves the cache to one of the settings' folders, as a job. Throws busy, not_found, unsupported. */
  move(choiceId: string): Promise<{ jobId: string }>;
  /** Deletes what was used least recently where the cache is larger than its limit. Never throws. */
  keepWithinLimit(): Promise<void>;
  /** Carries out the deletions that could still be undone, and stops. */
  close(): Promise<void>;
}

export function createLibrary(options: LibraryOptions): Library {
  const { store, settings, hub, jobs, engine, freeDiskBytes, log } = options;
  let closed = false;
  /** Work that nobody waits for. What fails because the app closed under it is no defect. */
  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!closed) log(`In the background: ${encodeError(error).message}`);
    });
  }
  const use = createModelUse(store, Date.now, log);
  const storage = createStorage({
    store,
    use,
    inUse: {
      loadedModels: () => engine.loaded().flatMap(({ modelId, status }) => (status === 'failed' ? [] : modelId)),
      isFetching: (repoId) => downloads.isFetching(repoId),
      isAnyFetching: () => downloads.isAnyAtWork(),
    },
    folder: settings.cacheFolder,
    limitBytes: () => settings.downloads().cacheLimitBytes,
    freeDiskBytes,
    adopted: () => models.places(),
    run: jobs.run,
    folderOfChoice: settings.folderOfChoice,
    useChoice: async (choiceId) => void (await settings.setCacheFolder(choiceId)),
    onChange: () => inBackground(models.rescan(false)),
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
  const models = createModels({
    store,
    use,
    storage,
    imports,
    engine,
    builtIn: options.builtIn,
    listPlaces: () =>
      listPlaces({
        programs: options.programs,
        folders: settings.modelFolders(),
        imported: imports.list(),
        except: [settings.cacheFolder()],
      }),
    log,
  });
  const downloads = createDownloads({
    hub,
    jobs,
    maxRunning: () => settings.downloads().maxRunning,
    discardDamaged: storage.discardDamaged,
    onFinished: () => inBackground(models.rescan().then(keepWithinLimit)),
    onChange: storage.refresh,
  });

  async function keepWithinLimit(): Promise<void> {
    if (closed) return;
    storage.refresh();
    await storage.enforceLimit().catch((error: unknown) => log(`The size limit: ${encodeError(error).message}`));
  }

  settings.onChange((part) => {
    if (part === 'cacheFolder' || part === 'modelFolders') inBackground(models.rescan());
    if (part === 'downloads') inBackground(keepWithinLimit());
  });

  return {
    watch: models.watch,
    rescan: () => models.rescan(),
    list: async () => (await models.rescan(false)).models,
    find: models.find,
    findAuxiliaryFile: models.findAuxiliaryFile,
    markUsed: models.markUsed,
    refreshLoaded: storage.refreshLoaded,
    pin: models.pin,
    deleteModel: models.delete,
    undoDeleteModel: models.undoDelete,
    async checkUpdates(signal) {
      const fromHub = await models.fromHub();
      const heads = await hub.heads([...new Set(fromHub.map(({ repoId }) => repoId))], signal);
      models.refresh();
      return { updates: fromHub.filter(({ repoId, commit }) => (heads.get(repoId) ?? commit) !== commit).length };
    },
    async pickFiles() {
      const picked = await imports.pickFiles();
      if (picked) await models.rescan(false);
      return picked;
    },
    async importFile(name, bytes, sizeBytes, signal) {
      const imported = await imports.importStream(name, bytes, sizeBytes, signal);
      await models.rescan(false);
      return imported;
    },
    download: downloads.download,
    fileState: (repoId, path) =>
      models.has(`${repoId}/${path}`) ? 'local' : downloads.isFetching(repoId, path) ? 'downloading' : 'remote',
    resumers: { download: downloads.resume, move: storage.resumeMove },
    watchStorage: storage.watch,
    delete: storage.delete,
    undoDelete: storage.undoDelete,
    verify: storage.verify,
    clean: storage.clean,
    move: storage.move,
    keepWithinLimit,
    async close() {
      closed = true;
      await storage.close();
    },
  };
}
