/** Divides a model on this computer into several files, or joins one of several, as a job. The result is tried as every other. */
import path from 'node:path';
import { z } from 'zod';
import { outputTypeSchema } from '../../../preload/contract/convert.ts';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { assertFreeBytes } from '../../base/disk.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import type { WorkOnFiles } from '../child/file-worker.ts';
import { createOutputJob } from '../jobs/job-run.ts';
import { originOfModel } from '../outputs/source-files.ts';
import { SPARE_BYTES } from '../outputs/full-disk.ts';
import { reservedOutputSchema } from '../outputs/outputs.ts';
import type { UnverifiedRecord } from '../outputs/records.ts';
import type { JobTools, ModelOnDisk } from '../jobs/tools.ts';

export const splitSpecSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  name: z.string(),
  limit: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('tensors'), count: z.int() }),
    z.object({ kind: z.literal('bytes'), bytes: z.number() }),
  ]),
  output: reservedOutputSchema,
});
export type SplitSpec = z.infer<typeof splitSpecSchema>;

export const mergeSpecSchema = splitSpecSchema.omit({ limit: true });
export type MergeSpec = z.infer<typeof mergeSpecSchema>;

export interface SetTools extends Pick<
  JobTools,
  'findModel' | 'freeBytes' | 'outputs' | 'readHeader' | 'verifyFile' | 'version' | 'workspaces'
> {
  readonly workOnFiles: WorkOnFiles;
}

/** What the child writes, and what it tells meanwhile. */
type Copy = (
  model: ModelOnDisk,
  folder: string,
  options: Parameters<WorkOnFiles>[2],
) => Promise<{ readonly file: string; readonly sizeBytes: number }>;

export function createSplitOrder(spec: SplitSpec, tools: SetTools): WorkOrder {
  const { limit, output } = spec;
  return createSetOrder('split', spec, tools, async ({ path: inputPath }, folder, options) => {
    const order = { kind: 'split', inputPath, outputPrefix: path.join(folder, output.name), limit } as const;
    const { paths, sizeBytes } = await tools.workOnFiles(order, folder, options);
    return { file: paths[0] ?? '', sizeBytes };
  });
}

export function createMergeOrder(spec: MergeSpec, tools: SetTools): WorkOrder {
  return createSetOrder('merge', spec, tools, async ({ path: inputPath }, folder, options) => {
    const file = path.join(folder, spec.output.name);
    const { sizeBytes } = await tools.workOnFiles({ kind: 'merge', inputPath, outputPath: file }, folder, options);
    return { file, sizeBytes };
  });
}

function createSetOrder(kind: 'split' | 'merge', spec: SplitSpec | MergeSpec, tools: SetTools, copy: Copy): WorkOrder {
  const job = createOutputJob(spec, tools);
  const { progress } = job;

  async function work({ signal }: TransferContext): Promise<void> {
    const model = await tools.findModel(spec.modelId);
    const folder = await emptyWorkspace(spec.workId, tools);
    progress.plan(phasesOf(model));
    progress.enter('copying');
    const copied = await copy(model, folder, {
      signal,
      onProgress: (doneBytes, _, name) => progress.report({ doneBytes, name }),
    });
    progress.enter('verifying');
    const made = { ...copied, name: spec.name };
    await job.finishModel(made, null, () => describe(model, spec.modelId, tools, signal), signal);
  }

  return {
    kind,
    subject: spec.name,
    totalBytes: 0,
    run: (context) => job.run(context, work),
    discard: job.discard,
    checkSpace: () => assertRoom(spec, tools),
    data: () => spec,
    view: job.view,
  };
}

const phasesOf = ({ weightsBytes: bytes }: ModelOnDisk) =>
  [
    { phase: 'copying', bytes },
    { phase: 'verifying', bytes },
  ] as const;

/** The job's folder without what an interrupted run left in it. */
async function emptyWorkspace(workId: string, { workspaces }: SetTools): Promise<string> {
  await workspaces.remove(workId);
  return await workspaces.make(workId);
}

/** Where a copy of the model comes from; null for a type that no record names. */
async function describe(
  model: ModelOnDisk,
  modelId: string,
  { version }: SetTools,
  signal: AbortSignal,
): Promise<UnverifiedRecord | null> {
  const type = outputTypeSchema.safeParse(model.summary?.quantization);
  if (!type.success) return null;
  const origin = await originOfModel(model, modelId, signal);
  return { ...origin, type: type.data, converterVersion: version, createdAt: Date.now() };
}

/** @throws AppError `disk.full` with `neededBytes` and `freeBytes`. */
async function assertRoom({ workId, modelId }: MergeSpec, tools: SetTools): Promise<void> {
  const neededBytes = (await tools.findModel(modelId)).weightsBytes + SPARE_BYTES;
  const freeBytes = await tools.freeBytes(await tools.workspaces.make(workId));
  assertFreeBytes('There is not enough space on the disk for these files.', neededBytes, freeBytes);
}
