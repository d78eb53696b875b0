/** The conversion for one command: the app's own, with its one job run here and its files beside the output. */
import { existsSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { parseModelReference } from '../../../preload/contract/model-reference.ts';
import type { ConversionSource, TokenizerSource } from '../../../preload/contract/convert.ts';
import type { JobDetail } from '../../../preload/contract/jobs.ts';
import { isRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { builtInModel } from '../../app/built-in.ts';
import { createConvertChildren } from '../../app/convert-children.ts';
import { checkoutLayout } from '../../app/layout.ts';
import { freeDiskBytes, moveToFree } from '../../base/disk.ts';
import type { WorkOrder } from '../../base/work.ts';
import { createConvert, readRecord, stemOfFile, type Convert } from '../../convert/convert.ts';
import { createEngine, physicalCores } from '../../engine/engine.ts';
import { createInference, createLocalProvider } from '../../inference/inference.ts';
import { createSpawnChild } from '../../process/spawn-child.ts';
import { readHeaderOfFile, readModelHeader } from '../../library/library.ts';
import { fitIn } from '../../model-file/fit-of.ts';
import { freeMemory } from '../../system/system.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { connectHub, hubTokenOf } from '../connect-hub.ts';
import { UsageError, type Invocation } from '../invocation.ts';
import { measureMemorySpeed, type MemorySpeed } from '../memory-speed.ts';
import { nameInFolder } from '../given-names.ts';
import { findModelFile } from '../model-files.ts';
import { withHints } from './hints.ts';
import { openWorkFolder, type WorkPlace } from './work-folder.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

export interface CommandConversion {
  readonly convert: Convert;
  /** The source that an argument names: a folder that is there, else a repository. Throws invalid_input. */
  sourceOf(text: string): ConversionSource;
  /** Whose tokenizer an argument names: a folder, a GGUF file, the built-in model, or a repository. Throws invalid_input. */
  tokenizerOf(text: string): Promise<TokenizerSource>;
  /** Says which state of the source is converted, such as a commit: what a killed command left of another state is removed. */
  begin(source: string): Promise<void>;
  /** Starts one job by `start`, runs it to its end, and answers what it gave. The job leaves nothing when it fails or is interrupted. */
  run(start: () => Promise<unknown>): Promise<{ readonly modelId: string; readonly detail: JobDetail | null }>;
  /**
   * Moves the file of a model that the job made to its place, and its record beside it. A file that came there meanwhile stays.
   * @throws AppError `invalid_input` (`output_exists`).
   */
  take(modelId: string, target: string): Promise<void>;
  /** Measures this machine's memory, so that fits have a speed. Without it they have none. */
  measureMemory(): Promise<void>;
  /** Deletes what lies beside the output. */
  close(): Promise<void>;
}

/**
 * The conversion whose files are in a hidden folder beside the output until they are complete. `place` is null for a command without
 * an output. @throws AppError `busy` while another process runs the same command.
 */
export async function openConversion(
  { environment, output, signal, version }: Invocation,
  place: WorkPlace | null,
  threads: () => number = physicalCores,
): Promise<CommandConversion> {
  const layout = checkoutLayout();
  const cacheFolder = await cacheFolderOf(environment);
  const hub = connectHub(environment, cacheFolder, hubTokenOf(environment));
  const work = await openWorkFolder(place);
  const convertedFolder = path.join(work.folder, 'converted');
  const shown: string[] = [];
  let order: WorkOrder | null = null;
  let speed: MemorySpeed = {};
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange: () => {},
  });
  const convert = createConvert({
    ...{
      hub,
      fitOf: fitIn(() => ({ ...freeMemory(), ...speed })),
      freeBytes: freeDiskBytes,
      threads,
      version,
    },
    folders: { pick: async () => null, pathOf: (id) => shown[Number(id)] ?? '' },
    library: {
      matrixPath: async (reference) => (await findModelFile(reference, { cacheFolder, layout, environment })).openPath,
      async find(reference) {
        const file = await findModelFile(reference, { cacheFolder, layout, environment });
        const { summary } = await readModelHeader(file);
        const { openPath, sizeBytes, path: name } = file;
        return {
          modelId: reference,
          name: path.basename(name, '.gguf'),
          path: openPath,
          weightsBytes: sizeBytes,
          summary,
        };
      },
      converted: async () => [],
      rescan: async () => {},
      readHeader: readHeaderOfFile,
    },
    jobs: {
      run(given) {
        order = given;
        return { jobId: '' };
      },
    },
    ...{ convertedFolder, workFolder: path.join(work.folder, 'work') },
    measurementsFolder: path.join(work.folder, 'measurements'),
    newWorkId: () => work.workId,
    measuredTextPath: layout.measuredTextPath,
    children: createConvertChildren(layout),
    runner: {
      inferenceOf: (model) => createInference(createLocalProvider({ engine, findModel: () => Promise.resolve(model) })),
      unload: engine.unload,
    },
  });

  async function runOrder(given: WorkOrder): Promise<{ readonly modelId: string; readonly detail: JobDetail | null }> {
    let last: JobDetail | null = null;
    let toldAt = 0;
    const tell = (): void => {
      const now = performance.now();
      if (last?.code !== 'conversion' || now - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = now;
      const { doneBytes = 0, totalBytes = 0 } = given.view?.() ?? {};
      output.progress({ phase: last.name === null ? last.phase : `${last.phase} ${last.name}`, doneBytes, totalBytes });
    };
    await given.run({
      signal,
      progress: () => {},
      received: () => {},
      phase: () => {},
      keep: () => {},
      log: () => {},
      detail(detail) {
        last = detail;
        tell();
      },
    });
    return { modelId: given.view?.().modelId ?? '', detail: last };
  }

  const isFolder = (text: string): boolean => existsSync(text) && statSync(text).isDirectory();
  function sourceOf(text: string): ConversionSource {
    if (isFolder(text)) return { kind: 'folder', folderId: String(shown.push(path.resolve(text)) - 1) };
    const found = parseModelReference(text, [environment.hubEndpoint]);
    if (found === null)
      throw new AppError('invalid_input', `"${text}" is no folder and no repository. Write OWNER/NAME or a path.`);
    return { kind: 'hub', repoId: found.repoId, revision: found.revision ?? 'main' };
  }

  return {
    convert,
    sourceOf,
    async tokenizerOf(text) {
      const named = existsSync(text) ? null : await nameInFolder(text, environment.dataFolder);
      if (named || isRemoteModelId(text)) return { kind: 'model', modelId: text };
      const found = isFolder(text) ? null : parseModelReference(text, [environment.hubEndpoint]);
      const isModel =
        text.toLowerCase() === builtInModel.name.toLowerCase() ||
        (!isFolder(text) && (existsSync(text) || /\.gguf$/i.test(text))) ||
        (found !== null && (found.tag !== null || found.path !== null));
      return isModel ? { kind: 'model', modelId: text } : sourceOf(text);
    },
    begin: work.begin,
    async run(start) {
      await start();
      if (order === null) throw new AppError('internal', 'There is no work.');
      const given: WorkOrder = order;
      try {
        return await runOrder(given);
      } catch (error) {
        await given.discard?.();
        throw error;
      }
    },
    async take(modelId, target) {
      const file = path.join(convertedFolder, ...modelId.split('/').slice(1));
      if (!(await moveToFree(file, target))) throw outputExists(target);
      if (!existsSync(`${file}.json`)) return;
      // The record of an earlier model of this name gives way; a file of the user's own does not.
      if (existsSync(`${target}.json`) && (await readRecord(target)) === null)
        return output.warning(`${target}.json is no record of Hearth. It stays, and no record is written.`);
      await rename(`${file}.json`, `${target}.json`);
    },
    async measureMemory() {
      speed = await measureMemorySpeed();
    },
    async close() {
      await Promise.all([convert.close(), engine.close()]);
      await work.remove();
    },
  };
}

/** Does one command's work, whose refusals name the options that help, and puts everything away. Throws as `openConversion` and `work`. */
export async function inConversion(
  invocation: Invocation,
  place: WorkPlace | null,
  work: (conversion: CommandConversion) => Promise<void>,
  threads: () => number = physicalCores,
): Promise<void> {
  const conversion = await openConversion(invocation, place, threads);
  try {
    await withHints(() => work(conversion));
  } finally {
    await conversion.close();
  }
}

function outputExists(target: string, wayOn = 'Name another output.'): AppError {
  return new AppError('invalid_input', `There is a file ${target} already. ${wayOn}`, { reason: 'output_exists' });
}

/**
 * The path of the output: that of `--output`, else the name in the present folder. `wayOn` says what names another one. @throws UsageError for standard output, AppError
 * `invalid_input` for a folder and for a file that is there.
 */
export function outputPath(
  values: { readonly output: string | undefined },
  name: string,
  wayOn = '--output names another one.',
): string {
  const { output } = values;
  if (output === '-')
    throw new UsageError('--output takes the name of a file: a model is not written to standard output.');
  const target = path.resolve(output ?? name);
  const isFolder = existsSync(target) ? statSync(target).isDirectory() : /[/\\]$/.test(output ?? '');
  if (isFolder) throw new AppError('invalid_input', `${target} is a folder. --output takes the file to write.`);
  if (existsSync(target)) throw outputExists(target, wayOn);
  return target;
}

/** What files are called that are made of a model, without type and ending: as in the app. Throws as `findModelFile`. */
export async function stemOf(reference: string, { environment }: Invocation): Promise<string> {
  const places = { cacheFolder: await cacheFolderOf(environment), layout: checkoutLayout(), environment };
  return stemOfFile(path.posix.basename((await findModelFile(reference, places)).path));
}
