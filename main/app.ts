/** The composition root: the only file that sees all modules. The shells give it what differs between them. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeError, isAppError } from '../preload/contract/errors.ts';
import type { HearthHandlers } from '../preload/contract/contract.ts';
import type { EngineEvent } from '../preload/contract/engine.ts';
import { createChats } from './chat/chat.ts';
import { fitFromFileSize } from './core/fit.ts';
import { createFeed } from './core/feed.ts';
import { createEngine, physicalCores } from './engine/engine.ts';
import type { Environment } from './environment.ts';
import { cachedFilePath, createHub, listCache, removeCachedFile } from './hub/hub.ts';
import { createJobs } from './jobs/jobs.ts';
import { builtInModel } from './layout.ts';
import { createModels } from './models/models.ts';
import { createSecrets, type Seal } from './store/secrets.ts';
import { createSettings } from './settings/settings.ts';
import { openStore } from './store/store.ts';
import { cpuModel, freeDiskBytes, freeMemory } from './system/system.ts';

export interface AppOptions {
  readonly shell: 'electron' | 'http';
  readonly version: string;
  readonly environment: Environment;
  /** Folder of the numbered SQL files. */
  readonly migrationsFolder: string;
  readonly builtInModelPath: string;
  readonly spawnChild: () => ChildProcess;
  readonly fetch: typeof globalThis.fetch;
  /** The system's keychain, where the shell has one. */
  readonly seal: Seal | null;
  readonly pickFolder: (() => Promise<string | null>) | null;
  readonly log: (line: string) => void;
}

export interface App {
  readonly handlers: HearthHandlers;
  /** A secret of this installation that is made at its first use. */
  secret(name: string, make: () => string): string;
  onDefect(route: string, error: unknown): void;
  /** Stops everything and stores it. */
  close(): Promise<void>;
}

/** Opens the data folder and starts every module. @throws AppError `store.*`, `disk.*`. */
export function createApp(options: AppOptions): App {
  const { environment, log } = options;
  const store = openStore(environment.dataFolder, options.migrationsFolder);
  const temporary = environment.temporaryCache ? mkdtempSync(path.join(os.tmpdir(), 'hearth-cache-')) : null;
  const secrets = createSecrets(environment.dataFolder, options.seal);
  const settings = createSettings({
    store,
    secrets,
    dataFolder: environment.dataFolder,
    defaultCacheFolder: environment.defaultCacheFolder,
    fixedCacheFolder: temporary === null ? environment.cacheFolder : { path: temporary, variable: 'HEARTH_NO_CACHE' },
    environmentToken: environment.hubToken,
    tokenFile: environment.hubTokenFile,
    freeDiskBytes,
    pickFolder: options.pickFolder,
    onCacheFolderChange: () => void models.rescan(),
  });

  const engineFeed = createFeed<EngineEvent>((_waiting, next) => next);
  let engineRevision = 0;
  const engine = createEngine({
    spawnChild: options.spawnChild,
    onChange: (loaded) => engineFeed.publish({ revision: ++engineRevision, loaded }),
  });

  const models = createModels({
    store,
    builtIn: { modelId: builtInModel.id, name: builtInModel.name, path: options.builtInModelPath },
    async listCache() {
      const folder = settings.cacheFolder();
      const files = await listCache(folder);
      return files.map((file) => ({ ...file, openPath: cachedFilePath(folder, file.repoId, file.commit, file.path) }));
    },
    async removeFromCache(file) {
      await removeCachedFile(settings.cacheFolder(), { repoId: file.repoId, path: file.path, commit: file.commit });
    },
    freeMemory,
    beforeDelete: (modelId) => engine.unload(modelId),
  });

  const hub = createHub({
    endpoint: environment.hubEndpoint,
    token: settings.hubToken,
    fetch: options.fetch,
    offline: environment.offline,
    cacheFolder: settings.cacheFolder,
    estimateFit: (file) => fitFromFileSize(file, freeMemory()),
    fileState: (repoId, file) =>
      models.has(`${repoId}/${file}`) ? 'local' : jobs.isFetching(repoId, file) ? 'downloading' : 'remote',
  });
  const jobs = createJobs({ hub, store, onFinished: () => void models.rescan() });
  const chats = createChats({
    store,
    engine,
    findModel: models.find,
    builtInModelId: builtInModel.id,
    defaultSampling: settings.sampling,
    onModelUsed: models.markUsed,
  });

  const handlers: HearthHandlers = {
    'system.info': () => ({
      version: options.version,
      platform: process.platform,
      architecture: process.arch,
      cpuModel: cpuModel(),
      physicalCores: physicalCores(),
      shell: options.shell,
      nodeVersion: process.versions.node,
      dataFolder: environment.dataFolder,
      hubEndpoint: environment.hubEndpoint,
      offline: environment.offline,
      temporaryCache: temporary !== null,
      builtInModelId: builtInModel.id,
      warnings: environment.warnings,
    }),
    async *'system.watchMemory'(_input, { signal }) {
      while (!signal.aborted) {
        const { totalRamBytes, freeRamBytes } = freeMemory();
        const [ramModelsBytes, diskFreeBytes] = await Promise.all([
          engine.memoryBytes(),
          freeDiskBytes(settings.cacheFolder()),
        ]);
        yield { ramTotalBytes: totalRamBytes, ramFreeBytes: freeRamBytes, ramModelsBytes, diskFreeBytes };
        await pause(1000, signal);
      }
    },
    'settings.watch': (_input, { signal }) => settings.watch(signal),
    'settings.update': (patch) => settings.update(patch),
    'settings.setCacheFolder': ({ choiceId }) => settings.setCacheFolder(choiceId),
    'settings.pickCacheFolder': () => settings.pickCacheFolder(),
    'settings.setHubToken': ({ token }) => settings.setHubToken(token),
    'hub.search': (input, { signal }) => hub.search(input, signal),
    'hub.model': ({ repoId, revision }, { signal }) => hub.model(repoId, revision, signal),
    'jobs.watch': (_input, { signal }) => jobs.watch(signal),
    'jobs.download': (input, { signal }) => jobs.download(input, signal),
    'jobs.pause': ({ jobId }) => done(jobs.pause(jobId)),
    'jobs.resume': ({ jobId }) => done(jobs.resume(jobId)),
    'jobs.cancel': ({ jobId }) => done(jobs.cancel(jobId)),
    'jobs.dismiss': ({ jobId }) => done(jobs.dismiss(jobId)),
    'models.watch': (_input, { signal }) => models.watch(signal),
    'models.rescan': () => models.rescan(),
    'models.delete': ({ modelId }) => models.delete(modelId),
    'models.undoDelete': ({ modelId }) => models.undoDelete(modelId),
    async *'engine.watch'(_input, { signal }) {
      const reader = engineFeed.open(signal);
      yield { revision: engineRevision, loaded: engine.loaded() };
      yield* reader;
    },
    'engine.load': async ({ modelId }) => await engine.load(await models.find(modelId), { retry: true }),
    'engine.unload': ({ modelId }) => done(engine.unload(modelId)),
    'chat.watchList': (_input, { signal }) => chats.watchList(signal),
    'chat.watch': ({ chatId }, { signal }) => chats.watch(chatId, signal),
    'chat.create': ({ modelId }) => chats.create(modelId),
    'chat.update': (update) => chats.update(update),
    'chat.delete': ({ chatId }) => chats.delete(chatId),
    'chat.undoDelete': ({ chatId }) => chats.undoDelete(chatId),
    'chat.send': ({ chatId, text, parentId }) => chats.send(chatId, text, parentId),
    'chat.regenerate': ({ messageId }) => chats.regenerate(messageId),
    'chat.edit': ({ messageId, text }) => chats.edit(messageId, text),
    'chat.select': ({ messageId }) => chats.select(messageId),
    'chat.stop': ({ chatId }) => chats.stop(chatId),
    'chat.search': ({ query }) => chats.search(query),
  };

  // The first chat shall not wait for a load; a failure shows in engine.watch and again when somebody asks for the model.
  models
    .find(builtInModel.id)
    .then((model) => engine.load(model))
    .catch((error: unknown) => {
      if (!isAppError(error, 'cancelled')) log(`The built-in model did not load: ${encodeError(error).message}`);
    });

  return {
    handlers,
    secret(name, make) {
      const found = secrets.read(name);
      if (found !== null) return found;
      const made = make();
      secrets.write(name, made);
      return made;
    },
    onDefect: (route, error) =>
      log(`${route}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    async close() {
      await chats.close();
      await Promise.all([jobs.close(), engine.close(), models.close()]);
      store.close();
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Nothing to tell, on the wire. */
async function done(work: Promise<void>): Promise<null> {
  await work;
  return null;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
