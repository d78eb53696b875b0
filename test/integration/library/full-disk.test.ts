/** A full disk: every write of the library, the jobs and the settings reports it, and none ends the process. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createModelUse } from '../../../main/library/models/model-use.ts';
import { createModels } from '../../../main/library/models/models.ts';
import { createSettings } from '../../../main/settings/settings.ts';
import { writeBranchHeads } from '../../../main/store/branch-heads.ts';
import { addJobLine, deleteJob, putJob, type JobRow } from '../../../main/store/jobs.ts';
import { readModelUse, writeHeaders, writeImportedFile, writePin } from '../../../main/store/model-records.ts';
import { addMovedFiles, writeUnfinishedMove } from '../../../main/store/moved-files.ts';
import { createSecrets } from '../../../main/store/secrets.ts';
import { writeSettings } from '../../../main/store/settings.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { migrations, nothingInUse, temporaryFolder } from '../../support/cache-setup.ts';
import { fillDisk } from '../../support/full-disk.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';

const ember = join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf');
const builtIn = { modelId: 'hearth/ember-3M/ember.gguf', path: ember, name: 'Ember' };

async function open(): Promise<{ store: Store; data: string }> {
  const data = await temporaryFolder();
  const store = openStore(data, migrations);
  onTestFinished(() => void store.close());
  return { store, data };
}
const job: JobRow = {
  ...{ id: 'a', kind: 'verify', state: 'queued', spec: 'x'.repeat(5000), error: null, position: 1 },
  ...{ createdAt: 1, updatedAt: 1 },
};

it('is disk.full for every write, and disk.denied for a database that is read-only', async () => {
  const { store } = await open();
  putJob(store, job);
  fillDisk(store);
  const long = 'x'.repeat(5000);
  const writes: Readonly<Record<string, () => void>> = {
    putJob: () => putJob(store, { ...job, id: 'b' }),
    addJobLine: () => addJobLine(store, 'a', { at: 1, text: long }),
    writeBranchHeads: () => writeBranchHeads(store, new Map([['o/n', long]]), 1),
    writeHeaders: () => writeHeaders(store, [{ modelId: 'm', sizeBytes: 1, modifiedAtMs: 1, header: long }]),
    writePin: () => writePin(store, long, true),
    writeImportedFile: () => writeImportedFile(store, 'm', long, 1),
    writeSettings: () => writeSettings(store, { theme: long }),
    addMovedFiles: () => addMovedFiles(store, [long]),
    writeUnfinishedMove: () =>
      writeUnfinishedMove(store, { from: long, to: long, choiceId: 'hearth', isGivenUp: false }),
  };
  for (const [name, write] of Object.entries(writes))
    expect(write, name).toThrow(expect.objectContaining({ code: 'disk.full' }) as Error);
  // Calls that free space still work.
  deleteJob(store, 'a');
  store.pragma('query_only = 1');
  for (const [name, write] of Object.entries(writes))
    expect(write, name).toThrow(expect.objectContaining({ code: 'disk.denied' }) as Error);
});

it('keeps the last use of a model in memory, throws nothing, and stores it when there is space', async () => {
  const { store } = await open();
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const use = createModelUse(store, () => 7, log);
  const models = createModels({
    store,
    use,
    builtIn,
    storage: {
      modelFiles: async () => [],
      noteShards: async () => false,
      deleteFiles: async () => ({ token: '', undoMs: 0, freedBytes: 0 }),
      undoDelete: () => false,
      publish: () => {},
    },
    imports: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    converted: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    listPlaces: async () => [],
    engine: { fitOf: fitIn(() => ({ totalRamBytes: 1e10, freeRamBytes: 1e10 })) },
    inUse: nothingInUse,
    log,
  });
  await models.rescan();
  const free = fillDisk(store);
  const long = `o/n/${'x'.repeat(5000)}.gguf`;
  models.markUsed([long], 'reply');
  models.markUsed([builtIn.modelId], 'reply');
  expect(lines.join()).toContain('was not stored');
  expect(readModelUse(store, 'reply').size).toBe(0);
  expect(use.all().get(long)).toBe(7);
  const shown = (await models.rescan()).models.map(({ lastUsedAt }) => lastUsedAt);
  expect(shown).toEqual([7]);
  free();
  models.markUsed(['o/n/y.gguf'], 'reply');
  expect([...readModelUse(store, 'reply').keys()].sort()).toEqual([builtIn.modelId, long, 'o/n/y.gguf'].sort());
  // Neither does a database that is closed already.
  store.close();
  expect(() => models.markUsed(['o/n/y.gguf'], 'reply')).not.toThrow();
});

it('refuses a setting, and the previous one stays in force', async () => {
  const { store, data } = await open();
  const settings = createSettings({
    store,
    secrets: createSecrets(data, null),
    dataFolder: data,
    defaultCacheFolder: join(data, 'cache'),
    fixedCacheFolder: null,
    defaultHubEndpoint: 'https://hub.example',
    fixedNetwork: { hubEndpoint: null, proxy: null, httpProxy: null, noProxy: null, certificatesFile: null },
    environmentToken: null,
    tokenFile: join(data, 'token'),
    freeDiskBytes: async () => null,
    pickFolder: null,
    homeFolder: data,
  });
  fillDisk(store);
  const preload = Array.from({ length: 8 }, () => `o/n/${'x'.repeat(500)}.gguf`);
  await expect(settings.update({ engine: { preload } })).rejects.toMatchObject({ code: 'disk.full' });
  expect(settings.engine().preload).toEqual([]);
});
