/** Collects an importance matrix of a model on this computer, as a job. It is listed beside its model. */
import path from 'node:path';
import { z } from 'zod';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import { createJobProgress, type JobProgress } from './job-progress.ts';
import type { JobTools } from './tools.ts';

export const imatrixSpecSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  name: z.string(),
  /** Null: the text that the app brings. */
  text: z.string().nullable(),
  output: z.object({ place: z.object({ folder: z.string(), stem: z.string() }), name: z.string() }),
});
export type ImatrixSpec = z.infer<typeof imatrixSpecSchema>;

export function createImatrixOrder(spec: ImatrixSpec, tools: JobTools): WorkOrder {
  const { outputs, workspaces } = tools;
  workspaces.keep(spec.workId);
  let context: TransferContext | null = null;
  let isFinished = false;
  const progress = createJobProgress(() => context);
  outputs.keep(spec.output);

  async function work({ signal }: TransferContext): Promise<void> {
    const model = await tools.findModel(spec.modelId);
    progress.plan([{ phase: 'imatrix', bytes: model.weightsBytes }]);
    progress.enter('imatrix');
    const file = path.join(await workspaces.make(spec.workId), spec.output.name);
    const chunkCount = await collectInto(file, model.path, spec.text, model.weightsBytes, tools, progress, signal);
    await outputs.finish(spec.output, file, null);
    isFinished = true;
    context?.detail({ code: 'imatrix', chunkCount });
    progress.finish();
    await workspaces.remove(spec.workId);
    await outputs.published();
  }

  return {
    kind: 'imatrix',
    subject: spec.name,
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
