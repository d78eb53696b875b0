/** A conversion that ends at the worst moments, with a converter that the test leads. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import type { TransferContext } from '../../base/work.ts';
import type { ConvertRequest } from '../child/protocol.ts';
import type { WrittenModel } from '../write/write-model.ts';
import { createConversion } from './conversion-job.ts';
import { createOutputs } from './outputs.ts';
import { createSourceUse } from './source-use.ts';
import type { JobTools } from './tools.ts';
import { createWorkspaces } from './workspaces.ts';

const odd: WrittenModel = {
  ...{ sizeBytes: 9, tensorCount: 1, oddTensorCount: 1, resumedBytes: 0 },
  oddTensors: [{ tensor: 'output.weight', nan: 3, infinite: 0, overflowing: 0 }],
};

it('looks for values that are no numbers also in a file that was complete when the job was interrupted', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-conversion-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const convertedFolder = path.join(folder, 'converted');
  const outputs = createOutputs({ folder: convertedFolder, onPublished: () => Promise.resolve() });
  const workspaces = createWorkspaces(path.join(folder, 'work'));
  let isInterrupted = true;
  const tools = {
    ...{ outputs, workspaces, sourceUse: createSourceUse(), hub: {}, version: '1', verifyFile: null, threads: () => 1 },
    freeBytes: () => Promise.resolve(null),
    checks: {
      open: () =>
        Promise.resolve({
          checkpoint: { source: { close: () => Promise.resolve() } },
          facts: { refusals: [], basis: { sourceType: 'F32' }, quantizedBy: null },
        }),
      sizeOf: () => 9,
    },
    converter: {
      convert({ outputPath }: Pick<ConvertRequest, 'outputPath'>) {
        writeFileSync(outputPath, 'NaN model', { flag: 'wx' });
        return isInterrupted ? Promise.reject(new AppError('cancelled', 'Paused.')) : Promise.resolve(odd);
      },
    },
  } as unknown as JobTools;
  const output = await outputs.reserve({ folder: 'owner--name', stem: 'name' }, 'F16');
  const order = createConversion(
    {
      ...{
        workId: workspaces.newId(),
        name: 'name',
        type: 'F16',
        keepSource: false,
        quantize: null,
        ...{ files: [], finished: [] },
        output,
      },
      source: { kind: 'folder', path: folder },
    },
    tools,
  );
  const nothing = (): void => {};
  const context = {
    ...{ log: nothing, detail: nothing, received: nothing, progress: nothing, phase: nothing },
    signal: new AbortController().signal,
  } as unknown as TransferContext;
  await expect(order.run(context)).rejects.toMatchObject({ code: 'cancelled' });
  isInterrupted = false;
  await expect(order.run(context)).rejects.toMatchObject({
    code: 'convert.invalid',
    data: { tensor: 'output.weight' },
  });
  expect(existsSync(path.join(convertedFolder, 'owner--name', 'name-F16.gguf'))).toBe(false);
});
