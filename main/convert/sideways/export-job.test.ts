import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { alone } from '../../../test/support/alone.ts';
import { createExportOrder, type ExportTools } from './export-job.ts';

/** The run of an export into `parent/x`, in which `meanwhile` happens when its files are written. */
function setUp(meanwhile: (parent: string) => void = () => {}): { readonly parent: string; run(): Promise<void> } {
  const root = mkdtempSync(path.join(os.tmpdir(), 'hearth-export-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const parent = path.join(root, 'chosen');
  mkdirSync(parent);
  const tools = {
    findModel: () => Promise.resolve({ path: 'x.gguf', weightsBytes: 1 }),
    freeBytes: () => Promise.resolve(null),
    outputs: { recordOf: () => Promise.resolve(null) },
    workOnFiles(_: unknown, folder: string) {
      writeFileSync(path.join(folder, 'config.json'), '{}');
      meanwhile(parent);
      return Promise.resolve({ paths: [path.join(folder, 'config.json')], sizeBytes: 2 });
    },
  } as unknown as ExportTools;
  const spec = { workId: 'a', modelId: 'o/m/x.gguf', name: 'x', folder: path.join(parent, 'x') } as const;
  const order = createExportOrder({ ...spec, quantizedAs: 'F16' }, tools);
  return { parent, run: () => order.run(alone) };
}

const missing = { code: 'disk.denied', data: { reason: 'chosen_folder_missing', name: 'chosen' } };

it('says that the chosen folder is gone when its turn comes', async () => {
  const { parent, run } = setUp();
  rmSync(parent, { recursive: true });
  await expect(run()).rejects.toMatchObject(missing);
});

it('says that the chosen folder went while it wrote', async () => {
  const { run } = setUp((parent) => rmSync(parent, { recursive: true }));
  await expect(run()).rejects.toMatchObject(missing);
});

it('leaves a folder that came to the name meanwhile', async () => {
  const { parent, run } = setUp((folder) => {
    mkdirSync(path.join(folder, 'x'));
    writeFileSync(path.join(folder, 'x/mine'), '');
  });
  await expect(run()).rejects.toMatchObject({ code: 'invalid_input', data: { reason: 'name_taken' } });
  expect(readdirSync(parent)).toEqual(['x']);
});
