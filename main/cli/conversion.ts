/** The conversion for one command: the app's own, with its one job run here and its files beside the output. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseModelReference } from '../../preload/contract/model-reference.ts';
import {
  outputTypeSchema,
  quantizeOptionsSchema,
  type ConversionSource,
  type OutputType,
  type QuantizeOptions,
} from '../../preload/contract/convert.ts';
import type { JobDetail } from '../../preload/contract/jobs.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { createConvertChildren } from '../app/convert-children.ts';
import { checkoutLayout } from '../app/layout.ts';
import { freeDiskBytes } from '../base/disk.ts';
import type { WorkOrder } from '../base/work.ts';
import { createConvert, type Convert } from '../convert/convert.ts';
import { createEngine, physicalCores } from '../engine/engine.ts';
import { createInference, createLocalProvider } from '../inference/inference.ts';
import { createSpawnChild } from '../process/spawn-child.ts';
import { readHeaderOfFile, readModelHeader } from '../library/library.ts';
import { fitIn } from '../model-file/fit-of.ts';
import { freeMemory } from '../system/system.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { connectHub, hubTokenOf } from './connect-hub.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { findModelFile } from './model-files.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

export interface CommandConversion {
  readonly convert: Convert;
  /** The source that an argument names: a folder that is there, else a repository. Throws invalid_input. */
  sourceOf(text: string): ConversionSource;
  /** Starts one job by `start`, runs it to its end, and answers what it gave. The job leaves nothing when it fails or is interrupted. */
  run(start: () => Promise<unknown>): Promise<{ readonly modelId: string; readonly detail: JobDetail | null }>;
  /** Moves the file of a model that the job made to its place. */
  take(modelId: string, target: string): Promise<void>;
  /** Deletes what lies beside the output. */
  close(): Promise<void>;
}

/** The conversion whose files are in a hidden folder of `folder` until they are complete. */
export async function openConversion(
  { environment, output, signal, version }: Invocation,
  folder: string,
): Promise<CommandConversion> {
  const layout = checkoutLayout();
  const cacheFolder = await cacheFolderOf(environment);
  const hub = connectHub(environment, cacheFolder, hubTokenOf(environment));
  await mkdir(folder, { recursive: true });
  const own = await mkdtemp(path.join(folder, '.hearth-'));
  const convertedFolder = path.join(own, 'converted');
  const shown: string[] = [];
  let order: WorkOrder | null = null;
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange: () => {},
  });
  const convert = createConvert({
    ...{
      hub,
      fitOf: fitIn(freeMemory),
      freeBytes: freeDiskBytes,
      threads: physicalCores,
      version,
    },
    folders: { pick: async () => null, pathOf: (id) => shown[Number(id)] ?? '' },
    library: {
      async find(reference) {
        const file = await findModelFile(reference, { cacheFolder, layout });
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
    ...{ convertedFolder, workFolder: path.join(own, 'work'), measurementsFolder: path.join(own, 'measurements') },
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
      log: () => {},
      detail(detail) {
        last = detail;
        tell();
      },
    });
    return { modelId: given.view?.().modelId ?? '', detail: last };
  }

  return {
    convert,
    sourceOf(text) {
      if (existsSync(text) && statSync(text).isDirectory())
        return { kind: 'folder', folderId: String(shown.push(path.resolve(text)) - 1) };
      const found = parseModelReference(text, [environment.hubEndpoint]);
      if (found === null)
        throw new AppError('invalid_input', `"${text}" is no folder and no repository. Write OWNER/NAME or a path.`);
      return { kind: 'hub', repoId: found.repoId, revision: found.revision ?? 'main' };
    },
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
    take: async (modelId, target) => await rename(path.join(convertedFolder, ...modelId.split('/').slice(1)), target),
    async close() {
      await Promise.all([convert.close(), engine.close()]);
      await rm(own, { recursive: true, force: true });
    },
  };
}

/** The type of `--to`, in any spelling. @throws UsageError. */
export function typeOption(text: string): OutputType {
  const parsed = outputTypeSchema.safeParse(text.toUpperCase());
  if (!parsed.success) throw new UsageError(`--to takes a type such as Q4_K_M or F16, not "${text}".`);
  return parsed.data;
}

/** The options of a quantization. @throws UsageError for a value that none can have. */
export function quantizeOptions(values: Values): QuantizeOptions {
  const given = (text: string | undefined): string | null => text?.toUpperCase() ?? null;
  const parsed = quantizeOptionsSchema.safeParse({
    pure: values.pure,
    outputTensorType: given(values['output-tensor-type']),
    embeddingTensorType: given(values['embedding-type']),
    tensorTypes: (values['tensor-types'] ?? '')
      .split(',')
      .filter((part) => part !== '')
      .map((part) => ({
        pattern: part.slice(0, part.lastIndexOf('=')),
        type: part.slice(part.lastIndexOf('=') + 1).toUpperCase(),
      })),
    pruneLayers: (values['prune-layers'] ?? '')
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
    imatrix:
      values.imatrix === undefined
        ? { kind: 'none' }
        : values.imatrix === 'text'
          ? { kind: 'text', text: null }
          : { kind: 'file', modelId: values.imatrix },
    allowRequantize: values['allow-requantize'],
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${issue?.path.join('.') ?? 'An option'}: ${issue?.message ?? 'wrong'}.`);
}

/** The path of the output: that of `--output`, else the name in the present folder. @throws AppError `invalid_input` for a file that is there. */
export function outputPath(values: Values, name: string): string {
  const target = path.resolve(values.output ?? name);
  if (existsSync(target))
    throw new AppError('invalid_input', `There is a file ${target} already.`, { reason: 'output_exists' });
  return target;
}
