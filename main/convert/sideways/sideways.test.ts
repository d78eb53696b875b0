/** Jobs beside conversion that cannot be started, that are made again after a restart, or that end at their last step. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import type { WorkOrder } from '../../base/work.ts';
import { alone } from '../../../test/support/alone.ts';
import { loraFiles } from '../../../test/support/lora-checkpoint.ts';
import { shardedLlama } from '../../../test/support/convert-setup.ts';
import { createOutputs } from '../outputs/outputs.ts';
import { createUnderWay } from '../jobs/under-way.ts';
import { createWorkspaces } from '../outputs/workspaces.ts';
import type { WrittenModel } from '../write/write-model.ts';
import { createSideways, type Sideways } from './sideways.ts';

const never = new AbortController().signal;
const full = new AppError('disk.full', 'Full.', {});
const modelId = 'owner/m/x-F16.gguf';
const limit = { kind: 'tensors', count: 2 } as const;
const sound: WrittenModel = {
  ...{ sizeBytes: 5, tensorCount: 1, oddTensorCount: 0, resumedBytes: 0 },
  oddTensors: [],
};

interface Setup {
  readonly folder: string;
  readonly adapter: { readonly kind: 'folder'; readonly path: string };
  /** The orders that were started. */
  readonly started: WorkOrder[];
  /** What the next start, and the next naming of an output, throws. */
  readonly fails: { start: AppError | null; finish: AppError | null };
  readonly written: { is: WrittenModel };
  /** The jobs of one process over the same folder. */
  process(): Sideways;
  run(order: WorkOrder | undefined): Promise<void>;
}

function setUp(): Setup {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-sideways-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lora = path.join(folder, 'pirate');
  mkdirSync(lora);
  for (const [name, bytes] of Object.entries(loraFiles('owner/base', 'model.layers.1.self_attn.q_proj', [64, 64])))
    writeFileSync(path.join(lora, name), bytes);
  const started: WorkOrder[] = [];
  const fails: Setup['fails'] = { start: null, finish: null };
  const written = { is: sound };
  const run = (order: WorkOrder): { jobId: string } => {
    if (fails.start !== null) throw fails.start;
    return { jobId: String(started.push(order)) };
  };
  return {
    ...{ folder, started, fails, written },
    adapter: { kind: 'folder', path: lora },
    process() {
      const outputs = createOutputs({ folder: path.join(folder, 'converted'), onPublished: async () => {} });
      return createSideways({
        ...{ underWay: createUnderWay(run), run, workspaces: createWorkspaces(path.join(folder, 'work')) },
        ...{ version: '1', hub: {}, verifyFile: null },
        freeBytes: () => Promise.resolve(null),
        outputs: {
          ...outputs,
          async finish(...given: Parameters<typeof outputs.finish>) {
            const failure = fails.finish;
            fails.finish = null;
            if (failure !== null) throw failure;
            return await outputs.finish(...given);
          },
        },
        findModel: async () => ({
          ...{ modelId, name: 'x', path: '/none', weightsBytes: 5, summary: { quantization: 'F16' } },
        }),
        converter: {
          async convert({ outputPath }: { readonly outputPath: string }) {
            writeFileSync(outputPath, 'a file', { flag: 'wx' });
            return await Promise.resolve(written.is);
          },
        },
      } as unknown as Parameters<typeof createSideways>[0]);
    },
    async run(order) {
      await order?.run(alone);
    },
  };
}

const specOf = (order: WorkOrder | undefined): Record<string, unknown> =>
  JSON.parse(JSON.stringify(order?.data?.() ?? null)) as Record<string, unknown>;
const base = { kind: 'folder', path: shardedLlama } as const;

it('gives names free again when a job cannot be stored', async () => {
  const { folder, fails, started, process } = setUp();
  const sideways = process();
  const exported = { modelId, parentFolder: folder, quantizedAs: 'F16' } as const;
  fails.start = full;
  await expect(sideways.split({ modelId, limit })).rejects.toBe(full);
  await expect(sideways.export(exported)).rejects.toBe(full);
  fails.start = null;
  await sideways.split({ modelId, limit });
  await sideways.export(exported);
  expect(started.map(specOf)).toMatchObject([{ output: { name: 'x-F16' } }, { folder: path.join(folder, 'x') }]);
  await expect(sideways.split({ modelId, limit })).rejects.toMatchObject({ code: 'busy', data: { jobId: '1' } });
});

it('knows what is under way after a restart', async () => {
  const { adapter, folder, started, process } = setUp();
  const sideways = process();
  await sideways.adapter(adapter, base, 'F32', never);
  await sideways.export({ modelId, parentFolder: folder, quantizedAs: 'F16' });
  const again = process();
  again.resumers.adapter(specOf(started[0]));
  again.resumers.export(specOf(started[1]));
  await expect(again.adapter(adapter, base, 'F32', never)).rejects.toMatchObject({ code: 'busy' });
  await again.adapter(adapter, base, 'F16', never);
  await again.export({ modelId: 'other/n/x-Q8_0.gguf', parentFolder: folder, quantizedAs: 'F16' });
  expect(specOf(started.at(-1))).toMatchObject({ folder: path.join(folder, 'x-2') });
});

it('gives exports that start at the same moment a folder each', async () => {
  const { folder, started, process } = setUp();
  const sideways = process();
  const modelIds = ['owner/m/x-Q8_0.gguf', 'owner/m/x-Q4_K_M.gguf', 'other/n/x-Q8_0.gguf'];
  await Promise.all(modelIds.map((id) => sideways.export({ modelId: id, parentFolder: folder, quantizedAs: 'F16' })));
  const folders = started.map((order) => (specOf(order) as { folder: string }).folder);
  expect(folders.toSorted()).toEqual(['x', 'x-2', 'x-3'].map((name) => path.join(folder, name)));
});

it('finishes an adapter that was complete and could not get its name', async () => {
  const { adapter, folder, started, fails, process, run } = setUp();
  await process().adapter(adapter, base, 'F32', never);
  fails.finish = full;
  await expect(run(started[0])).rejects.toMatchObject({ code: 'disk.full' });
  await run(started[0]);
  expect(readdirSync(path.join(folder, 'converted/pirate'))).toEqual(['pirate-lora-F32.gguf']);
});

it('says in each try what is wrong with the values of an adapter', async () => {
  const { adapter, started, written, process, run } = setUp();
  written.is = {
    ...sound,
    oddTensorCount: 1,
    oddTensors: [{ tensor: 'blk.1.attn_q.weight.lora_a', nan: 2, infinite: 0, overflowing: 0 }],
  };
  await process().adapter(adapter, base, 'F32', never);
  for (let tries = 0; tries < 2; tries++)
    await expect(run(started[0])).rejects.toMatchObject({ code: 'convert.invalid', data: { reason: 'not_finite' } });
});
