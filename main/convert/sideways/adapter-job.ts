/** Converts a LoRA adapter to a GGUF file of its own, as a job. llama.cpp loads that beside a GGUF of the base. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { directTypes } from '../../../preload/contract/convert.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import { readSmallFile } from '../checkpoint/checkpoint-source.ts';
import { convertInto } from '../jobs/checked-conversion.ts';
import { keepOnlyOf } from '../jobs/earlier-process.ts';
import type { PlannedPhase } from '../jobs/job-progress.ts';
import { createOutputJob } from '../jobs/job-run.ts';
import { reservedOutputSchema } from '../outputs/outputs.ts';
import type { JobTools } from '../jobs/tools.ts';
import { openCheckpoint } from '../sources/open-checkpoint.ts';
import { identityOfModels } from '../unchanged-files.ts';
import { adapterBytes, adapterFilesIn, adapterSpecSchema, fetchAdapter } from './adapter-files.ts';

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

type Tools = Pick<
  JobTools,
  'hub' | 'converter' | 'workspaces' | 'outputs' | 'verifyFile' | 'readHeader' | 'version' | 'freeBytes'
>;

export function createAdapterOrder(spec: AdapterJobSpec, tools: Tools): WorkOrder {
  const job = createOutputJob(spec, tools);
  const { progress } = job;

  async function work(running: TransferContext): Promise<void> {
    const { adapter, output, type } = spec;
    const workspace = await tools.workspaces.make(spec.workId);
    await keepOnlyOf(await identityOf(spec, tools.version), workspace);
    progress.plan(phasesOf(spec, 0));
    progress.enter('downloading');
    const base = await configFolder(workspace, running.signal);
    const folder = await fetchAdapter(adapter, workspace, tools.hub, running, progress.report);
    progress.enter('converting');
    const file = path.join(workspace, output.name);
    await convertInto(file, type, running.signal, (outputPath) =>
      tools.converter.convert(
        {
          ...{ source: { folder: base }, adapter: { folder, isMerged: false } },
          ...{ name: adapter.name, outputType: type, outputPath, verificationBytes: 0 },
        },
        {
          signal: running.signal,
          onEvent(event) {
            if (event.type !== 'progress') return;
            progress.plan(phasesOf(spec, event.totalBytes));
            progress.report({ doneBytes: event.doneBytes, name: event.tensor });
          },
        },
      ),
    );
    await job.finish(file, null, { code: 'adapter', sizeBytes: (await stat(file)).size });
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
    checkSpace: job.checkSpace,
    data: () => spec,
    view: () => ({
      ...job.view(),
      repoId: spec.adapter.source.kind === 'hub' ? spec.adapter.source.repoId : '',
    }),
  };
}

const phasesOf = ({ adapter }: AdapterJobSpec, outputBytes: number): PlannedPhase[] => [
  ...(adapter.source.kind === 'folder' ? [] : [{ phase: 'downloading', bytes: adapterBytes(adapter) } as const]),
  { phase: 'converting', bytes: outputBytes },
];

/** Another text for other files in a folder, and for another version of the app. */
async function identityOf({ adapter, base, type }: AdapterJobSpec, version: string): Promise<string> {
  const files = [
    ...(adapter.source.kind === 'folder' ? adapterFilesIn(adapter.source.path) : []),
    ...(base.kind === 'folder' ? [path.join(base.path, 'config.json')] : []),
  ];
  return JSON.stringify([version, adapter.source, base, type, await identityOfModels(files)]);
}
