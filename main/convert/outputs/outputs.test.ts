import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createOutputs } from './outputs.ts';

it('leaves nothing of a model of several files whose names cannot all be given', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-outputs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const work = path.join(folder, 'work');
  const names = [1, 2, 3].map((number) => `x-F16-0000${String(number)}-of-00003.gguf`);
  const files = names.map((name) => path.join(work, name));
  mkdirSync(work);
  for (const file of files) writeFileSync(file, 'a shard');
  const outputs = createOutputs({ folder: path.join(folder, 'converted'), onPublished: async () => {} });
  const output = await outputs.reserveSet({ folder: 'owner--x', stem: 'x' }, 'F16');
  const made = path.join(folder, 'converted/owner--x');
  // A folder stands where the last of them goes.
  mkdirSync(path.join(made, names[0] ?? '', 'in-the-way'), { recursive: true });
  const record = {
    ...{
      sourceName: 'x',
      sourceRepoId: null,
      sourceRevision: null,
      sourceModelId: null,
      prunedLayerCount: 0,
      type: 'F16' as const,
    },
    ...{ converterVersion: '1', verification: null, files: [], sha256: null, createdAt: 1 },
  };
  await expect(outputs.finish(output, files, record)).rejects.toThrow();
  expect(readdirSync(made)).toEqual([names[0]]);
  expect(existsSync(files[0] ?? '')).toBe(true);
});
