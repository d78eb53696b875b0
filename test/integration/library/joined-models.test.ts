/** A model of several files whose headers alone say that they are one: the cache treats them as one, in all that it does with models. */
import { lutimes, mkdir, readFile, readlink, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkoutLayout } from '../../../main/app/layout.ts';
import { findModelFile } from '../../../main/cli/model-files.ts';
import { createModelUse } from '../../../main/library/models/model-use.ts';
import { createModels } from '../../../main/library/models/models.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';
import { writeModelUse, writePin } from '../../../main/store/model-records.ts';
import { commits, exists, look, nothingInUse, putFile, setUp, temporaryFolder } from '../../support/cache-setup.ts';
import { never, setUp as setUpHub } from '../../support/hub-setup.ts';
import { ember } from '../../support/engine-host-setup.ts';
import { writeScriptedShards } from '../../support/made-models.ts';

const names = ['M-Q4.part1.gguf', 'M-Q4.part2.gguf', 'M-Q4.part3.gguf'] as const;
const [first, second, third] = names;
const id = `owner/name/${first}`;

/** The bytes of the three files of a model. */
async function made(pieces: readonly string[] = ['one', ' two', ' three']): Promise<Buffer[]> {
  const folder = await temporaryFolder();
  const files = names.map((name) => join(folder, name));
  writeScriptedShards(files, { pieces });
  return await Promise.all(files.map((file) => readFile(file)));
}

/** A cache with the model in it, which nobody used or fetched today. */
async function cacheWithModel() {
  const all = await setUp();
  const { folder, store, storage } = all;
  const root = join(folder, 'models--owner--name');
  const yesterday = new Date(Date.now() - 86_400_000);
  const contents = await made();
  for (const [index, path] of names.entries()) {
    const blob = await putFile(folder, { path, bytes: contents[index] ?? '', ref: 'main' });
    await utimes(join(root, 'blobs', blob), yesterday, yesterday);
    await lutimes(join(root, 'snapshots', commits[0], path), yesterday, yesterday);
  }
  const models = createModels({
    store,
    use: createModelUse(store, Date.now, () => {}),
    builtIn: { modelId: ember.modelId, path: ember.path, name: 'Ember' },
    storage,
    imports: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    converted: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    listPlaces: async () => [],
    engine: { fitOf: fitIn(() => ({ totalRamBytes: 1e10, freeRamBytes: 1e10 })) },
    inUse: nothingInUse,
    log: () => {},
  });
  const listed = async () =>
    (await models.rescan()).models
      .filter(({ origin }) => origin === 'hub')
      .map(({ id: modelId, revision, problem }) => [modelId, revision?.[0], problem?.data?.['reason'] ?? 'works']);
  const there = () => Promise.all(names.map((name) => exists(join(root, 'snapshots', commits[0], name))));
  return { ...all, root, models, listed, there };
}

it('a limit never takes the later files of a model that is pinned or loaded, and takes all files of another', async () => {
  const { store, models, storage, jobs, there, conditions } = await cacheWithModel();
  await models.rescan();
  conditions.limitBytes = 1;
  writePin(store, id, true);
  await storage.enforceLimit();
  await jobs.finished();
  writePin(store, id, false);
  conditions.loaded = [id];
  await storage.enforceLimit();
  await jobs.finished();
  expect(await there()).toEqual([true, true, true]);
  conditions.loaded = [];
  await storage.enforceLimit();
  await jobs.finished();
  expect(await there()).toEqual([false, false, false]);
  expect(jobs.said.details.at(-1)).toMatchObject({ evicted: [{ name: id }] });
});

it('no file of a leased model is deleted, and the report names the model for each', async () => {
  const { store, models, storage, there, conditions } = await cacheWithModel();
  await models.rescan();
  writeModelUse(store, 'reply', new Map([[id, 1234]]));
  conditions.leased = [id];
  for (const path of names)
    await expect(storage.delete({ repoId: 'owner/name', commit: null, path })).rejects.toMatchObject({ code: 'busy' });
  expect(await there()).toEqual([true, true, true]);
  const files = (await look(storage)).repositories[0]?.revisions[0]?.files ?? [];
  expect(files.map(({ path, modelId }) => [path, modelId])).toEqual(names.map((path) => [path, id]));
  expect(names.map((path) => models.has(`owner/name/${path}`))).toEqual([true, true, true]);
  expect(models.pathsOf(`owner/name/${second}`)).toEqual(names);
  expect((await models.list()).find((model) => model.id === id)?.otherPaths).toEqual([second, third]);
});

it('an update that has begun leaves the model that works, until it has all files', async () => {
  const { folder, root, listed, storage } = await cacheWithModel();
  expect(await listed()).toEqual([[id, 'a', 'works']]);
  const contents = await made(['uno', ' dos', ' tres']);
  for (const index of [1, 0]) {
    await putFile(folder, { commit: commits[1], path: names[index] ?? '', bytes: contents[index] ?? '', ref: 'main' });
    expect(await listed()).toEqual([[id, 'a', 'works']]);
    const inTerminal = await findModelFile('owner/name', { cacheFolder: folder, layout: checkoutLayout() });
    expect([inTerminal.path, inTerminal.commit, inTerminal.shards.length]).toEqual([first, commits[0], 3]);
  }
  expect(
    (await look(storage)).repositories[0]?.revisions.map(({ files }) => files.map(({ modelId }) => modelId)),
  ).toEqual([
    [id, id, id],
    [null, null],
  ]);
  await putFile(folder, { commit: commits[1], path: third, bytes: contents[2] ?? '', ref: 'main' });
  expect(await listed()).toEqual([[id, 'b', 'works']]);
  // The next version changes one file of them.
  for (const path of [first, second]) await symlinkAs(root, path, commits[1], commits[2]);
  await writeFile(join(root, 'refs/main'), commits[2]);
  expect(await listed()).toEqual([[id, 'b', 'works']]);
});

async function symlinkAs(root: string, path: string, from: string, to: string): Promise<void> {
  await mkdir(join(root, 'snapshots', to), { recursive: true });
  await symlink(await readlink(join(root, 'snapshots', from, path)), join(root, 'snapshots', to, path));
}

it('is one damaged model when one of its files is, and only that file is fetched again', async () => {
  const { root, listed, storage, jobs, there } = await cacheWithModel();
  await listed();
  const pointer = join(root, 'snapshots', commits[0], second);
  const bytes = await readFile(pointer);
  await writeFile(pointer, bytes.fill(0x3f, bytes.length - 100));
  await storage.verify(null);
  await jobs.finished();
  expect(await listed()).toEqual([[id, 'a', 'hash']]);
  expect(await storage.discardDamaged('owner/name', first)).toBe(true);
  expect(await there()).toEqual([true, false, true]);
});

it('is known at the next start, before a header is read', async () => {
  const { store, folder, listed, storage } = await cacheWithModel();
  await listed();
  await storage.close();
  const next = await setUp({ store, folder: () => folder });
  const files = await next.storage.modelFiles();
  expect(files.map(({ path, set }) => [path, set])).toEqual(
    names.map((path, index) => [path, { first, number: index + 1, count: 3 }]),
  );
});

it('gets an update of all its files, of those that the Hub still has', async () => {
  const contents = await made();
  const files = Object.fromEntries([first, third].map((path, index) => [path, contents[index] ?? Buffer.alloc(1)]));
  const { hub } = await setUpHub({}, { repos: [{ id: 'owner/name', files }] });
  const pathsOf = async (path: string, known?: readonly string[]) =>
    (await hub.resolve('owner/name', path, 'main', never, known)).map((file) => file.path);
  expect(await pathsOf(first, names)).toEqual([first, third]);
  expect(await pathsOf(first)).toEqual([first]);
  await expect(pathsOf(second, names)).rejects.toMatchObject({ code: 'hub.not_found' });
});
