import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { migrations, temporaryFolder } from '../../../test/support/cache-setup.ts';
import { openStore } from '../../store/store.ts';
import { createModelList } from './model-list.ts';

const builtIn = {
  modelId: 'owner/stories/stories260K.gguf',
  path: path.join(import.meta.dirname, '../../../test/fixtures/stories260K/stories260K-F32.gguf'),
  name: 'Stories',
};

it('looks at the disk for a caller that wants it, also where the next reading was asked for without', async () => {
  const store = openStore(await temporaryFolder(), migrations);
  onTestFinished(() => void store.close());
  const looks: boolean[] = [];
  const running = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const list = createModelList({
    store,
    builtIn,
    now: () => 1,
    noteShards: () => Promise.resolve(false),
    async listFiles(fresh) {
      looks.push(fresh);
      reached.resolve();
      if (looks.length === 1) await running.promise;
      return [];
    },
  });
  const first = list.update(false);
  await reached.promise;
  const [second, third] = [list.update(false), list.update(true)];
  running.resolve();
  await Promise.all([first, second, third]);
  expect(looks).toEqual([false, true]);
});
