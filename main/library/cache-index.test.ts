import { renameSync } from 'node:fs';
import { join } from 'node:path';
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

it('has what came during a scan, for a caller that asked meanwhile', async () => {
  const [data, folder, aside] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
  await putFile(aside, { repoId: 'o/late' });
  const store = openStore(data, migrations);
  const index = createCacheIndex({ store, folder: () => folder, onChange: () => {}, log: () => {} });
  onTestFinished(async () => {
    await index.close();
    store.close();
  });
  const first = index.rescan();
  // The scan has read the names in the folder, and has not ended.
  renameSync(join(aside, 'models--o--late'), join(folder, 'models--o--late'));
  const second = index.rescan();
  await first;
  expect([...(await second).keys()]).toEqual(['o/late']);
});

it('has nothing of a folder that was left during its scan', async () => {
  const [data, left, next] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
  await putFile(left, { repoId: 'o/left' });
  await putFile(next, { repoId: 'o/next' });
  const store = openStore(data, migrations);
  let folder = left;
  const index = createCacheIndex({ store, folder: () => folder, onChange: () => {}, log: () => {} });
  onTestFinished(async () => {
    await index.close();
    store.close();
  });
  const scan = index.rescan();
  folder = next;
  expect(index.known()).toBeNull();
  await scan;
  expect([index.known(), index.isFresh()]).toEqual([null, false]);
  expect([...(await index.rescan()).keys()]).toEqual(['o/next']);
});
