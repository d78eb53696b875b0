/** The list of models reads a file again that it could not read, though the file itself did not change. */
import { symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createModelList } from '../../../main/library/models/model-list.ts';
import { openStore } from '../../../main/store/store.ts';
import { migrations, temporaryFolder } from '../../support/cache-setup.ts';

const ember = join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf');

it.each([
  ['a link that leads to itself', 'x.gguf', { code: 'disk.denied', data: { reason: 'unreadable', detail: 'ELOOP' } }],
  ['a link to nowhere', 'nowhere.gguf', { code: 'model.missing' }],
  ['a link to a folder', '.', { code: 'disk.denied', data: { reason: 'unreadable', detail: 'EISDIR' } }],
])('reads a file again that was %s', async (_what, target, problem) => {
  const folder = await temporaryFolder();
  const store = openStore(folder, migrations);
  onTestFinished(() => void store.close());
  const openPath = join(folder, 'x.gguf');
  symlinkSync(target, openPath);
  const file = { repoId: 'o/n', commit: 'c', path: 'x.gguf', openPath, sizeBytes: 3_000_000, modifiedAtMs: 1 };
  const list = createModelList({
    store,
    builtIn: { modelId: 'hearth/ember-3M/ember.gguf', path: ember, name: 'Ember' },
    listFiles: async () => [file],
    noteShards: async () => false,
    now: Date.now,
  });
  await list.update(false);
  expect(list.known().get('o/n/x.gguf')?.problem).toMatchObject(problem);
  unlinkSync(openPath);
  symlinkSync(ember, openPath);
  await list.update(false);
  expect(list.known().get('o/n/x.gguf')).toMatchObject({ problem: null, summary: { architecture: 'llama' } });
});
