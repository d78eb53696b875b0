/** Converts a LoRA adapter to a GGUF file of its own, as a job. llama.cpp loads that beside a GGUF of the base. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { directTypes } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import { readSmallFile } from '../checkpoint/checkpoint-source.ts';
import { createOutputJob } from '../jobs/job-run.ts';
import { reservedOutputSchema } from '../jobs/outputs.ts';
import type { JobTools } from '../jobs/tools.ts';
import { openCheckpoint } from '../sources/open-checkpoint.ts';
import { adapterBytes, adapterSpecSchema, fetchAdapter } from './adapter-files.ts';

export const adapterJobSchema = z.object({
  workId: z.string(),
  adapter: adapterSpecSchema,
  base: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('hub'), repoId: z.string(), revision: z.string() }),
    z.object({ kind: z.literal('folder'), path: z.string() }),
  ]),
  type: z.enum(directTypes),
  output: reservedOutputSchema,
});
export type AdapterJobSpec = z.infer<typeof adapterJobSchema>;

type Tools = Pick<JobTools, 'hub' | 'converter' | 'workspaces' | 'outputs' | 'verifyFile' | 'readHeader'>;

export function createAdapterOrder(spec: AdapterJobSpec, tools: Tools): WorkOrder {
  const job = createOutputJob(spec, tools);
  const { progress } = job;

  async function work(running: TransferContext): Promise<void> {
    const { adapter, output, type } = spec;
    const workspace = await tools.workspaces.make(spec.workId);
    const bytes = adapterBytes(adapter);
    progress.plan([
      { phase: 'downloading', bytes },
      { phase: 'converting', bytes },
    ]);
    progress.enter('downloading');
    const base = await configFolder(workspace, running.signal);
    const folder = await fetchAdapter(adapter, workspace, tools.hub, running, progress.report);
    progress.enter('converting');
    const file = path.join(workspace, output.name);
    const { sizeBytes, oddTensors } = await tools.converter.convert(
      {
        ...{ source: { folder: base }, adapter: { folder, isMerged: false } },
        ...{ name: adapter.name, outputType: type, outputPath: file, verificationBytes: 0 },
      },
      {
        signal: running.signal,
        onEvent(event) {
          if (event.type !== 'progress') return;
          const share = event.totalBytes === 0 ? 1 : event.doneBytes / event.totalBytes;
          progress.report({ doneBytes: Math.round(bytes * share), name: event.tensor });
        },
      },
    );
    const [odd] = oddTensors;
    if (odd !== undefined)
      throw new AppError('convert.invalid', `The tensor ${odd.tensor} has values that cannot be used.`, {
        ...{ reason: 'not_finite', tensor: odd.tensor, expected: 'finite values', count: oddTensors.length },
        detail: `The tensor ${odd.tensor} has values that cannot be used.`,
      });
    await job.finish(file, null, { code: 'adapter', sizeBytes });
  }

  /** A folder with the config.json of the base, which is all that is read of it. */
  async function configFolder(workspace: string, signal: AbortSignal): Promise<string> {
    if (spec.base.kind === 'folder') return spec.base.path;
    const { source } = await openCheckpoint(spec.base, { hub: tools.hub, signal, cost: { requests: 0, bytes: 0 } });
    try {
      const config = await readSmallFile(source, 'config.json');
      const folder = path.join(workspace, 'base');
      await mkdir(folder, { recursive: true });
      if (config !== null) await writeFile(path.join(folder, 'config.json'), config);
      return folder;
    } finally {
      await source.close();
    }
  }

  return {
    kind: 'adapter',
    subject: spec.adapter.name,
    totalBytes: 0,
    run: (context) => job.run(context, work),
    discard: job.discard,
    data: () => spec,
    view: () => ({
      ...job.view(),
      repoId: spec.adapter.source.kind === 'hub' ? spec.adapter.source.repoId : '',
    }),
  };
}
