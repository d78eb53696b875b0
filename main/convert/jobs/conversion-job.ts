/** Converts a checkpoint, as a job: download, conversion, importance matrix, quantization, verification. */
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { needsQuantizing, quantizeOptionsSchema, type DirectType } from '../../../preload/contract/convert.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { allocatedBytes, assertFreeBytes, isThere } from '../../base/disk.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import type { CheckedCheckpoint } from '../check/checks.ts';
import type { ConvertedModel } from '../child/converter.ts';
import { VERIFICATION_BYTES } from '../write/verification-entry.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { isStreamed, openStreamedSource } from '../sources/streamed-source.ts';
import { adapterBytes, adapterFileNames, adapterFilesIn, fetchAdapter } from '../sideways/adapter-files.ts';
import {
  placeOfSource,
  discardSource,
  downloadSource,
  type DownloadState,
  type SourcePlace,
} from './conversion-source.ts';
import { directType, type ConversionSpec } from './conversion-spec.ts';
import { identityOfModels } from '../unchanged-files.ts';
import { convertInto, UNCHECKED } from './checked-conversion.ts';
import { filesIn, withHashes, type ReadFile } from '../outputs/source-files.ts';
import { keepOnlyOf } from './earlier-process.ts';
import type { JobProgress, PlannedPhase } from './job-progress.ts';
import { createOutputJob } from './job-run.ts';
import { imatrixOf, matrixFor, quantizeInto, quantizeSettings } from './quantize-job.ts';
import type { RecordedFile, UnverifiedRecord } from '../outputs/records.ts';
import type { JobTools } from './tools.ts';

/** Space that a conversion leaves free on its disk. */
const SPARE_BYTES = 200_000_000;

/** The file that is quantized. */
const CONVERTED = 'converted.gguf';

/** The types, sizes and places of one run of the job. */
interface RunPlan {
  readonly direct: DirectType;
  readonly directBytes: number;
  readonly outputBytes: number;
  readonly place: SourcePlace;
  readonly workspace: string;
  /** See `identityOf`. */
  readonly identity: string;
  /** The files of the source that are read. */
  readonly files: readonly ReadFile[];
}

/** The order of a conversion. */
export function createConversion(spec: ConversionSpec, tools: JobTools): WorkOrder {
  const { hub, workspaces, sourceUse } = tools;
  const finished = new Set(spec.finished);
  const data = (): ConversionSpec => ({ ...spec, finished: [...finished] });
  const job = createOutputJob(spec, tools);
  const { progress } = job;
  let segments: Job['segments'] = [];
  let plan: RunPlan | null = null;
  const isQuantized = needsQuantizing(spec.type, spec.quantize);
  sourceUse.keep(spec.workId, spec.files);

  async function work(running: TransferContext): Promise<void> {
    const { signal, log } = running;
    progress.plan([{ phase: 'checking', bytes: 0 }]);
    progress.enter('checking');
    const own = await planRun(signal);
    plan = own;
    progress.plan(phasesOf(spec, own));
    await assertRoom();
    await keepOnlyOf(own.identity, own.workspace);
    if (downloads(spec, own)) progress.enter('downloading');
    const { report } = progress;
    const adapter = spec.adapter ? await fetchAdapter(spec.adapter, own.workspace, hub, running, report) : null;
    if (own.place.cacheFolder !== null) {
      const before = spec.adapter ? adapterBytes(spec.adapter) : 0;
      const tell = (state: DownloadState): void => {
        ({ segments } = state);
        progress.report({ ...state, doneBytes: state.doneBytes + before });
      };
      await downloadSource(spec, own.place, hub, running, tell, (file) => {
        finished.add(file);
        running.keep();
      });
    }
    progress.enter('converting');
    const file = path.join(own.workspace, spec.output.name);
    const converted = isQuantized ? path.join(own.workspace, CONVERTED) : file;
    if (!(await isThere(file))) {
      await convertInto(converted, own.direct, signal, (outputPath) => convert(own, outputPath, adapter, running));
      if (isQuantized) await quantize(own, converted, file, signal);
    }
    progress.enter('verifying');
    const made = { file, name: spec.name, sizeBytes: (await stat(file)).size };
    const files = (): Promise<RecordedFile[]> => sourceFiles(spec, own, adapter, signal);
    await job.finishModel(made, own.place.folder, async () => recordOf(spec, tools.version, await files()), signal);
    log(`${spec.output.name} is complete.`);
  }

  /** Looks into the checkpoint again: a folder may be another one now. Throws the first reason to refuse it. */
  async function planRun(signal: AbortSignal): Promise<RunPlan> {
    const { source } = spec;
    const address = source.kind === 'hub' ? { ...source, revision: source.commit } : source;
    const checked = await tools.checks.open(address, signal);
    try {
      const workspace = await workspaces.make(spec.workId);
      const identity = await identityOf(spec, checked, tools);
      const place = await placeOfSource(spec, hub, workspace);
      return { ...sizesOf(checked, spec, tools), identity, workspace, place, files: filesOf(spec, checked) };
    } finally {
      await checked.checkpoint.source.close();
    }
  }

  /** `adapter` is the folder of the adapter; null where none is merged. */
  async function convert(
    own: RunPlan,
    outputPath: string,
    adapter: string | null,
    running: TransferContext,
  ): Promise<ConvertedModel> {
    const { folder, isStreamed: isPassing } = own.place;
    const source = isPassing ? await openStream(spec, hub, folder, running, progress) : { folder };
    return await tools.converter
      .convert(
        {
          ...{ source, name: spec.name, outputType: own.direct, outputPath },
          ...(adapter !== null && { adapter: { folder: adapter, isMerged: true } }),
          verificationBytes: VERIFICATION_BYTES,
        },
        {
          signal: running.signal,
          onEvent(event) {
            if (event.type === 'progress')
              progress.report({ ...(!isPassing && { doneBytes: event.doneBytes }), name: event.tensor });
          },
        },
      )
      .finally(() => ('close' in source ? source.close() : undefined));
  }

  async function quantize(own: RunPlan, converted: string, file: string, signal: AbortSignal): Promise<void> {
    const options = spec.quantize ?? quantizeOptionsSchema.parse({});
    const from = { modelPath: converted, bytes: own.directBytes, folder: own.workspace };
    const imatrixPath = await matrixFor(options, from, tools, progress, signal);
    progress.enter('quantizing');
    const settings = quantizeSettings(converted, spec.type, options, imatrixPath, tools.threads());
    await quantizeInto(file, settings, tools, progress, signal);
    await rm(converted, { force: true });
  }

  async function assertRoom(): Promise<void> {
    if (plan === null) return;
    const { place, directBytes, outputBytes, workspace } = plan;
    const missing = place.cacheFolder === null ? 0 : await hub.missingBytes(place.cacheFolder, place.downloads);
    const there = await bytesBelow(workspace, spec.output.name);
    const ofAdapter = spec.adapter ? adapterBytes(spec.adapter) : 0;
    const neededBytes =
      ofAdapter + missing + Math.max(0, directBytes + (isQuantized ? outputBytes : 0) - there) + SPARE_BYTES;
    const freeBytes = await tools.freeBytes(workspace);
    assertFreeBytes('There is not enough room on the disk for this conversion.', neededBytes, freeBytes);
  }

  return {
    kind: 'convert',
    subject: `${spec.name} ${spec.type}`,
    totalBytes: 0,
    canBringBack: true,
    async run(running) {
      try {
        await job.run(running, work);
      } finally {
        segments = [];
      }
    },
    async discard() {
      await job.discard();
      await discardSource(data(), hub, (file) => sourceUse.isUsed(file, spec.workId));
    },
    checkSpace: assertRoom,
    data,
    onState(state) {
      if (state === null || state.state === 'done') sourceUse.release(spec.workId);
    },
    view: () => ({
      ...job.view(),
      repoId: repoOf(spec),
      revision: spec.source.kind === 'hub' ? spec.source.commit : '',
      segments,
    }),
  };
}

/** Whether anything is fetched before the conversion begins. */
const downloads = ({ adapter }: ConversionSpec, { place }: RunPlan): boolean =>
  place.cacheFolder !== null || adapter?.source.kind === 'hub';

function phasesOf(spec: ConversionSpec, plan: RunPlan): PlannedPhase[] {
  const { place, directBytes, outputBytes } = plan;
  const isQuantized = needsQuantizing(spec.type, spec.quantize);
  const downloaded = bytesOf(place.downloads) + (spec.adapter ? adapterBytes(spec.adapter) : 0);
  return [
    { phase: 'checking', bytes: 0 },
    ...(downloads(spec, plan) ? [{ phase: 'downloading', bytes: downloaded } as const] : []),
    { phase: 'converting', bytes: place.isStreamed ? bytesOf(spec.files.filter(isStreamed)) : directBytes },
    ...(isQuantized && spec.quantize?.imatrix.kind === 'text'
      ? [{ phase: 'imatrix', bytes: directBytes } as const]
      : []),
    ...(isQuantized ? [{ phase: 'quantizing', bytes: outputBytes } as const] : []),
    { phase: 'verifying', bytes: outputBytes },
  ];
}

/** The repository whose page shows the job: that of the adapter, where one is merged. */
function repoOf({ source, adapter }: ConversionSpec): string {
  const shown = adapter?.source ?? source;
  return shown.kind === 'hub' ? shown.repoId : '';
}

/** Another text for another source, and for another version of the app. */
async function identityOf(
  { source, adapter, quantize }: ConversionSpec,
  { checkpoint }: CheckedCheckpoint,
  tools: JobTools,
): Promise<string> {
  const matrix = quantize === null ? null : await imatrixOf(quantize, tools);
  const others = [
    ...(adapter?.source.kind === 'folder' ? adapterFilesIn(adapter.source.path) : []),
    ...(matrix === null ? [] : [matrix]),
  ];
  return JSON.stringify([
    tools.version,
    source.kind === 'hub' ? [source.repoId, source.commit] : checkpoint.source.files,
    adapter?.source.kind === 'hub' ? [adapter.source.repoId, adapter.source.commit] : null,
    await identityOfModels(others),
  ]);
}

/** The weights as they arrive; the progress counts what was received. */
async function openStream(
  { source, files }: ConversionSpec,
  hub: JobTools['hub'],
  folder: string,
  { signal, log }: TransferContext,
  progress: JobProgress,
): Promise<CheckpointSource> {
  const commit = source.kind === 'hub' ? source.commit : '';
  const onBytes = (doneBytes: number): void => progress.report({ doneBytes });
  return await openStreamedSource({ hub, commit, files, folder, signal, log, onBytes });
}

/** The files of the source that are read. */
function filesOf({ source, files }: ConversionSpec, { facts, checkpoint }: CheckedCheckpoint): readonly ReadFile[] {
  if (source.kind === 'hub') return files;
  return checkpoint.source.files.filter(({ path: name }) => facts.neededFiles.includes(name));
}

/** The files of the source and of the adapter in the folder `adapter`, with their hashes. */
async function sourceFiles(
  spec: ConversionSpec,
  { files, place }: RunPlan,
  adapter: string | null,
  signal: AbortSignal,
): Promise<RecordedFile[]> {
  const ofSource = await withHashes(files, place.folder, signal);
  if (adapter === null || !spec.adapter) return ofSource;
  const { source, files: fetched } = spec.adapter;
  const read = source.kind === 'folder' ? await filesIn(adapter, adapterFileNames) : fetched;
  return [...ofSource, ...(await withHashes(read, adapter, signal))];
}

/** The record of the finished file, without what is known only of the file itself. */
function recordOf(
  { source, name, adapter, type, quantize }: ConversionSpec,
  version: string,
  files: readonly RecordedFile[],
): UnverifiedRecord {
  const isHub = source.kind === 'hub';
  return {
    // The tokenizer is that of the base.
    sourceName: adapter ? `${isHub ? source.repoId : path.basename(source.path)} + ${name}` : name,
    sourceRepoId: isHub ? source.repoId : null,
    sourceRevision: isHub ? source.commit : null,
    sourceModelId: null,
    prunedLayerCount: new Set(quantize?.pruneLayers).size,
    type,
    converterVersion: version,
    files,
    createdAt: Date.now(),
  };
}

/** The types and sizes of the files. @throws the first reason to refuse the checkpoint. */
function sizesOf(
  { facts }: CheckedCheckpoint,
  spec: ConversionSpec,
  tools: Pick<JobTools, 'checks'>,
): Pick<RunPlan, 'direct' | 'directBytes' | 'outputBytes'> {
  const { refusals, basis, quantizedBy } = facts;
  const [refusal] = refusals;
  if (refusal !== undefined) throw new AppError(refusal.code, refusal.message, refusal.data);
  if (basis === null) throw new Error('A checkpoint without a refusal has a plan.');
  const direct = directType(
    spec.type,
    needsQuantizing(spec.type, spec.quantize),
    basis.sourceType,
    quantizedBy !== null,
  );
  const { sizeOf } = tools.checks;
  return { direct, directBytes: sizeOf(basis, direct), outputBytes: sizeOf(basis, spec.type) };
}

const bytesOf = (files: readonly { readonly sizeBytes: number }[]): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** The bytes of this conversion's files that are on the disk already. */
async function bytesBelow(workspace: string, name: string): Promise<number> {
  // Only the verification is left, which takes no room.
  if (await isThere(path.join(workspace, name))) return Infinity;
  // A file that is being written has holes, which take no room.
  const names = [CONVERTED, `${UNCHECKED}.part`];
  const sizes = await Promise.all(names.map((one) => allocatedBytes(path.join(workspace, one))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
