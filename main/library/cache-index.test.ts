import { expect, it, onTestFinished } from 'vitest';
import { migrations, putFile, temporaryFolder } from '../../test/support/cache-setup.ts';
import { openStore } from '../store/store.ts';
import { createCacheIndex } from './cache-index.ts';

it('of a folder that was not read in this process is known from before, and not fresh', async () => {
  const [data, one, other] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
  await putFile(other, { repoId: 'o/other' });
  const store = openStore(data, migrations);
  onTestFinished(() => void store.close());
  let folder = other;
  const open = () => createCacheIndex({ store, folder: () => folder, onChange: () => {}, log: () => {} });
  const before = open();
  await before.rescan();
  await before.close();

  folder = one;
  const index = open();
  onTestFinished(() => index.close());
  await index.rescan();
  expect([index.isFresh(), [...(index.known()?.keys() ?? [])]]).toEqual([true, []]);
  folder = other;
  await putFile(other, { repoId: 'o/later' });
  expect([[...(index.known()?.keys() ?? [])], index.isFresh()]).toEqual([['o/other'], false]);
  await index.rescan();
  expect([[...(index.known()?.keys() ?? [])].sort(), index.isFresh()]).toEqual([['o/later', 'o/other'], true]);
});
