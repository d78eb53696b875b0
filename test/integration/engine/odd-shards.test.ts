/** Models of several files whose names do not tell it: real files, the library's list, the real engine. The model recites its script. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { linkShards } from '../../../main/engine/host/shard-links.ts';
import { createModelUse } from '../../../main/library/models/model-use.ts';
import { createModels, type Models } from '../../../main/library/models/models.ts';
import { listPlaces } from '../../../main/library/places/places.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';
import { openStore } from '../../../main/store/store.ts';
import { migrations, nothingInUse, temporaryFolder } from '../../support/cache-setup.ts';
import { ember, greedy, reply, startEngine, type TestEngine } from '../../support/engine-host-setup.ts';
import { writeScriptedShards } from '../../support/made-models.ts';

let test: TestEngine | undefined;
afterEach(async () => {
  expect(await test?.close()).toEqual(test ? [] : undefined);
  test = undefined;
});

/** The models of one folder that a user added. */
async function modelsIn(folder: string): Promise<Models> {
  const store = openStore(await temporaryFolder(), migrations);
  onTestFinished(() => void store.close());
  const programs = {
    home: await temporaryFolder(),
    platform: 'linux',
    env: { OLLAMA_SERVICE_MODELS: '/none' },
  } as const;
  return createModels({
    store,
    use: createModelUse(store, Date.now, () => {}),
    builtIn: { modelId: ember.modelId, path: ember.path, name: 'Ember' },
    storage: {
      modelFiles: async () => [],
      noteShards: async () => false,
      deleteFiles: async () => ({ token: '', undoMs: 0, freedBytes: 0 }),
      undoDelete: () => false,
      publish: () => {},
    },
    imports: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    converted: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
    listPlaces: () => listPlaces({ programs, folders: [folder], imported: [], except: [] }),
    engine: { fitOf: fitIn(() => ({ totalRamBytes: 1e10, freeRamBytes: 1e10 })) },
    inUse: nothingInUse,
    log: () => {},
  });
}

async function recited(modelId: string, models: Models, engine: TestEngine): Promise<string> {
  const model = await models.find(modelId);
  await engine.engine.load(model);
  let text = '';
  const input = { messages: [{ role: 'user' as const, content: 'Go on.' }] };
  for await (const event of reply(engine.engine, model, { input, sampling: { ...greedy, maxTokens: 20 } }))
    if (event.type === 'text') text += event.content;
  return text;
}

describe('shards under other names than llama.cpp’s', () => {
  it('are one model, and run without a trace in the folder of the user', async () => {
    const folder = await temporaryFolder();
    const names = ['the middle.gguf', 'zebra.gguf', 'an end.gguf'];
    writeScriptedShards(
      names.map((name) => path.join(folder, name)),
      { pieces: ['one', ' two', ' three'] },
    );
    // Another model in several files, whose names differ in a letter, and one more of the same kind.
    for (const kind of ['Q4', 'Q8'])
      writeScriptedShards(
        ['a', 'b'].map((letter) => path.join(folder, `M-${kind}-${letter}.gguf`)),
        { pieces: [kind, ' it', ' is'] },
      );
    const models = await modelsIn(folder);
    const { models: list } = await models.rescan();
    const found = list.filter(({ origin }) => origin === 'folder');
    expect(found.map(({ fileName, problem }) => [fileName, problem]).sort()).toEqual([
      ['M-Q4-a.gguf', null],
      ['M-Q8-a.gguf', null],
      ['the middle.gguf', null],
    ]);
    const before = await readdir(folder);
    test = startEngine();
    const idOf = (name: string): string => found.find(({ fileName }) => fileName === name)?.id ?? '';
    expect(await recited(idOf('the middle.gguf'), models, test)).toBe('one two three');
    expect(await recited(idOf('M-Q8-a.gguf'), models, test)).toBe('Q8 it is');
    expect(await readdir(folder)).toEqual(before);
    const links = await readdir(path.join(test.folder, 'states/scratch'), { recursive: true });
    expect(links.filter((name) => /shards-|\.gguf$/.test(name))).toEqual([]);
    // As a second list does, from what is stored of the headers.
    expect((await models.relist()).models.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
  });

  it('are found where the ending is in capitals, which llama.cpp does not look for', async () => {
    const folder = await temporaryFolder();
    const [first, second] = [1, 2].map((number) => path.join(folder, `M-0000${String(number)}-of-00002.GGUF`));
    writeScriptedShards([first ?? '', second ?? ''], { pieces: ['loud'] });
    const models = await modelsIn(folder);
    const [found] = (await models.rescan()).models.filter(({ origin }) => origin === 'folder');
    test = startEngine();
    expect(await recited(found?.id ?? '', models, test)).toBe('loud');
  });

  it('are each told to be one of several until the last is there, and become a model then', async () => {
    const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    const files = ['x.gguf', 'y.gguf'].map((name) => path.join(folder, name));
    writeScriptedShards(files, { pieces: ['whole'] });
    await rename(files[1] ?? '', path.join(elsewhere, 'y.gguf'));
    const models = await modelsIn(folder);
    const problems = async (): Promise<unknown[]> =>
      (await models.rescan()).models.flatMap(({ origin, problem }) => (origin === 'folder' ? [problem?.data] : []));
    expect(await problems()).toMatchObject([{ reason: 'shard_alone', shardNumber: 1, shardCount: 2 }]);
    await rename(path.join(elsewhere, 'y.gguf'), files[1] ?? '');
    expect(await problems()).toEqual([undefined]);
    await rm(files[0] ?? '');
    expect(await problems()).toMatchObject([{ reason: 'shard_alone', shardNumber: 2, shardCount: 2 }]);
  });

  it('are refused in words where the system makes no link', async () => {
    const folder = await temporaryFolder();
    const shards = ['a.gguf', 'b.gguf'].map((name) => path.join(folder, name));
    await expect(linkShards(shards[0] ?? '', shards, path.join(folder, 'not there'))).rejects.toMatchObject({
      code: 'model.unsupported',
      data: { reason: 'no_links', shardCount: 2 },
    });
    await mkdir(path.join(folder, 'there'));
    await using linked = await linkShards(shards[0] ?? '', shards, path.join(folder, 'there'));
    expect(path.basename(linked.path)).toBe('model-00001-of-00002.gguf');
  });
});
