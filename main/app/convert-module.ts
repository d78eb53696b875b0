/** The conversion module, joined with the modules that it uses. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { freeDiskBytes } from '../base/disk.ts';
import type { Log } from '../base/log.ts';
import { createConvert, type Convert, type ConvertChildren } from '../convert/convert.ts';
import { physicalCores, type Engine } from '../engine/engine.ts';
import type { Hub } from '../hub/hub.ts';
import { createInference, createLocalProvider } from '../inference/inference.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { readHeaderOfFile, type Library } from '../library/library.ts';
import type { SettingsModule } from '../settings/settings.ts';
import type { ConvertStarts } from './convert-children.ts';
import type { Environment } from './environment.ts';

export function createConvertModule(options: {
  readonly hub: Hub;
  readonly jobs: Jobs;
  readonly engine: Engine;
  readonly library: Library;
  readonly settings: SettingsModule;
  readonly environment: Environment;
  readonly log: Log;
  readonly version: string;
  readonly measuredTextPath: string;
  readonly convertChildren: ConvertStarts;
  /** Records a child, so that the next start ends it where a killed app has left it. */
  readonly keep: (child: ChildProcess) => void;
}): Convert {
  const { hub, jobs, engine, library, settings, environment } = options;
  return createConvert({
    ...{ hub, jobs, freeBytes: freeDiskBytes, version: options.version, threads: physicalCores },
    fitOf: engine.fitOf,
    folders: { pick: settings.pickFolder, pathOf: settings.shownFolder },
    library: {
      find: library.find,
      matrixPath: async (modelId) => (await library.findAuxiliaryFile(modelId, 'imatrix')).path,
      converted: async () => (await library.list()).flatMap(({ id, origin }) => (origin === 'converted' ? id : [])),
      rescan: library.rescan,
      readHeader: readHeaderOfFile,
    },
    convertedFolder: path.join(environment.dataFolder, 'converted'),
    workFolder: path.join(environment.dataFolder, 'converting'),
    measurementsFolder: path.join(environment.dataFolder, 'measurements'),
    measuredTextPath: options.measuredTextPath,
    children: keptChildren(options.convertChildren, options.keep, options.log),
    runner: {
      inferenceOf: (model) => createInference(createLocalProvider({ engine, findModel: () => Promise.resolve(model) })),
      unload: engine.unload,
    },
  });
}

/** The children, each recorded, so that the next start ends those that a killed app has left. */
function keptChildren(starts: ConvertStarts, keep: (child: ChildProcess) => void, log: Log): ConvertChildren {
  const kept = (child: ChildProcess): ChildProcess => {
    keep(child);
    return child;
  };
  return {
    startConvert: (folder, variables) => kept(starts.startConvert(folder, variables)),
    startNative: (folder) => kept(starts.startNative(folder)),
    startTokenizer: (heapMb) => kept(starts.startTokenizer(heapMb)),
    onStderr: (line, pid) => log.warn(`Conversion child ${String(pid ?? '?')}: ${line}`),
  };
}
