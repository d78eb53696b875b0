/** Quantizes a model on this computer, as a job: an importance matrix where one is wanted, the file, and its verification. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { outputTypeSchema, quantizeOptionsSchema, type QuantizeOptions } from '../../../preload/contract/convert.ts';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import type { QuantizeSettings } from '../../../native/protocol.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import { clearVerification } from '../write/verification-entry.ts';
import { collectInto } from './imatrix-job.ts';
import { createJobProgress, type JobProgress } from './job-progress.ts';
import { noteVerification } from './note-verification.ts';
import { sha256Of } from './outputs.ts';
import type { JobTools, ModelOnDisk } from './tools.ts';

/** The stored form of the job. */
export const quantizeSpecSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  name: z.string(),
  type: outputTypeSchema,
  options: quantizeOptionsSchema,
  output: z.object({ place: z.object({ folder: z.string(), stem: z.string() }), name: z.string() }),
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
  let context: TransferContext | null = null;
  const progress = createJobProgress(() => context);
  const { outputs, workspaces } = tools;
  workspaces.keep(spec.workId);
  let isFinished = false;
  outputs.keep(spec.output);

  async function work({ signal, log }: TransferContext): Promise<void> {
    const model = await tools.findModel(spec.modelId);
    const folder = await workspaces.make(spec.workId);
    const bytes = model.weightsBytes;
    const { sizeBytes } = await tools.quantizer.plan(
      quantizeSettings(model.path, spec.type, spec.options, await imatrixOf(spec.options, tools), tools.threads()),
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
    await finishModel(file, model, sizeBytes, signal);
  }

  async function finishModel(file: string, model: ModelOnDisk, sizeBytes: number, signal: AbortSignal): Promise<void> {
    const made = { modelId: outputs.modelIdOf(spec.output), name: spec.name, path: file, weightsBytes: sizeBytes };
    const verification = await (tools.verifyFile?.(made, null, signal) ?? null);
    const source = await outputs.recordOf(spec.modelId);
    const unverified = {
      sourceName: source?.record.sourceName ?? model.name,
      sourceRepoId: source?.record.sourceRepoId ?? null,
      sourceRevision: source?.record.sourceRevision ?? null,
      sourceModelId: spec.modelId,
      type: spec.type,
      converterVersion: tools.version,
      files: source?.record.files ?? [],
      createdAt: Date.now(),
    };
    if (verification !== null) await noteVerification(tools, file, unverified, verification, signal);
    const record = { ...unverified, verification, sha256: await sha256Of(file, signal) };
    await outputs.finish(spec.output, file, record);
    isFinished = true;
    context?.detail({ code: 'converted', sizeBytes, verification });
    progress.finish();
    await workspaces.remove(spec.workId);
    await outputs.published();
  }

  return {
    kind: 'quantize',
    subject: `${spec.name} ${spec.type}`,
    totalBytes: 0,
    async run(running) {
      context = running;
      try {
        await work(running);
      } finally {
        context = null;
        if (isFinished) outputs.release(spec.output);
      }
    },
    async discard() {
      outputs.release(spec.output);
      await workspaces.remove(spec.workId);
    },
    data: () => spec,
    view: () => ({
      ...{ repoId: '', revision: '', files: [], segments: [] },
      modelId: isFinished ? outputs.modelIdOf(spec.output) : null,
      ...progress.numbers(),
    }),
  };
}

/** The importance matrix that lies in a file already; null for none. Throws model.*. */
export async function imatrixOf(
  { imatrix }: QuantizeOptions,
  tools: Pick<JobTools, 'findModel'>,
): Promise<string | null> {
  return imatrix.kind === 'file' ? (await tools.findModel(imatrix.modelId)).path : null;
}

/**
 * The path of the importance matrix that the options ask for, in the job's folder where it is collected from a text now; null for none.
 * Throws model.*, and as `CollectImatrix`.
 */
export async function matrixFor(
  options: QuantizeOptions,
  { modelPath, bytes, folder }: { readonly modelPath: string; readonly bytes: number; readonly folder: string },
  tools: Pick<JobTools, 'findModel' | 'collectImatrix' | 'threads'>,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<string | null> {
  const { imatrix } = options;
  if (imatrix.kind !== 'text') return await imatrixOf(options, tools);
  progress.enter('imatrix');
  const file = path.join(folder, 'imatrix.gguf');
  await rm(file, { force: true });
  await collectInto(file, modelPath, imatrix.text, bytes, tools, progress, signal);
  return file;
}

/** Quantizes into `file`, which is complete when this resolves, without the verification of its source. Throws as `Quantizer.quantize`. */
export async function quantizeInto(
  file: string,
  settings: QuantizeSettings,
  tools: Pick<JobTools, 'quantizer'>,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<void> {
  // What an interrupted run left: it may be of other settings.
  await rm(file, { force: true });
  for await (const event of tools.quantizer.quantize({ ...settings, outputPath: file }, signal)) {
    if (event.type === 'tensor')
      progress.report({ doneBytes: event.doneBytes, name: event.name, index: event.index + 1, count: event.count });
  }
  await clearVerification(file);
}
