import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeRecord, type StoredRecord } from './records.ts';
import { filesIn, originOfModel, withHashes } from './source-files.ts';

const never = new AbortController().signal;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-source-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

it('hashes what is there as it was read, and keeps the hashes that are known', async () => {
  const folder = folderWith({ 'config.json': '{}', changed: 'a', touched: 'b' });
  const read = await filesIn(folder, ['config.json', 'changed', 'touched', 'never.there']);
  writeFileSync(path.join(folder, 'changed'), 'longer');
  const known = { path: 'weights', sizeBytes: 3, sha256: 'known' };
  const files = read.map((file) => (file.path === 'touched' ? { ...file, modifiedAtMs: 1 } : file));
  expect(await withHashes([...files, known], folder, never)).toEqual([
    { path: 'config.json', sizeBytes: 2, sha256: sha256('{}') },
    { path: 'changed', sizeBytes: 1, sha256: null },
    { path: 'touched', sizeBytes: 1, sha256: null },
    known,
  ]);
});

const record: StoredRecord = {
  ...{
    sourceName: 'owner/x',
    sourceRepoId: 'owner/x',
    sourceRevision: 'c0ffee',
    sourceModelId: null,
    type: 'F32',
    prunedLayerCount: 2,
  },
  ...{ converterVersion: '1', verification: null, createdAt: 1, sha256: sha256('a model') },
  files: [{ path: 'model.safetensors', sizeBytes: 9, sha256: 'known' }],
};

it('takes over where a model comes from, and adds its own hash', async () => {
  const folder = folderWith({ 'x.gguf': 'a model' });
  const model = { modelId: 'x', name: 'x-F32', path: path.join(folder, 'x.gguf'), weightsBytes: 7 };
  const own = { path: 'x.gguf', sizeBytes: 7, sha256: sha256('a model') };
  const alone = {
    prunedLayerCount: 0,
    sourceName: 'x-F32',
    sourceRepoId: null,
    sourceRevision: null,
    sourceModelId: 'x',
    files: [own],
  };
  expect(await originOfModel(model, 'x', never)).toEqual(alone);
  await writeRecord(model.path, record);
  expect(await originOfModel(model, 'x', never)).toEqual({
    ...{ sourceName: 'owner/x', sourceRepoId: 'owner/x', sourceRevision: 'c0ffee', sourceModelId: 'x' },
    prunedLayerCount: 2,
    files: [...record.files, own],
  });
  // The record of other bytes says nothing of these.
  await writeRecord(model.path, { ...record, sha256: sha256('another') });
  expect(await originOfModel(model, 'x', never)).toEqual(alone);
});
