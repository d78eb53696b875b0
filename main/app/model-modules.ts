/** The modules that know models, joined: the Hub that has them, the library that keeps them, and the engine that runs them. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { freeDiskBytes } from '../base/disk.ts';
import type { Log } from '../base/log.ts';
import { createBackends, createEngine, npmRegistry, type Engine, type Watchdog } from '../engine/engine.ts';
import { createHub, createNetworkFetch, type Hub } from '../hub/hub.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { createLibrary, type Library } from '../library/library.ts';
import { createHubRecords } from '../store/hub-answers.ts';
import { createLoadRecords } from '../store/load-records.ts';
import { freeMemory, type Notices } from '../system/system.ts';
import { builtInModel } from './built-in.ts';
import type { Data } from './data.ts';
import type { Environment } from './environment.ts';
import { childLogger, createLoadLog } from './event-log.ts';

export interface ModelModulesOptions {
  readonly data: Pick<Data, 'store' | 'settings'>;
  readonly jobs: Jobs;
  readonly notices: Notices;
  readonly environment: Environment;
  readonly builtInModelPath: string;
  readonly spawnChild: (variables: Readonly<Record<string, string>>) => ChildProcess;
  readonly pickFiles: (() => Promise<readonly string[] | null>) | null;
  /** Keeps a spare engine child, and measures this machine's memory while nothing is going on. */
  readonly spare: boolean;
  readonly log: Log;
}

export interface ModelModules {
  readonly engine: Engine;
  readonly hub: Hub;
  readonly library: Library;
}

/** A watchdog that never ends a child, because a debugger may have stopped it. */
const patientWatchdog: Watchdog = {
  ...{ everyMs: 5000, unanswered: Infinity, startMs: Infinity },
  ...{ batchMs: Infinity, grammarMs: Infinity },
};

export function createModelModules(options: ModelModulesOptions): ModelModules {
  const { jobs, notices, environment, log } = options;
  const { store, settings } = options.data;
  const logLoads = createLoadLog(log);
  // The engine and the library need each other, but neither before both are there.
  const engine = createEngine({
    spawnChild: options.spawnChild,
    onStderr: childLogger(log),
    records: createLoadRecords(store),
    freeMemory,
    limits: settings.engine,
    findAuxiliaryFile: (modelId, kind) => library.findAuxiliaryFile(modelId, kind),
    // The size limit must not take for unused what a model is loaded with.
    onAuxiliaryUsed: (modelIds) => library.markUsed(modelIds, 'auxiliary'),
    backends: createBackends({
      folder: path.join(environment.dataFolder, 'backends'),
      registry: npmRegistry(process.env),
      fetch: createNetworkFetch(settings.network),
      offlineBy: environment.offlineBy,
      run: jobs.run,
    }),
    spare: options.spare,
    measureMemory: options.spare,
    ...(environment.inspectChildPort !== null && { watchdog: patientWatchdog }),
    scratchFolder: path.join(environment.dataFolder, 'states', 'scratch'),
    onChange: (loaded) => {
      logLoads(loaded);
      library.publishInUse();
    },
  });
  const hub = createHub({
    endpoint: () => settings.network().hubEndpoint,
    token: settings.hubToken,
    ...(environment.hubResponseMs !== null && { responseMs: environment.hubResponseMs }),
    ...(environment.hubStallMs !== null && { stallMs: environment.hubStallMs }),
    withLinks: environment.withLinks,
    fetch: createNetworkFetch(settings.network),
    bytesPerSecond: () => settings.downloads().bytesPerSecond,
    offlineBy: environment.offlineBy,
    cacheFolder: settings.cacheFolder,
    fitOf: engine.fitOf,
    records: createHubRecords(store),
    fileState: (repoId, file) => library.fileState(repoId, file),
  });
  const library = createLibrary({
    store,
    settings,
    hub,
    jobs,
    engine,
    builtIn: { modelId: builtInModel.id, name: builtInModel.name, path: options.builtInModelPath },
    programs: environment.programs,
    importedFolder: path.join(environment.dataFolder, 'imported'),
    convertedFolder: path.join(environment.dataFolder, 'converted'),
    freeDiskBytes,
    pickFiles: options.pickFiles,
    onNotDeleted: (failure) => notices.tell({ code: 'not_deleted', ...failure }),
    log: log.warn,
  });
  return { engine, hub, library };
}
