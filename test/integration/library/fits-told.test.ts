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

it('tells all windows of memory that went, when another opened or the list was asked for in between', async () => {
  const store = openStore(await temporaryFolder(), migrations);
  const windows = new AbortController();
  onTestFinished(() => {
    windows.abort();
    store.close();
  });
  let freeRamBytes = 32e9;
  const models = createModels({
    store,
    use: createModelUse(store, Date.now, () => {}),
    builtIn: { modelId: 'hearth/ember-3M/ember.gguf', path: ember, name: 'Ember' },
    storage: {
      modelFiles: async () => [],
      deleteFiles: async () => ({ token: '', undoMs: 0, freedBytes: 0 }),
      undoDelete: () => false,
      publish: () => {},
    },
    imports: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    listPlaces: async () => [],
    engine: { fitOf: fitIn(() => ({ totalRamBytes: 64e9, freeRamBytes })) },
    inUse: nothingInUse,
    log: () => {},
    // The list never gets old, so that only the fits are sent.
    now: () => 1,
  });
  const freeIn = async (events: AsyncGenerator<ModelsEvent>): Promise<number | undefined> => {
    const next = await events.next();
    return (next.value as ModelsEvent).models[0]?.fit.freeRamBytes;
  };
  const first = models.watch(windows.signal);
  expect(await freeIn(first)).toBe(32e9);

  freeRamBytes = 8e9;
  const second = models.watch(windows.signal);
  expect(await freeIn(second)).toBe(8e9);
  models.publishFits();
  expect(await freeIn(first)).toBe(8e9);

  freeRamBytes = 20e9;
  expect((await models.list())[0]?.fit.freeRamBytes).toBe(20e9);
  models.publishFits();
  expect([await freeIn(first), await freeIn(second)]).toEqual([20e9, 20e9]);
});
