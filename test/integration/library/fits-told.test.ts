/** Windows that watch the models learn of memory that other programs take, whoever asked for the list meanwhile. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ModelsEvent } from '../../../preload/contract/library.ts';
import { createModelUse } from '../../../main/library/models/model-use.ts';
import { createModels } from '../../../main/library/models/models.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';
import { openStore } from '../../../main/store/store.ts';
import { migrations, nothingInUse, temporaryFolder } from '../../support/cache-setup.ts';

const ember = join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf');

const logged: string[] = [];

async function setUp() {
  const store = openStore(await temporaryFolder(), migrations);
  const windows = new AbortController();
  const memory = { freeRamBytes: 32e9 };
  onTestFinished(() => {
    windows.abort();
    store.close();
  });
  const models = createModels({
    store,
    use: createModelUse(store, Date.now, () => {}),
    builtIn: { modelId: 'hearth/ember-3M/ember.gguf', path: ember, name: 'Ember' },
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
    engine: { fitOf: fitIn(() => ({ totalRamBytes: 64e9, ...memory })) },
    inUse: nothingInUse,
    log: (line) => void logged.push(line),
    // The list never gets old, so that only the fits are sent.
    now: () => 1,
  });
  return { store, windows, memory, models };
}

it('tells all windows of memory that went, when another opened or the list was asked for in between', async () => {
  const { windows, memory, models } = await setUp();
  const freeIn = async (events: AsyncGenerator<ModelsEvent>): Promise<number | undefined> => {
    const next = await events.next();
    return (next.value as ModelsEvent).models[0]?.fit.freeRamBytes;
  };
  const first = models.watch(windows.signal);
  expect(await freeIn(first)).toBe(32e9);

  memory.freeRamBytes = 8e9;
  const second = models.watch(windows.signal);
  expect(await freeIn(second)).toBe(8e9);
  models.publishFits();
  expect(await freeIn(first)).toBe(8e9);

  memory.freeRamBytes = 20e9;
  expect((await models.list())[0]?.fit.freeRamBytes).toBe(20e9);
  models.publishFits();
  expect([await freeIn(first), await freeIn(second)]).toEqual([20e9, 20e9]);
});

it('goes on when the database cannot be read, and says so in the log', async () => {
  const { store, windows, models } = await setUp();
  await models.watch(windows.signal).next();
  logged.length = 0;
  store.exec('DROP TABLE pins');
  models.publishFits();
  expect(logged).toEqual([expect.stringMatching(/^The list of models: .*pins/)]);
});
