/** Starts the jobs beside conversion and quantization: adapters, models of several files, and GGUF back to safetensors. */
import path from 'node:path';
import type { convertRoutes } from '../../../preload/contract/convert.ts';
import type { InputOf, OutputOf } from '../../../preload/wire/rpc.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { isThere } from '../../base/disk.ts';
import type { ResumeWork, WorkOrder } from '../../base/work.ts';
import { placeOfFolder, placeOfModel, placeOfRepository } from '../jobs/output-place.ts';
import type { JobTools } from '../jobs/tools.ts';
import { openCheckpoint, type SourceAddress } from '../sources/open-checkpoint.ts';
import { checkAdapter, openFittingAdapter } from './adapter-check.ts';
import { adapterSpecOf } from './adapter-files.ts';
import { adapterJobSchema, createAdapterOrder } from './adapter-job.ts';
import { createExportOrder, exportSpecSchema, type ExportTools } from './export-job.ts';
import { createMergeOrder, createSplitOrder, mergeSpecSchema, splitSpecSchema, type SetTools } from './set-jobs.ts';

type Routes = typeof convertRoutes;
type Input<R extends keyof Routes> = InputOf<Routes, R>;
type Answer<R extends keyof Routes> = Promise<OutputOf<Routes, R>>;

export interface Sideways {
  check(adapter: SourceAddress, base: SourceAddress | null, signal: AbortSignal): Answer<'convert.checkAdapter'>;
  adapter(
    adapter: SourceAddress,
    base: SourceAddress,
    type: Input<'convert.adapter'>['type'],
    signal: AbortSignal,
  ): Answer<'convert.adapter'>;
  split(input: Input<'convert.split'>): Answer<'convert.split'>;
  merge(input: Input<'convert.merge'>): Answer<'convert.merge'>;
  export(
    input: Omit<Input<'convert.export'>, 'folderId'> & { readonly parentFolder: string },
  ): Answer<'convert.export'>;
  readonly resumers: Readonly<Record<'adapter' | 'split' | 'merge' | 'export', ResumeWork>>;
}

const MAX_NUMBER = 999;

export function createSideways(tools: JobTools & SetTools & ExportTools): Sideways {
  /** What is under way, by everything that decides the output. */
  const underWay = new Set<string>();

  /** Runs the order that `make` gives unless one for the same output is under way. */
  async function runOnce(key: string, make: () => Promise<WorkOrder>): Promise<{ jobId: string }> {
    if (underWay.has(key))
      throw new AppError('busy', 'This work is under way already.', { reason: 'conversion_active' });
    underWay.add(key);
    try {
      return tools.run(tracked([key], await make()));
    } catch (error) {
      underWay.delete(key);
      throw error;
    }
  }

  /** The order, whose keys count as under way until its job ends or is removed. */
  function tracked(keys: readonly string[], order: WorkOrder): WorkOrder {
    for (const key of keys) underWay.add(key);
    return {
      ...order,
      onState(job) {
        order.onState?.(job);
        const isOver = job === null || job.state === 'done' || job.state === 'failed';
        for (const key of keys)
          if (isOver) underWay.delete(key);
          else underWay.add(key);
      },
    };
  }

  /** Makes an order whose output is reserved, and gives the name back where that fails. */
  async function withOutput<Output extends Awaited<ReturnType<JobTools['outputs']['reserve']>>>(
    reserved: Promise<Output>,
    make: (output: Output) => WorkOrder,
  ): Promise<WorkOrder> {
    const output = await reserved;
    try {
      return make(output);
    } catch (error) {
      tools.outputs.release(output);
      throw error;
    }
  }

  const resume = (kind: string, key: (data: unknown) => unknown, make: (data: unknown) => WorkOrder): ResumeWork => {
    return (data) => tracked([JSON.stringify([kind, key(data)])], make(data));
  };
  const modelIdIn = (data: unknown): unknown => mergeSpecSchema.partial().parse(data).modelId;

  async function freeFolder(parent: string, stem: string): Promise<string> {
    for (let number = 1; number <= MAX_NUMBER; number++) {
      const folder = path.join(parent, `${stem}${number === 1 ? '' : `-${String(number)}`}`);
      if (!underWay.has(folder) && !(await isThere(folder))) return folder;
    }
    throw new AppError('invalid_input', `There are too many folders called ${stem}.`, { reason: 'name_taken' });
  }

  return {
    check: async (adapter, base, signal) => await checkAdapter(tools.hub, adapter, base, signal),
    async adapter(adapterAddress, base, type, signal) {
      const { source } = await openCheckpoint(base, { hub: tools.hub, signal, cost: { requests: 0, bytes: 0 } });
      try {
        const opened = await openFittingAdapter(tools.hub, adapterAddress, source, 'alone', signal);
        await opened.source.close();
        const adapter = adapterSpecOf(opened);
        const { folder, stem } = opened.repoId === null ? placeOfFolder(opened.name) : placeOfRepository(opened.repoId);
        return await runOnce(JSON.stringify(['adapter', adapter.source, type]), () =>
          withOutput(tools.outputs.reserve({ folder, stem: `${stem}-lora` }, type), (output) =>
            createAdapterOrder({ workId: tools.workspaces.newId(), adapter, base, type, output }, tools),
          ),
        );
      } finally {
        await source.close();
      }
    },
    async split({ modelId, limit }) {
      const { name, summary } = await tools.findModel(modelId);
      return await runOnce(JSON.stringify(['split', modelId]), () =>
        withOutput(tools.outputs.reserveSet(placeOfModel(modelId), summary?.quantization ?? 'split'), (output) =>
          createSplitOrder({ workId: tools.workspaces.newId(), modelId, name, limit, output }, tools),
        ),
      );
    },
    async merge({ modelId }) {
      const { name, summary } = await tools.findModel(modelId);
      return await runOnce(JSON.stringify(['merge', modelId]), () =>
        withOutput(tools.outputs.reserve(placeOfModel(modelId), summary?.quantization ?? 'merged'), (output) =>
          createMergeOrder({ workId: tools.workspaces.newId(), modelId, name, output }, tools),
        ),
      );
    },
    async export({ modelId, parentFolder, quantizedAs }) {
      const { name } = await tools.findModel(modelId);
      return await runOnce(JSON.stringify(['export', modelId]), async () => {
        const folder = await freeFolder(parentFolder, placeOfModel(modelId).stem);
        const spec = { workId: tools.workspaces.newId(), modelId, name, folder, quantizedAs };
        return tracked([folder], createExportOrder(spec, tools));
      });
    },
    resumers: {
      adapter: resume(
        'adapter',
        (data) => adapterJobSchema.parse(data).adapter.source,
        (data) => createAdapterOrder(adapterJobSchema.parse(data), tools),
      ),
      split: resume('split', modelIdIn, (data) => createSplitOrder(splitSpecSchema.parse(data), tools)),
      merge: resume('merge', modelIdIn, (data) => createMergeOrder(mergeSpecSchema.parse(data), tools)),
      export: resume('export', modelIdIn, (data) => createExportOrder(exportSpecSchema.parse(data), tools)),
    },
  };
}
