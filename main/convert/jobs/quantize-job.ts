/** Quantizes a model on this computer, as a job: an importance matrix where one is wanted, the file, and its verification. */
import path from 'node:path';
import { z } from 'zod';
import { outputTypeSchema, quantizeOptionsSchema, type QuantizeOptions } from '../../../preload/contract/convert.ts';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import type { QuantizeSettings } from '../../../native/protocol.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import { isThere } from '../../base/disk.ts';
import { clearVerification } from '../write/verification-entry.ts';
import { identityOfModels } from '../unchanged-files.ts';
import { originOfModel } from '../outputs/source-files.ts';
import { keepOnlyOf } from './earlier-process.ts';
import { collectInto } from './imatrix-job.ts';
import type { JobProgress } from './job-progress.ts';
import { createOutputJob } from './job-run.ts';
import type { UnverifiedRecord } from '../outputs/records.ts';
import { reservedOutputSchema } from '../outputs/outputs.ts';
import type { JobTools, ModelOnDisk } from './tools.ts';

/** The stored form of the job. */
export const quantizeSpecSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  name: z.string(),
  type: outputTypeSchema,
  options: quantizeOptionsSchema,
  output: reservedOutputSchema,
});
export type QuantizeSpec = z.infer<typeof quantizeSpecSchema>;

/** What libllama is asked for. */
export function quantizeSettings(
  inputPath: string,
  type: string,
  options: QuantizeOptions,
  imatrixPath: string | null,
  threads: number,
): QuantizeSettings {
  const { pure, outputTensorType, embeddingTensorType, tensorTypes, pruneLayers, allowRequantize } = options;
  return {
    ...{ inputPath, fileType: type, threads, imatrixPath },
    ...{ pure, outputTensorType, embeddingTensorType, tensorTypes, pruneLayers, allowRequantize },
  };
}

/** The order of a quantization. */
export function createQuantization(spec: QuantizeSpec, tools: JobTools): WorkOrder {
  const job = createOutputJob(spec, tools);
  const { progress } = job;

  async function work({ signal, log }: TransferContext): Promise<void> {
    const model = await tools.findModel(spec.modelId);
    const folder = await tools.workspaces.make(spec.workId);
    const bytes = model.weightsBytes;
    const matrix = await imatrixOf(spec.options, tools);
    await keepOnlyOf(
      tools.version + (await identityOfModels([model.path, ...(matrix === null ? [] : [matrix])])),
      folder,
    );
    const { sizeBytes } = await tools.quantizer.plan(
      quantizeSettings(model.path, spec.type, spec.options, matrix, tools.threads()),
      signal,
    );
    progress.plan([
      ...(spec.options.imatrix.kind === 'text' ? [{ phase: 'imatrix', bytes } as const] : []),
      { phase: 'quantizing', bytes: sizeBytes },
      { phase: 'verifying', bytes: sizeBytes },
    ]);
    const from = { modelPath: model.path, bytes, folder };
    const imatrixPath = await matrixFor(spec.options, from, tools, progress, signal);
    const settings = quantizeSettings(model.path, spec.type, spec.options, imatrixPath, tools.threads());
    const file = path.join(folder, spec.output.name);
    log(`Quantizing ${model.name} to ${spec.type}`);
    progress.enter('quantizing');
    await quantizeInto(file, settings, tools, progress, signal);
    progress.enter('verifying');
    await job.finishModel({ file, name: spec.name, sizeBytes }, null, () => describe(model, signal), signal);
  }

  async function describe(model: ModelOnDisk, signal: AbortSignal): Promise<UnverifiedRecord> {
    const origin = await originOfModel(model, spec.modelId, signal);
    const prunedLayerCount = origin.prunedLayerCount + new Set(spec.options.pruneLayers).size;
    return { ...origin, prunedLayerCount, type: spec.type, converterVersion: tools.version, createdAt: Date.now() };
  }

  return {
    kind: 'quantize',
    lane: 'cores',
    subject: `${spec.name} ${spec.type}`,
    totalBytes: 0,
    run: (context) => job.run(context, work),
    discard: job.discard,
    checkSpace: job.checkSpace,
    data: () => spec,
    view: job.view,
  };
}

/** The importance matrix that lies in a file already; null for none. Throws model.*. */
export async function imatrixOf(
  { imatrix }: QuantizeOptions,
  tools: Pick<JobTools, 'matrixPath'>,
): Promise<string | null> {
  return imatrix.kind === 'file' ? await tools.matrixPath(imatrix.modelId) : null;
}

/**
 * The path of the importance matrix that the options ask for; null for none. One of a text is collected in the job's folder, unless an
 * earlier run of the job did. Throws model.*, and as `CollectImatrix`.
 */
export async function matrixFor(
  options: QuantizeOptions,
  { modelPath, bytes, folder }: { readonly modelPath: string; readonly bytes: number; readonly folder: string },
  tools: Pick<JobTools, 'matrixPath' | 'collectImatrix' | 'threads'>,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<string | null> {
  const { imatrix } = options;
  if (imatrix.kind !== 'text') return await imatrixOf(options, tools);
  progress.enter('imatrix');
  const file = path.join(folder, 'imatrix.gguf');
  if (!(await isThere(file))) await collectInto(file, modelPath, imatrix.text, bytes, tools, progress, signal);
  return file;
}

/**
 * Quantizes into `file`, unless an earlier run of the job did. When this resolves it is complete, without the verification of its source.
 * Throws as `Quantizer.quantize`.
 */
export async function quantizeInto(
  file: string,
  settings: QuantizeSettings,
  tools: Pick<JobTools, 'quantizer'>,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<void> {
  if (!(await isThere(file)))
    for await (const event of tools.quantizer.quantize({ ...settings, outputPath: file }, signal)) {
      if (event.type === 'tensor')
        progress.report({ doneBytes: event.doneBytes, name: event.name, index: event.index + 1, count: event.count });
    }
  await clearVerification(file);
}
