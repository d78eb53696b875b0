/** The handlers of all routes. Each one calls the module that does the work; nothing is decided here. */
import { AppError } from '../../preload/wire/errors.ts';
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import type { SystemInfo } from '../../preload/contract/system.ts';
import type { Api } from '../api/api.ts';
import type { Chats } from '../chat/chat.ts';
import type { Exchange } from '../chat/exchange/exchange.ts';
import type { Log } from '../base/log.ts';
import type { Convert } from '../convert/convert.ts';
import { physicalCores, type Engine } from '../engine/engine.ts';
import type { Hub } from '../hub/hub.ts';
import type { Inference, RemoteProviders } from '../inference/inference.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { builtInModel } from './built-in.ts';
import { createChatOrderHandlers } from './chat-order-handlers.ts';
import { createExchangeHandlers } from './exchange-handlers.ts';
import { createInferenceHandlers } from './inference-handlers.ts';
import { done } from './done.ts';
import { createMemoryHandlers } from './memory-handlers.ts';
import { createChatHandlers } from './chat-handlers.ts';
import { createNotebookHandlers } from './notebook-handlers.ts';
import { createPersonasHandlers } from './personas-handlers.ts';
import { createPromptsHandlers, type PromptModules } from './prompts-handlers.ts';
import { createServerHandlers } from './server-handlers.ts';
import type { Personas } from '../chat/personas/personas.ts';
import type { Library } from '../library/library.ts';
import type { Notebook } from '../notebook/notebook.ts';
import type { SettingsModule } from '../settings/settings.ts';
import { cpuModel } from '../base/cpu-model.ts';
import { freeDiskBytes } from '../base/disk.ts';
import { freeMemory, storedPath, storedPlaces, type Notices } from '../system/system.ts';

export interface Modules {
  readonly settings: SettingsModule;
  readonly hub: Hub;
  readonly jobs: Jobs;
  readonly library: Library;
  readonly engine: Engine;
  readonly inference: Inference;
  readonly providers: Omit<RemoteProviders, 'list' | 'find' | 'close'>;
  readonly chats: Chats;
  readonly notebook: Notebook;
  readonly personas: Personas;
  readonly exchange: Exchange;
  readonly prompts: PromptModules['prompts'];
  readonly convert: Convert;
  readonly api: Api;
  readonly notices: Notices;
  readonly log: Log;
  readonly revealFile: ((file: string) => void) | null;
  /** The facts that are constant while the app runs. */
  readonly facts: Pick<SystemInfo, 'version' | 'shell' | 'dataFolder' | 'offline' | 'temporaryCache' | 'warnings'>;
}

const LOG_LINES = 500;

/** The handlers of every route over these modules. */
export function createHandlers(modules: Modules): HearthHandlers {
  const { settings, hub, jobs, library, engine, inference, providers, chats, convert, api } = modules;
  return {
    'system.info': () => ({
      ...modules.facts,
      platform: process.platform,
      architecture: process.arch,
      cpuModel: cpuModel(),
      physicalCores: physicalCores(),
      nodeVersion: process.versions.node,
      hubEndpoint: settings.network().hubEndpoint,
      builtInModelId: builtInModel.id,
      builtInModelName: builtInModel.shortName,
    }),
    'system.log': () => ({ file: modules.log.file, lines: modules.log.tail(LOG_LINES) }),
    'system.openLog': () => {
      if (!modules.revealFile)
        throw new AppError('unsupported', 'A browser cannot open the folder of the log.', { reason: 'desktop_only' });
      modules.revealFile(modules.log.file);
      return null;
    },
    'system.stored': async () => ({ places: await storedPlaces(modules.facts.dataFolder) }),
    'system.openStored': ({ name }) => {
      if (!modules.revealFile)
        throw new AppError('unsupported', 'A browser cannot open folders.', { reason: 'desktop_only' });
      modules.revealFile(storedPath(modules.facts.dataFolder, name));
      return null;
    },
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
    'system.watchNotices': (_input, { signal }) => modules.notices.watch(signal),
    'settings.watch': (_input, { signal }) => settings.watch(signal),
    'settings.update': (patch) => settings.update(patch),
    'settings.setCacheFolder': ({ choiceId }) => settings.setCacheFolder(choiceId),
    'settings.pickCacheFolder': () => settings.pickCacheFolder(),
    'settings.pickModelFolder': () => settings.pickModelFolder(),
    'settings.listFolders': ({ folderId }) => settings.listFolders(folderId),
    'settings.addModelFolder': ({ folderId }) => settings.addModelFolder(folderId),
    'settings.removeModelFolder': ({ folderId }) => settings.removeModelFolder(folderId),
    'settings.setHubToken': ({ token }) => settings.setHubToken(token),
    'hub.search': (input, { signal }) => hub.search(input, signal),
    'hub.fit': (input, { signal }) => hub.fit(input, signal),
    'hub.recommended': (_input, { signal }) => hub.recommended(signal),
    'hub.checkToken': ({ token }, { signal }) => hub.checkToken(token, signal),
    'hub.model': ({ repoId, revision }, { signal }) => hub.model(repoId, revision, signal),
    'jobs.watch': (_input, { signal }) => jobs.watch(signal),
    'jobs.pause': ({ jobId }) => done(jobs.pause(jobId)),
    'jobs.resume': ({ jobId }) => done(jobs.resume(jobId)),
    'jobs.reorder': ({ jobId, before }) => done(jobs.reorder(jobId, before)),
    'jobs.log': async ({ jobId }) => ({ lines: await jobs.log(jobId) }),
    'jobs.cancel': ({ jobId }) => jobs.cancelLater(jobId),
    'jobs.undoCancel': ({ jobId }) => ({ restored: jobs.undoCancel(jobId) }),
    'jobs.dismiss': ({ jobId }) => jobs.dismiss(jobId),
    'library.watch': (_input, { signal }) => library.watch(signal),
    'library.rescan': () => library.rescan(),
    'library.pin': ({ modelId, pinned }) => done(library.pin(modelId, pinned)),
    'library.pickFiles': () => library.pickFiles(),
    'library.checkUpdates': (_input, { signal }) => library.checkUpdates(signal),
    'library.modelPath': async ({ modelId }) => ({ path: (await library.find(modelId)).path }),
    'library.revealModel': async ({ modelId }) => {
      if (!modules.revealFile)
        throw new AppError('unsupported', 'A browser cannot open the folder of a model.', { reason: 'desktop_only' });
      modules.revealFile((await library.find(modelId)).path);
      return null;
    },
    'library.deleteModel': ({ modelId }) => library.deleteModel(modelId),
    'library.undoDeleteModel': ({ modelId }) => library.undoDeleteModel(modelId),
    'library.download': (input, { signal }) => library.download(input, signal),
    'library.watchStorage': (_input, { signal }) => library.watchStorage(signal),
    'library.delete': (target) => library.delete(target),
    'library.undoDelete': ({ token }) => ({ restored: library.undoDelete(token) }),
    'library.verify': ({ repoId }) => library.verify(repoId),
    'library.clean': () => library.clean(),
    'library.move': ({ choiceId }) => library.move(choiceId),
    'template.info': ({ modelId }, { signal }) => library.templates.info(modelId, signal),
    'template.render': ({ modelId, ...input }, { signal }) => library.templates.render(modelId, input, signal),
    'template.readReply': ({ modelId, reply, ...input }, { signal }) =>
      library.templates.readReply(modelId, input, reply, signal),
    'engine.watch': (_input, { signal }) => engine.watch(signal),
    ...createInferenceHandlers(inference),
    'engine.load': ({ modelId }) => inference.load(modelId, { retry: true }),
    'engine.settings': async ({ modelId }, { signal }) => await engine.settings(await library.find(modelId), signal),
    'engine.estimate': async ({ modelId, settings: load }, { signal }) =>
      await engine.estimate(await library.find(modelId), load, signal),
    'engine.saveSettings': ({ modelId, settings: load }) => engine.saveSettings(modelId, load),
    'engine.calibrate': ({ modelId }) => engine.calibrate(modelId),
    'engine.hardware': (_input, { signal }) => engine.hardware(signal),
    'engine.installBackend': ({ backend }) => engine.installBackend(backend),
    'engine.prompt': async ({ chatId }, { signal }) => {
      const { pieces, contextSize } = await chats.prompt(chatId, signal);
      return { pieces, contextSize };
    },
    'engine.unload': ({ modelId }) => done(engine.unload(modelId)),
    'convert.check': (input, { signal }) => convert.check(input, signal),
    'convert.pickFolder': () => convert.pickFolder(),
    'convert.stored': () => convert.stored(),
    'convert.start': (input, { signal }) => convert.start(input, signal),
    'convert.checkAdapter': (input, { signal }) => convert.checkAdapter(input, signal),
    'convert.adapter': (input, { signal }) => convert.adapter(input, signal),
    'convert.split': (input) => convert.split(input),
    'convert.merge': (input) => convert.merge(input),
    'convert.export': (input) => convert.export(input),
    'convert.outputs': (input, { signal }) => convert.outputs(input, signal),
    'convert.records': () => convert.records(),
    'convert.quantize': (input) => convert.quantize(input),
    'convert.predictSize': (input, { signal }) => convert.predictSize(input, signal),
    'convert.imatrix': (input) => convert.imatrix(input),
    'convert.measure': (input) => convert.measure(input),
    'convert.measurements': () => convert.measurements(),
    'convert.deleteMeasurement': (input) => convert.deleteMeasurement(input),
    'convert.verify': (input) => convert.verify(input),
    'tokenizer.encode': (input, { signal }) => convert.encode(input, signal),
    'tokenizer.decode': (input, { signal }) => convert.decode(input, signal),
    ...createChatHandlers(chats),
    ...createMemoryHandlers(chats.memory),
    ...createChatOrderHandlers(chats.order),
    ...createNotebookHandlers(modules.notebook),
    ...createPersonasHandlers(modules.personas, chats),
    ...createExchangeHandlers(modules.exchange),
    ...createPromptsHandlers(modules),
    ...createServerHandlers(api),
    'providers.watch': (_input, { signal }) => providers.watch(signal),
    'providers.save': (input) => providers.save(input),
    'providers.setKey': ({ id, key }) => providers.setKey(id, key),
    'providers.remove': ({ id }) => providers.remove(id),
    'providers.undoRemove': ({ id }) => providers.undoRemove(id),
    'providers.check': ({ id }, { signal }) => providers.check(id, signal),
  };
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
