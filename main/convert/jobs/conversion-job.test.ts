/** A conversion that ends at the worst moments, with a converter and a quantizer that the test leads. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { OutputType } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import type { SourceFile } from '../checkpoint/checkpoint-source.ts';
import type { ConvertRequest } from '../child/protocol.ts';
import type { WrittenModel } from '../write/write-model.ts';
import { createConversion } from './conversion-job.ts';
import { createOutputs } from '../outputs/outputs.ts';
import { createSourceUse } from './source-use.ts';
import type { JobTools } from './tools.ts';
import { createWorkspaces } from '../outputs/workspaces.ts';

const sound: WrittenModel = {
  ...{ sizeBytes: 9, tensorCount: 1, oddTensorCount: 0, resumedBytes: 0 },
  oddTensors: [],
};
const odd: WrittenModel = {
  ...sound,
  oddTensorCount: 1,
  oddTensors: [{ tensor: 'output.weight', nan: 3, infinite: 0, overflowing: 0 }],
};

type Phase = 'convert' | 'quantize' | 'verify';

interface Setup {
  readonly order: WorkOrder;
  /** What was done, in order. */
  readonly done: Phase[];
  /** The phases that are interrupted when they are over. */
  readonly interrupted: Set<Phase>;
  /** The files of the checkpoint. */
  readonly files: SourceFile[];
  /** Runs the order. */
  run(): Promise<void>;
  readonly workFolder: string;
  readonly output: string;
}

async function setUp(type: OutputType, written: WrittenModel, version = { is: '1' }): Promise<Setup> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-conversion-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [convertedFolder, workFolder] = [path.join(folder, 'converted'), path.join(folder, 'work')];
  const outputs = createOutputs({ folder: convertedFolder, onPublished: () => Promise.resolve() });
  const workspaces = createWorkspaces(workFolder);
  const done: Phase[] = [];
  const interrupted = new Set<Phase>();
  const files: SourceFile[] = [{ path: 'model.safetensors', sizeBytes: 9, sha256: null, modifiedAtMs: 1 }];
  const over = (phase: Phase): void => {
    done.push(phase);
    if (interrupted.has(phase)) throw new AppError('cancelled', 'Paused.');
  };
  const tools = {
    ...{ outputs, workspaces, sourceUse: createSourceUse(), hub: {}, threads: () => 1 },
    get version() {
      return version.is;
    },
    freeBytes: () => Promise.resolve(null),
    checks: {
      open: () =>
        Promise.resolve({
          checkpoint: { source: { files, close: () => Promise.resolve() } },
          facts: { refusals: [], neededFiles: [], basis: { sourceType: 'F32' }, quantizedBy: null },
        }),
      sizeOf: () => 9,
    },
    converter: {
      async convert({ outputPath }: Pick<ConvertRequest, 'outputPath'>) {
        writeFileSync(outputPath, 'a model', { flag: 'wx' });
        over('convert');
        return await Promise.resolve(written);
      },
    },
    quantizer: {
      async *quantize({ outputPath }: { readonly outputPath: string }) {
        writeFileSync(outputPath, 'a quantized model', { flag: 'wx' });
        yield await Promise.resolve({ type: 'done' });
        over('quantize');
      },
    },
    verifyFile: async () => {
      over('verify');
      return await Promise.resolve(null);
    },
  } as unknown as JobTools;
  const output = await outputs.reserve({ folder: 'owner--name', stem: 'name' }, type);
  const order = createConversion(
    {
      ...{ workId: workspaces.newId(), name: 'name', type, keepSource: false, quantize: null },
      ...{ files: [], finished: [] },
      output,
      source: { kind: 'folder', path: folder },
    },
    tools,
  );
  const nothing = (): void => {};
  const context = {
    ...{ log: nothing, detail: nothing, received: nothing, progress: nothing, phase: nothing, keep: nothing },
    signal: new AbortController().signal,
  } as TransferContext;
  const run = async (): Promise<void> => await order.run(context);
  return {
    order,
    done,
    interrupted,
    files,
    run,
    workFolder,
    output: path.join(convertedFolder, 'owner--name', output.name),
  };
}

it('looks for values that are no numbers also in a file that was complete when the job was interrupted', async () => {
  const { run, interrupted, output } = await setUp('F16', odd);
  interrupted.add('convert');
  await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
  interrupted.clear();
  await expect(run()).rejects.toMatchObject({ code: 'convert.invalid', data: { tensor: 'output.weight' } });
  expect(existsSync(output)).toBe(false);
});

it('does nothing anew that an interrupted run has completed', async () => {
  const { run, interrupted, done, output, workFolder } = await setUp('Q4_K_M', sound);
  for (const phase of ['quantize', 'verify'] as const) {
    interrupted.clear();
    interrupted.add(phase);
    await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
  }
  interrupted.clear();
  await run();
  expect(done).toEqual(['convert', 'quantize', 'verify', 'verify']);
  expect(existsSync(output)).toBe(true);
  expect(readdirSync(workFolder)).toEqual([]);
});

it.each<[string, (setup: Setup, version: { is: string }) => void]>([
  ['a file of the checkpoint is another now', ({ files }) => files.splice(0, 1, { ...files[0]!, modifiedAtMs: 2 })],
  ['the app is another now', (_, version) => (version.is = '2')],
])('makes everything anew where %s', async (_, change) => {
  const version = { is: '1' };
  const setup = await setUp('Q4_K_M', sound, version);
  setup.interrupted.add('verify');
  await expect(setup.run()).rejects.toMatchObject({ code: 'cancelled' });
  setup.interrupted.clear();
  change(setup, version);
  await setup.run();
  expect(setup.done).toEqual(['convert', 'quantize', 'verify', 'convert', 'quantize', 'verify']);
});
