/** Starts the jobs beside conversion and quantization: adapters, models of several files, and GGUF back to safetensors. */
import path from 'node:path';
import type { convertRoutes } from '../../../preload/contract/convert.ts';
import type { InputOf, OutputOf } from '../../../preload/wire/rpc.ts';
import { isThere } from '../../base/disk.ts';
import type { ResumeWork } from '../../base/work.ts';
import { firstFree, placeOfFolder, placeOfModel, placeOfRepository } from '../outputs/output-place.ts';
import type { JobTools } from '../jobs/tools.ts';
import type { UnderWay } from '../jobs/under-way.ts';
import { openCheckpoint, type SourceAddress } from '../sources/open-checkpoint.ts';
import { checkAdapter, openFittingAdapter } from './adapter-check.ts';
import { adapterSpecOf } from './adapter-files.ts';
import { adapterJobSchema, createAdapterOrder, type AdapterJobSpec } from './adapter-job.ts';
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

export function createSideways(tools: JobTools & SetTools & ExportTools & { readonly underWay: UnderWay }): Sideways {
  const { underWay } = tools;

  /** Folders that exports have chosen which are not under way yet. */
  const chosen = new Set<string>();

  async function chooseFolder(parent: string, stem: string): Promise<string> {
    const name = await firstFree(stem, async (numbered) => {
      const folder = path.join(parent, numbered);
      // Another export may choose it while the disk is asked.
      if ((await isThere(folder)) || underWay.has(folder) || chosen.has(folder)) return false;
      chosen.add(folder);
      return true;
    });
    return path.join(parent, name);
  }

  return {
    check: async (adapter, base, signal) => await checkAdapter(tools.hub, adapter, base, signal),
    async adapter(adapterAddress, base, type, signal) {
      const { source, commit } = await openCheckpoint(base, {
        hub: tools.hub,
        signal,
        cost: { requests: 0, bytes: 0 },
      });
      try {
        const opened = await openFittingAdapter(tools.hub, adapterAddress, source, 'alone', signal);
        await opened.source.close();
        const adapter = adapterSpecOf(opened);
        const { folder, stem } = opened.repoId === null ? placeOfFolder(opened.name) : placeOfRepository(opened.repoId);
        const known = { adapter, base: pinned(base, commit), type };
        return await underWay.start(adapterKey(known), async () => {
          const output = await tools.outputs.reserve({ folder, stem: `${stem}-lora` }, type);
          return createAdapterOrder({ ...known, workId: tools.workspaces.newId(), output }, tools);
        });
      } finally {
        await source.close();
      }
    },
    async split({ modelId, limit }) {
      const { name, summary } = await tools.findModel(modelId);
      return await underWay.start(modelKey('split', modelId), async () => {
        const output = await tools.outputs.reserveSet(placeOfModel(modelId), summary?.quantization ?? 'split');
        return createSplitOrder({ workId: tools.workspaces.newId(), modelId, name, limit, output }, tools);
      });
    },
    async merge({ modelId }) {
      const { name, summary } = await tools.findModel(modelId);
      return await underWay.start(modelKey('merge', modelId), async () => {
        const output = await tools.outputs.reserve(placeOfModel(modelId), summary?.quantization ?? 'merged');
        return createMergeOrder({ workId: tools.workspaces.newId(), modelId, name, output }, tools);
      });
    },
    async export({ modelId, parentFolder, quantizedAs }) {
      const { name } = await tools.findModel(modelId);
      return await underWay.start(modelKey('export', modelId), async () => {
        const folder = await chooseFolder(parentFolder, placeOfModel(modelId).stem);
        const spec = { workId: tools.workspaces.newId(), modelId, name, folder, quantizedAs };
        const order = underWay.hold(folder, createExportOrder(spec, tools));
        chosen.delete(folder);
        return order;
      });
    },
    resumers: {
      adapter(data) {
        const spec = adapterJobSchema.parse(data);
        return underWay.hold(adapterKey(spec), createAdapterOrder(spec, tools));
      },
      split(data) {
        const spec = splitSpecSchema.parse(data);
        return underWay.hold(modelKey('split', spec.modelId), createSplitOrder(spec, tools));
      },
      merge(data) {
        const spec = mergeSpecSchema.parse(data);
        return underWay.hold(modelKey('merge', spec.modelId), createMergeOrder(spec, tools));
      },
      export(data) {
        const spec = exportSpecSchema.parse(data);
        const order = underWay.hold(spec.folder, createExportOrder(spec, tools));
        return underWay.hold(modelKey('export', spec.modelId), order);
      },
    },
  };
}

const modelKey = (kind: 'split' | 'merge' | 'export', modelId: string): string => JSON.stringify([kind, modelId]);

const adapterKey = ({ adapter, base, type }: Pick<AdapterJobSpec, 'adapter' | 'base' | 'type'>): string =>
  JSON.stringify(['adapter', adapter.source, base, type]);

/** The base at the commit that it was looked at. */
const pinned = (base: SourceAddress, commit: string | null): SourceAddress =>
  base.kind === 'hub' && commit !== null ? { ...base, revision: commit } : base;
