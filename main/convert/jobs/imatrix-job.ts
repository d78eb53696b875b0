/** Collects an importance matrix of a model on this computer, as a job. It is listed beside its model. */
import path from 'node:path';
import { z } from 'zod';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import type { JobProgress } from './job-progress.ts';
import { createOutputJob } from './job-run.ts';
import { reservedOutputSchema } from '../outputs/outputs.ts';
import type { JobTools } from './tools.ts';

export const imatrixSpecSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  name: z.string(),
  /** Null: the text that the app brings. */
  text: z.string().nullable(),
  output: reservedOutputSchema,
});
export type ImatrixSpec = z.infer<typeof imatrixSpecSchema>;

export function createImatrixOrder(spec: ImatrixSpec, tools: JobTools): WorkOrder {
  const job = createOutputJob(spec, tools);
  const { progress } = job;

  async function work({ signal }: TransferContext): Promise<void> {
    const model = await tools.findModel(spec.modelId);
    progress.plan([{ phase: 'imatrix', bytes: model.weightsBytes }]);
    progress.enter('imatrix');
    const file = path.join(await tools.workspaces.make(spec.workId), spec.output.name);
    const chunkCount = await collectInto(file, model.path, spec.text, model.weightsBytes, tools, progress, signal);
    await job.finish(file, null, { code: 'imatrix', chunkCount });
  }

  return {
    kind: 'imatrix',
    lane: 'cores',
    subject: spec.name,
    totalBytes: 0,
    run: (context) => job.run(context, work),
    discard: job.discard,
    checkSpace: job.checkSpace,
    data: () => spec,
    view: job.view,
  };
}

/** Collects into `file`, which is complete when this resolves, and returns the number of chunks. Throws as `CollectImatrix`. */
export async function collectInto(
  file: string,
  modelPath: string,
  text: string | null,
  bytes: number,
  tools: Pick<JobTools, 'collectImatrix' | 'threads'>,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<number> {
  let chunks = 0;
  const request = { modelPath, outputPath: file, text, threads: tools.threads() };
  for await (const event of tools.collectImatrix(request, signal)) {
    chunks = event.chunkCount;
    if (event.type === 'progress')
      progress.report({
        doneBytes: Math.round((bytes * event.chunk) / Math.max(1, event.chunkCount)),
        index: event.chunk,
        count: event.chunkCount,
      });
  }
  return chunks;
}
