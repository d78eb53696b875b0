/** The composition root: it joins the modules. The shells give it what differs between them. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { encodeError } from '../../preload/wire/errors.ts';
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import { createApi, type Api } from '../api/api.ts';
import { isRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import { createChats } from '../chat/chat.ts';
import { createExchange, type Exchange } from '../chat/exchange/exchange.ts';
import { createPersonas, type Personas } from '../chat/personas/personas.ts';
import type { Convert } from '../convert/convert.ts';
import { createHops } from '../base/hops.ts';
import { createBackground } from '../base/background.ts';
import { stackOf, type Log } from '../base/log.ts';
import { createChildRecords } from '../process/child-records.ts';
import { openData } from './data.ts';
import type { Environment } from './environment.ts';
import { failureLogger, logJobs, replyLogger } from './event-log.ts';
import { createHandlers } from './handlers.ts';
import { createPrompts } from '../prompts/prompts.ts';
import { createInference, createLocalProvider, createRemoteProviders } from '../inference/inference.ts';
import { createJobs, type Jobs } from '../jobs/jobs.ts';
import type { Library } from '../library/library.ts';
import type { ConvertStarts } from './convert-children.ts';
import { createConvertModule } from './convert-module.ts';
import { builtInModel, preload, samplingFor, shippedSampling } from './built-in.ts';
import { createModelModules } from './model-modules.ts';
import { keepsDamagedCopy } from '../store/salvage/old-copies.ts';
import { createFiles, type Files } from '../store/files.ts';
import { endOpening, type Store } from '../store/store.ts';
import type { SettingsModule } from '../settings/settings.ts';
import type { Seal } from '../store/secrets.ts';
import { createNotebook } from '../notebook/notebook.ts';
import { createNotices } from '../system/system.ts';

export interface AppOptions {
  readonly shell: 'electron' | 'http';
  /** False: no model is loaded, and no engine child started, before one is used. Default: true. */
  readonly preloads?: boolean;
  /** False: the API server waits for `startApi`, also where the settings start it with the app, whose keys are other ones. Default: true. */
  readonly startsApi?: boolean;
  readonly version: string;
  readonly environment: Environment;
  /** Folder of the numbered SQL files. */
  readonly migrationsFolder: string;
  readonly builtInModelPath: string;
  /** The text that models are measured on where none is given. */
  readonly measuredTextPath: string;
  /** Starts an engine child with these environment variables. It may write below `states` of the data folder. */
  readonly spawnChild: (variables: Readonly<Record<string, string>>) => ChildProcess;
  /** Start the children of conversions. */
  readonly convertChildren: ConvertStarts;
  /** The system's keychain, where the shell has one. */
  readonly seal: Seal | null;
  readonly pickFolder: (() => Promise<string | null>) | null;
  /** The shell's dialog for model files; absent where it has none. Resolves with null when the user closed it. */
  readonly pickFiles?: () => Promise<readonly string[] | null>;
  /** The shell's dialog for the name of a new file; absent where it has none. Resolves with null when the user closed it. */
  readonly pickTarget?: (fileName: string) => Promise<string | null>;
  /** Shows a file in the system's file manager, where the shell has one. */
  readonly revealFile?: (file: string) => void;
  readonly log: Log;
}

export interface App {
  readonly handlers: HearthHandlers;
  /** Imports a model file. @throws AppError `hub.unsafe_name`, `invalid_input`, `disk.full`, `model.*`. */
  importFile(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ modelId: string }>;
  /** Reads a file of chats, and says what is in it. @throws AppError `invalid_input`, `disk.full`, `cancelled`. */
  readonly importChats: Exchange['preview'];
  /** Starts the API server, with a port or a key for this run alone. Throws as `Api.start`. */
  readonly startApi: Api['start'];
  /** A call or a stream was answered with this error. */
  onFailure(route: string, error: unknown): void;
  /** Something failed that nothing handled: it goes into the log and to every window, and replies that wait to be stored are stored. */
  onUnexpected(error: unknown): void;
  /** Stops all work and stores its state. */
  close(): Promise<void>;
}

/** An estimate: models of a few million, such as Ember, answer the question again, and the smallest that follow instructions begin here. */
const LEAST_TITLE_PARAMETERS = 300_000_000;

/** Opens the data folder and starts every module. @throws AppError `store.*`, `disk.*`. */
export function createApp(options: AppOptions): App {
  const { environment } = options;
  const log = options.log.warn;
  options.log.info(`Hearth ${options.version} (${options.shell}) on ${process.platform} ${process.arch}.`);
  const notices = createNotices();
  const data = openData({
    ...options,
    onSalvaged: (account) => notices.tell({ code: 'store_salvaged', ...account }, true),
  });
  const { store, settings } = data;
  const children = createChildRecords(path.join(environment.dataFolder, 'children'));
  // The data folder is this process's alone, so the app of any child that is recorded there is gone.
  const orphans = children.endOrphans();
  if (orphans.length > 0) log(`Engine processes that a killed Hearth had left were ended: ${orphans.join(', ')}.`);
  const background = createBackground(log);
  const jobs = createJobs({
    store,
    onDefect: (error) => log(`A job: ${encodeError(error).message}`),
  });
  const { engine, hub, library } = createModelModules({
    data,
    jobs,
    notices,
    environment,
    builtInModelPath: options.builtInModelPath,
    spawnChild(variables) {
      const child = options.spawnChild(variables);
      children.keep(child);
      return child;
    },
    pickFiles: options.pickFiles ?? null,
    spare: options.preloads ?? true,
    log: options.log,
  });
  const convert = createConvertModule({
    ...{ hub, jobs, engine, library, settings, environment, log: options.log, version: options.version },
    ...{ measuredTextPath: options.measuredTextPath, convertChildren: options.convertChildren, keep: children.keep },
  });
  background.run(logJobs(jobs.watch(background.signal), options.log));
  jobs.start({ ...library.resumers, ...convert.resumers });
  background.run(sweepWhenKnown(jobs, convert, background.signal));
  const hops = createHops();
  const elsewhere = createRemoteProviders({
    ...{ store, secrets: data.secrets, network: settings.network, hops, offlineBy: environment.offlineBy },
  });
  const inference = createInference(
    createLocalProvider({
      engine,
      findModel: library.find,
      listModels: async () =>
        (await library.list()).flatMap(({ id, name, kind, problem }) =>
          kind === 'model' && problem === null ? { modelId: id, name } : [],
        ),
    }),
    elsewhere,
  );
  const files = createFiles({ store, folder: path.join(environment.dataFolder, 'files') });
  // A damaged database that is kept may be the last that names a file.
  background.run(files.sweep({ keepUnnamed: keepsDamagedCopy(environment.dataFolder) }));
  const onModelUsed = (modelId: string): void => {
    if (!isRemoteModelId(modelId)) library.markUsed([modelId], 'reply');
  };
  const notebook = createNotebook({
    ...{ store, inference, builtInModelId: builtInModel.id, onModelUsed },
    onDefect: (error) => log(`The notebook: ${encodeError(error).message}`),
  });
  const personas = personasOf(store, files, settings, log);
  const chats = createChats({
    store,
    files,
    inference,
    builtInModelId: builtInModel.id,
    personas,
    onModelUsed,
    writesTitles: (modelId) => writesTitles(modelId, settings, library),
    onDefect: (error) => log(`A reply: ${encodeError(error).message}`),
    onNotPurged: (error) => notices.tell({ code: 'chat_not_purged', error: encodeError(error) }, true),
    onReplyFailed: replyLogger(options.log),
    states: {
      folder: path.join(environment.dataFolder, 'states'),
      budgetBytes: () => settings.engine().stateDiskBytes,
    },
  });

  const exchange = createExchange({
    ...{ store, files, chats, pickTarget: options.pickTarget ?? null },
    folder: path.join(environment.dataFolder, 'importing'),
  });

  const api = createApi({
    ...{ store, hops, inference, engine, hub, jobs, library, version: options.version, log: options.log },
    builtIn: { modelId: builtInModel.id, shortName: builtInModel.shortName },
    editorPlaces: environment.programs,
    defaultSampling: (modelId) => samplingFor(modelId, settings.sampling()),
  });

  const handlers = createHandlers({
    ...{ settings, hub, jobs, library, engine, inference, providers: elsewhere },
    ...{
      chats,
      personas,
      exchange,
      notebook,
      prompts: createPrompts({ store }),
      convert,
      api,
      notices,
      log: options.log,
    },
    revealFile: options.revealFile ?? null,
    facts: {
      ...{ version: options.version, shell: options.shell },
      dataFolder: environment.dataFolder,
      offline: environment.offlineBy !== null,
      temporaryCache: data.isCacheTemporary,
      warnings: environment.warnings,
    },
  });

  endOpening(store);
  settings.onChange((part) => {
    if (part === 'downloads') jobs.reconsider();
  });
  const load = (modelId: string, ifRoom: boolean): Promise<unknown> => inference.load(modelId, { ifRoom });
  // While Hearth was closed, the limit may have been lowered or the cache filled by others. Preloaded models are in use, so they stay.
  const preloaded = options.preloads === false ? Promise.resolve() : preload(settings.engine().preload, load, log);
  background.run(preloaded.then(library.keepWithinLimit));

  if (options.startsApi !== false) background.run(api.startWithApp());

  return {
    handlers,
    startApi: api.start,
    importFile: library.importFile,
    importChats: exchange.preview,
    onFailure: failureLogger(options.log),
    onUnexpected(error) {
      options.log.error(`Unexpected: ${stackOf(error)}`);
      chats.storeUnsaved();
      notices.tell({ code: 'unexpected_error', logFile: options.log.file });
    },
    async close() {
      background.close();
      await Promise.all([api.close(), chats.close()]);
      notebook.close();
      personas.close();
      exchange.close();
      elsewhere.close();
      await library.close();
      await convert.close();
      await Promise.all([jobs.close(), engine.close()]);
      data.close();
      options.log.info('Closed.');
    },
  };
}

function personasOf(store: Store, files: Files, settings: SettingsModule, log: (line: string) => void): Personas {
  const personas = createPersonas({
    ...{ store, files, settingsSampling: settings.sampling, builtInModelId: builtInModel.id },
    shippedSampling: (modelId) => shippedSampling(modelId, settings.sampling()),
    onDefect: (error) => log(`Personas: ${encodeError(error).message}`),
  });
  settings.onChange((part) => {
    if (part === 'sampling') personas.settingsChanged();
  });
  return personas;
}

/** Deletes what conversions left that no job continues, once the jobs of earlier processes are known. */
async function sweepWhenKnown(jobs: Jobs, convert: Convert, signal: AbortSignal): Promise<void> {
  for await (const _ of jobs.watch(signal)) {
    await convert.sweep();
    return;
  }
}

/** Whether a model writes the titles of its chats: those of servers elsewhere may cost money. */
async function writesTitles(
  modelId: string,
  settings: Pick<SettingsModule, 'chatTitles'>,
  library: Pick<Library, 'list'>,
): Promise<boolean> {
  if (settings.chatTitles() !== 'model' || isRemoteModelId(modelId)) return false;
  const model = (await library.list()).find(({ id }) => id === modelId);
  return (model?.parameterCount ?? 0) >= LEAST_TITLE_PARAMETERS;
}
