/** The composition root: the only file that sees all modules. The shells give it what differs between them. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeError } from '../../preload/wire/errors.ts';
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import { createChats } from '../chat/chat.ts';
import type { Log } from '../base/log.ts';
import { createBackends, createEngine, npmRegistry, type Watchdog } from '../engine/engine.ts';
import type { Environment } from './environment.ts';
import { childLogger, createLoadLog, logJobs } from './event-log.ts';
import { createHandlers } from './handlers.ts';
import { createHub, createNetworkFetch } from '../hub/hub.ts';
import { createInference, createLocalProvider } from '../inference/inference.ts';
import { createJobs } from '../jobs/jobs.ts';
import { builtInModel, preload, samplingFor } from './built-in.ts';
import { createLibrary } from '../library/library.ts';
import { createFiles } from '../store/files.ts';
import { createHubRecords } from '../store/hub-answers.ts';
import { createLoadRecords } from '../store/load-records.ts';
import { createSecrets, type Seal } from '../store/secrets.ts';
import { createSettings } from '../settings/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import { freeDiskBytes } from '../base/disk.ts';
import { createNotices, freeMemory } from '../system/system.ts';

export interface AppOptions {
  readonly shell: 'electron' | 'http';
  readonly version: string;
  readonly environment: Environment;
  /** Folder of the numbered SQL files. */
  readonly migrationsFolder: string;
  readonly builtInModelPath: string;
  /** Starts an engine child with these environment variables. It may write below `states` of the data folder. */
  readonly spawnChild: (variables: Readonly<Record<string, string>>) => ChildProcess;
  /** The system's keychain, where the shell has one. */
  readonly seal: Seal | null;
  readonly pickFolder: (() => Promise<string | null>) | null;
  /** The shell's dialog for model files, where it has one. Answers null when it was closed. */
  readonly pickFiles?: () => Promise<readonly string[] | null>;
  /** Shows a file in the system's file manager, where the shell has one. */
  readonly revealFile?: (file: string) => void;
  readonly log: Log;
}

export interface App {
  readonly handlers: HearthHandlers;
  /** Brings a model file in. @throws AppError `hub.unsafe_name`, `invalid_input`, `disk.full`, `model.*`. */
  importFile(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ modelId: string }>;
  /** A secret of this installation that is made at its first use. */
  secret(name: string, make: () => string): string;
  onDefect(route: string, error: unknown): void;
  /** Stops everything and stores it. */
  close(): Promise<void>;
}

/** For a child that stands at a breakpoint. */
const patientWatchdog: Watchdog = { everyMs: 5000, unanswered: Infinity, startMs: Infinity, batchMs: Infinity };

/** Opens the data folder. What stops that stops the start, and is said in the log before it is thrown. */
function openLogged({ environment, migrationsFolder, log }: AppOptions): Store {
  try {
    return openStore(environment.dataFolder, migrationsFolder);
  } catch (error) {
    const { code, message } = encodeError(error);
    log.error(`The start: ${code}: ${message}`);
    throw error;
  }
}

/** Opens the data folder and starts every module. @throws AppError `store.*`, `disk.*`. */
export function createApp(options: AppOptions): App {
  const { environment } = options;
  const log = options.log.warn;
  options.log.info(`Hearth ${options.version} (${options.shell}) on ${process.platform} ${process.arch}.`);
  const store = openLogged(options);
  const temporary = environment.temporaryCache ? mkdtempSync(path.join(os.tmpdir(), 'hearth-cache-')) : null;
  const closing = new AbortController();
  /** Work that nobody waits for. What fails because the app closed under it is no defect. */
  const inBackground = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      if (!closing.signal.aborted) log(`In the background: ${encodeError(error).message}`);
    });
  };
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
    homeFolder: environment.programs.home,
    defaultHubEndpoint: environment.hubEndpoint,
    fixedNetwork: environment.network,
  });
  const jobs = createJobs({
    store,
    onDefect: (error) => log(`A job: ${encodeError(error).message}`),
  });
  const logLoads = createLoadLog(options.log);
  const engine = createEngine({
    spawnChild: options.spawnChild,
    onStderr: childLogger(options.log),
    records: createLoadRecords(store),
    freeMemory,
    limits: settings.engine,
    findAuxiliaryFile: (modelId, kind) => library.findAuxiliaryFile(modelId, kind),
    backends: createBackends({
      folder: path.join(environment.dataFolder, 'backends'),
      registry: npmRegistry(process.env),
      fetch: createNetworkFetch(settings.network),
      offline: environment.offline,
      run: jobs.run,
    }),
    spare: true,
    ...(environment.inspectChildPort !== null && { watchdog: patientWatchdog }),
    scratchFolder: path.join(environment.dataFolder, 'states', 'scratch'),
    onChange: (loaded) => {
      logLoads(loaded);
      library.refreshLoaded();
    },
  });

  const hub = createHub({
    endpoint: () => settings.network().hubEndpoint,
    token: settings.hubToken,
    fetch: createNetworkFetch(settings.network),
    bytesPerSecond: () => settings.downloads().bytesPerSecond,
    offline: environment.offline,
    cacheFolder: settings.cacheFolder,
    memory: engine.freeMemory,
    records: createHubRecords(store),
    fileState: (repoId, file) => library.fileState(repoId, file),
  });
  const notices = createNotices();
  const library = createLibrary({
    store,
    settings,
    hub,
    jobs,
    engine,
    builtIn: { modelId: builtInModel.id, name: builtInModel.name, path: options.builtInModelPath },
    programs: environment.programs,
    importedFolder: path.join(environment.dataFolder, 'imported'),
    freeDiskBytes,
    pickFiles: options.pickFiles ?? null,
    onNotDeleted: (failure) => notices.tell({ code: 'not_deleted', ...failure }),
    log,
  });
  inBackground(logJobs(jobs.watch(closing.signal), options.log));
  jobs.start(library.resumers);
  const inference = createInference(
    createLocalProvider({
      engine,
      findModel: library.find,
      listModels: async () =>
        (await library.list()).flatMap(({ id, name, kind, problem }) =>
          kind === 'model' && problem === null ? { modelId: id, name } : [],
        ),
    }),
  );
  const files = createFiles({ store, folder: path.join(environment.dataFolder, 'files') });
  inBackground(files.sweep());
  const chats = createChats({
    store,
    files,
    inference,
    builtInModelId: builtInModel.id,
    defaultSampling: (modelId, again) => samplingFor(modelId, settings.sampling(), again),
    onModelUsed: library.markUsed,
    onDefect: (error) => log(`A reply: ${encodeError(error).message}`),
    states: {
      folder: path.join(environment.dataFolder, 'states'),
      budgetBytes: () => settings.engine().stateDiskBytes,
    },
  });

  const handlers = createHandlers({
    settings,
    hub,
    jobs,
    library,
    engine,
    inference,
    chats,
    notices,
    log: options.log,
    revealFile: options.revealFile ?? null,
    facts: {
      version: options.version,
      shell: options.shell,
      dataFolder: environment.dataFolder,
      offline: environment.offline,
      temporaryCache: temporary !== null,
      warnings: environment.warnings,
    },
  });

  settings.onChange((part) => {
    if (part === 'downloads') jobs.reconsider();
  });
  const load = (modelId: string, ifRoom: boolean): Promise<unknown> => inference.load(modelId, { ifRoom });
  // The limit may have been set, or the cache filled by others, while Hearth was closed. What is preloaded stays.
  inBackground(preload(settings.engine().preload, load, log).then(library.keepWithinLimit));

  return {
    handlers,
    importFile: library.importFile,
    secret: secrets.readOrMake,
    onDefect: (route, error) =>
      options.log.error(`${route}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    async close() {
      closing.abort();
      await chats.close();
      await library.close();
      await Promise.all([jobs.close(), engine.close()]);
      store.close();
      options.log.info('Closed.');
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
    },
  };
}
