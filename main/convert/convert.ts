/**
 * Making models: safetensors to GGUF, quantization, what it costs, verification, and tokenizers. The entry of this folder: other modules
 * import only this file.
 */
import type { ChildProcess } from 'node:child_process';
import type { ConversionSource, convertRoutes } from '../../preload/contract/convert.ts';
import type { ConversionJobKind } from '../../preload/contract/jobs.ts';
import type { InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import type { ResumeWork, WorkOrder } from '../base/work.ts';
import type { Hub } from '../hub/hub.ts';
import type { GgufHeader } from '../model-file/gguf.ts';
import type { FitOf } from '../model-file/fit-of.ts';
import { createConverter } from './child/converter.ts';
import { createFileWorker } from './child/file-worker.ts';
import { createChecks } from './check/checks.ts';
import { createOrders } from './jobs/orders.ts';
import { createMeasurements } from './measure/measurements.ts';
import { createOutputs, sweepOutputs } from './outputs/outputs.ts';
import { shownRecord } from './outputs/records.ts';
import { createSourceUse } from './jobs/source-use.ts';
import type { JobTools, ModelOnDisk } from './jobs/tools.ts';
import { createUnderWay } from './jobs/under-way.ts';
import { createVerifications } from './jobs/verify-job.ts';
import { createWorkspaces } from './outputs/workspaces.ts';
import { createSideways } from './sideways/sideways.ts';
import { createTokenizerOrigins } from './sources/tokenizer-origins.ts';
import { createGgufTokenizers } from './tokenizer/gguf-tokenizers.ts';
import { createTokenizers } from './tokenizer/tokenizers.ts';
import { createVerifyFile, type FileRunner } from './verify/verify-file.ts';
import { createMeasure } from './measure/measure.ts';
import { createCollectImatrix } from './quantize/imatrix.ts';
import { createQuantizer } from './quantize/quantize.ts';
import type { SourceAddress } from './sources/open-checkpoint.ts';
import { listStoredCheckpoints } from './sources/stored-checkpoints.ts';

export { placeOfFolder, placeOfRepository, stemOfFile } from './outputs/output-place.ts';
export { readRecord } from './outputs/records.ts';
export { exportSafetensors } from './safetensors/export-safetensors.ts';
export { mergeModel, splitModel, type SplitLimit } from './split/split.ts';
export { removeLeftFiles } from './split/write-together.ts';

type Routes = typeof convertRoutes;
type Input<R extends keyof Routes> = InputOf<Routes, R>;
type Answer<R extends keyof Routes> = Promise<OutputOf<Routes, R>>;

export interface ConvertOptions {
  readonly hub: Hub;
  readonly fitOf: FitOf;
  readonly folders: {
    /** Opens the shell's folder dialog. Null when it was closed. Throws unsupported where the shell has none. */
    pick(): Promise<{ readonly folderId: string; readonly path: string } | null>;
    /** Throws not_found for the id of a folder that was not shown. */
    pathOf(folderId: string): string;
  };
  readonly library: {
    /** Throws model.*. */
    find(modelId: string): Promise<ModelOnDisk>;
    /** The path of an importance matrix. Throws model.*. */
    matrixPath(modelId: string): Promise<string>;
    /** The ids of the models that Hearth made. */
    converted(): Promise<readonly string[]>;
    /** Reads what came into the folder of converted models. */
    rescan(): Promise<unknown>;
    /** The header of a model's file. Throws model.*. */
    readHeader(path: string): Promise<GgufHeader>;
  };
  readonly jobs: { run(order: WorkOrder): { readonly jobId: string } };
  /** The folder for finished models, and that for files under work, which are on one disk. */
  readonly convertedFolder: string;
  readonly workFolder: string;
  /** Makes the ids of jobs' folders, which are UUIDs. Default: random ones. */
  readonly newWorkId?: () => string;
  /** The folder for the tables of measurements. */
  readonly measurementsFolder: string;
  /** The text that importance matrices and measurements are taken from where none is given. */
  readonly measuredTextPath: string;
  readonly children: ConvertChildren;
  /** Runs what was made, to verify it. Null: nothing is verified. */
  readonly runner: FileRunner | null;
  readonly freeBytes: (folder: string) => Promise<number | null>;
  /** Processor cores for quantizing. */
  readonly threads: () => number;
  readonly version: string;
}

/** Starts children whose own code may write below `writableFolder` alone (null: nowhere). */
export interface ConvertChildren {
  startConvert(writableFolder: string, variables: Readonly<Record<string, string>>): ChildProcess;
  startNative(writableFolder: string | null): ChildProcess;
  /** A child that may write nowhere, whose heap has at most `heapMb`. */
  startTokenizer(heapMb: number): ChildProcess;
  onStderr?(line: string, pid: number | undefined): void;
}

export interface Convert {
  check(input: Input<'convert.check'>, signal: AbortSignal): Answer<'convert.check'>;
  pickFolder(): Answer<'convert.pickFolder'>;
  stored(): Answer<'convert.stored'>;
  start(input: Input<'convert.start'>, signal: AbortSignal): Answer<'convert.start'>;
  checkAdapter(input: Input<'convert.checkAdapter'>, signal: AbortSignal): Answer<'convert.checkAdapter'>;
  adapter(input: Input<'convert.adapter'>, signal: AbortSignal): Answer<'convert.adapter'>;
  split(input: Input<'convert.split'>): Answer<'convert.split'>;
  merge(input: Input<'convert.merge'>): Answer<'convert.merge'>;
  export(input: Input<'convert.export'>): Answer<'convert.export'>;
  outputs(input: Input<'convert.outputs'>, signal: AbortSignal): Answer<'convert.outputs'>;
  records(): Answer<'convert.records'>;
  quantize(input: Input<'convert.quantize'>): Answer<'convert.quantize'>;
  predictSize(input: Input<'convert.predictSize'>, signal: AbortSignal): Answer<'convert.predictSize'>;
  imatrix(input: Input<'convert.imatrix'>): Answer<'convert.imatrix'>;
  measure(input: Input<'convert.measure'>): Answer<'convert.measure'>;
  measurements(): Answer<'convert.measurements'>;
  deleteMeasurement(input: Input<'convert.deleteMeasurement'>): Answer<'convert.deleteMeasurement'>;
  verify(input: Input<'convert.verify'>): Answer<'convert.verify'>;
  encode(input: Input<'tokenizer.encode'>, signal: AbortSignal): Answer<'tokenizer.encode'>;
  decode(input: Input<'tokenizer.decode'>, signal: AbortSignal): Answer<'tokenizer.decode'>;
  /** Make the work orders of an earlier process's jobs again. */
  readonly resumers: Readonly<Record<ConversionJobKind, ResumeWork>>;
  /** Ends the children of the tokenizers. */
  close(): Promise<void>;
  /** Deletes what jobs left that are gone. Called once, when the jobs of earlier processes are known. Never throws. */
  sweep(): Promise<void>;
}

export function createConvert(options: ConvertOptions): Convert {
  const { hub, fitOf, folders, library, children } = options;
  const checks = createChecks({ hub, fitOf });
  const workspaces = createWorkspaces(options.workFolder, options.newWorkId);
  const outputs = createOutputs({ folder: options.convertedFolder, onPublished: library.rescan });
  const onStderr = (line: string, pid: number | undefined): void => children.onStderr?.(line, pid);
  const native = { startChild: children.startNative, onStderr };
  const tokenizers = createTokenizers({ startChild: children.startTokenizer, onStderr });
  const ggufTokenizers = createGgufTokenizers(native);
  const verifyFile =
    options.runner === null
      ? null
      : createVerifyFile({ runner: options.runner, native, tokenizers, readHeader: library.readHeader });
  const convertChild = { startChild: children.startConvert, onStderr };
  const tools: JobTools = {
    ...{ hub, checks, workspaces, outputs, fitOf, sourceUse: createSourceUse() },
    converter: createConverter(convertChild),
    quantizer: createQuantizer(native),
    collectImatrix: createCollectImatrix({ ...native, defaultTextPath: options.measuredTextPath }),
    verifyFile,
    findModel: library.find,
    matrixPath: library.matrixPath,
    readHeader: library.readHeader,
    freeBytes: options.freeBytes,
    threads: options.threads,
    run: options.jobs.run,
    version: options.version,
  };
  const underWay = createUnderWay(options.jobs.run);
  const orders = createOrders({ ...tools, underWay });
  const measurements = createMeasurements({
    ...{ findModel: library.find, threads: options.threads, run: options.jobs.run },
    folder: options.measurementsFolder,
    measure: createMeasure({
      ...native,
      defaultTextPath: options.measuredTextPath,
      scratchFolder: options.workFolder,
    }),
  });
  const origins = createTokenizerOrigins(hub);
  const sideways = createSideways({ ...tools, underWay, origins, workOnFiles: createFileWorker(convertChild) });
  const verifications = createVerifications({
    ...{ verifyFile, outputs, workspaces, origins, findModel: library.find, readHeader: library.readHeader },
    run: options.jobs.run,
  });
  const addressOf = (source: ConversionSource): SourceAddress =>
    source.kind === 'hub' ? source : { kind: 'folder', path: folders.pathOf(source.folderId) };

  return {
    check: async ({ source }, signal) => await checks.check(addressOf(source), signal),
    pickFolder: () => folders.pick(),
    stored: async () => ({ checkpoints: await listStoredCheckpoints(hub.cacheFolder()) }),
    start: async ({ source, adapter, ...input }, signal) =>
      await orders.start(addressOf(source), input, signal, adapter ? addressOf(adapter) : null),
    checkAdapter: async ({ adapter, base }, signal) =>
      await sideways.check(addressOf(adapter), base === null ? null : addressOf(base), signal),
    adapter: async ({ adapter, base, type }, signal) =>
      await sideways.adapter(addressOf(adapter), addressOf(base), type, signal),
    split: sideways.split,
    merge: sideways.merge,
    export: async ({ folderId, ...input }) =>
      await sideways.export({ ...input, parentFolder: folders.pathOf(folderId) }),
    outputs: orders.outputs,
    async records() {
      const found = await Promise.all(
        (await library.converted()).map(async (modelId) => {
          const one = await outputs.recordOf(modelId);
          return one === null ? [] : [{ modelId, record: shownRecord(one.record) }];
        }),
      );
      return { records: found.flat() };
    },
    quantize: orders.quantize,
    predictSize: orders.predictSize,
    imatrix: orders.imatrix,
    measure: measurements.start,
    measurements: async () => ({ measurements: await measurements.list() }),
    async deleteMeasurement({ measurementId }) {
      await measurements.remove(measurementId);
      return null;
    },
    verify: async ({ modelId, source }) =>
      await verifications.start(modelId, source === null ? null : addressOf(source)),
    async encode({ source, texts, addSpecialTokens }, signal) {
      const options = { addSpecialTokens };
      if (source.kind !== 'model')
        return await tokenizers.encode(await origins.of(addressOf(source), signal), texts, options, signal);
      return await ggufTokenizers.encode((await library.find(source.modelId)).path, texts, options, signal);
    },
    async decode({ source, batch, skipSpecialTokens }, signal) {
      const options = { skipSpecialTokens };
      if (source.kind !== 'model')
        return { texts: await tokenizers.decode(await origins.of(addressOf(source), signal), batch, options, signal) };
      const { path } = await library.find(source.modelId);
      return { texts: await ggufTokenizers.decode(path, batch, options, signal) };
    },
    async close() {
      await Promise.all([tokenizers.close(), ggufTokenizers.close()]);
    },
    resumers: {
      ...orders.resumers,
      ...sideways.resumers,
      measure: measurements.resume,
      verify_model: verifications.resume,
    },
    async sweep() {
      await workspaces.sweep();
      await sweepOutputs(options.convertedFolder);
    },
  };
}
