/** Models of other programs, of folders and of the user's own choice: found and used in place. */
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { createConvertedModels } from '../../../main/library/models/converted.ts';
import { createImports } from '../../../main/library/models/imports.ts';
import { createModelUse } from '../../../main/library/models/model-use.ts';
import { createModels, type Models } from '../../../main/library/models/models.ts';
import type { Programs } from '../../../main/library/places/placed.ts';
import { listPlaces } from '../../../main/library/places/places.ts';
import { answerPage } from '../../../main/shell/electron/page-protocol.ts';
import { writeBranchHeads } from '../../../main/store/branch-heads.ts';
import { openStore } from '../../../main/store/store.ts';
import { exists, migrations, nothingInUse, temporaryFolder, tree } from '../../support/cache-setup.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';
import { writeScriptedShards } from '../../support/made-models.ts';

const ember = join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf');
const never = new AbortController().signal;
const engine = { fitOf: fitIn(() => ({ totalRamBytes: 1e10, freeRamBytes: 1e10 })) };
/** A cache with nothing in it. */
const noStorage = {
  modelFiles: async () => [],
  noteShards: async () => false,
  deleteFiles: async () => ({ token: '', undoMs: 0, freedBytes: 0 }),
  undoDelete: () => false,
  publish: () => {},
};

/** A file of another program; a real model unless `content` says otherwise. */
async function put(path: string, bytes?: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  if (bytes === undefined) await copyFile(ember, path);
  else await writeFile(path, bytes);
  return path;
}

async function programs(patch: Partial<Programs> = {}): Promise<Programs> {
  return { home: await temporaryFolder(), platform: 'linux', env: { OLLAMA_SERVICE_MODELS: '/nowhere' }, ...patch };
}

async function places(of: Programs, folders: readonly string[] = [], except: readonly string[] = []) {
  const entries = await listPlaces({ programs: of, folders, imported: [], except });
  for (const { repoId, path } of entries) expect(modelIdSchema.safeParse(`${repoId}/${path}`).error).toBeUndefined();
  return entries.map((one) => ({ ...one, id: `${one.repoId}/${one.path}` })).sort((a, b) => (a.id < b.id ? -1 : 1));
}
const ids = async (...input: Parameters<typeof places>): Promise<string[]> =>
  (await places(...input)).map(({ id }) => id);

/** A GGUF file without tensors: version 3, and the texts and 16-bit numbers of its header. */
function headerOf(values: readonly (readonly [string, string | number])[]): Buffer {
  const length = (bytes: number): Buffer => {
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(BigInt(bytes));
    return field;
  };
  const text = (value: string): Buffer => Buffer.concat([length(Buffer.byteLength(value)), Buffer.from(value)]);
  const number = (value: number, bytes: number): Buffer => {
    const field = Buffer.alloc(bytes);
    field.writeUIntLE(value, 0, bytes);
    return field;
  };
  return Buffer.concat([
    ...[Buffer.from('GGUF'), number(3, 4), length(0), length(values.length)],
    ...values.flatMap(([key, value]) =>
      typeof value === 'string' ? [text(key), number(8, 4), text(value)] : [text(key), number(2, 4), number(value, 2)],
    ),
  ]);
}

/** A manifest of Ollama, its weights under their hash. */
async function putOllama(root: string, name: string, bytes?: Buffer): Promise<string> {
  const weights = bytes ?? (await readFile(ember));
  const digest = createHash('sha256').update(weights).digest('hex');
  await put(join(root, 'blobs', `sha256-${digest}`), '');
  await writeFile(join(root, 'blobs', `sha256-${digest}`), weights);
  const layers = [
    { mediaType: 'application/vnd.ollama.image.license', digest: `sha256:${'0'.repeat(64)}`, size: 1 },
    { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}`, size: weights.length },
  ];
  await put(join(root, 'manifests', name), JSON.stringify({ schemaVersion: 2, layers }));
  return join(root, 'blobs', `sha256-${digest}`);
}

describe('other programs', () => {
  it('finds LM Studio’s models in both homes and where its settings say', async () => {
    const of = await programs();
    const elsewhere = await temporaryFolder();
    await put(join(of.home, '.lmstudio/models/publisher/Some Repo-GGUF/x-Q4_K_M.gguf'));
    await put(join(of.home, '.lmstudio/models/publisher/Some Repo-GGUF/mmproj-x.gguf'));
    await put(join(of.home, '.lmstudio/settings.json'), JSON.stringify({ downloadsFolder: elsewhere }));
    await put(join(elsewhere, 'other/repo/y.gguf'));
    await put(join(of.home, '.cache/lm-studio/models/publisher/Some Repo-GGUF/x-Q4_K_M.gguf'));
    const found = await places(of);
    expect(found.map(({ id }) => id)).toEqual([
      'lm-studio/other/repo/y.gguf',
      expect.stringMatching(/^lm-studio\/publisher-[0-9a-f]{6}\/Some Repo-GGUF\/x-Q4_K_M\.gguf$/),
      // A projector is listed too, as an auxiliary file.
      'lm-studio/publisher/Some Repo-GGUF/mmproj-x.gguf',
      'lm-studio/publisher/Some Repo-GGUF/x-Q4_K_M.gguf',
    ]);
    expect(found.every(({ origin }) => origin === 'lm_studio')).toBe(true);
    expect(await ids(of)).toEqual(found.map(({ id }) => id));
  });

  it('finds Ollama’s models by their manifests, in OLLAMA_MODELS as well', async () => {
    const of = await programs();
    const root = join(of.home, '.ollama/models');
    const blob = await putOllama(root, 'registry.ollama.ai/library/llama3.2/3b');
    await putOllama(root, 'registry.ollama.ai/library/llama3.2/latest');
    await putOllama(root, 'registry.ollama.ai/someone/own/v1');
    await putOllama(root, 'hf.co/bartowski/Thing-GGUF/Q4_K_M');
    await putOllama(root, 'registry.ollama.ai/library/no-gguf/1', Buffer.from('safetensors'));
    await put(join(root, 'manifests/registry.ollama.ai/library/broken/1'), '{"layers": 7');
    await put(
      join(root, 'manifests/registry.ollama.ai/library/hostile/1'),
      JSON.stringify({
        layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: 'sha256:../../../etc/passwd' }],
      }),
    );
    const second = await temporaryFolder();
    await putOllama(second, 'registry.ollama.ai/library/gemma/2b');
    const found = await places({ ...of, env: { ...of.env, OLLAMA_MODELS: second } });
    expect(found.map(({ id, title }) => [id, title])).toEqual([
      ['ollama/gemma/2b.gguf', 'gemma:2b'],
      ['ollama/hf.co/bartowski/Thing-GGUF/Q4_K_M.gguf', 'hf.co/bartowski/Thing-GGUF:Q4_K_M'],
      ['ollama/llama3.2/3b.gguf', 'llama3.2:3b'],
      ['ollama/llama3.2/latest.gguf', 'llama3.2:latest'],
      ['ollama/someone/own/v1.gguf', 'someone/own:v1'],
    ]);
    expect(found[2]).toMatchObject({ origin: 'ollama', openPath: blob });
  });

  it('finds all layers of an Ollama model: shards in their order, the projector and the adapter', async () => {
    const of = await programs();
    const root = join(of.home, '.ollama/models');
    const blob = async (bytes: Buffer): Promise<string> => {
      const digest = createHash('sha256').update(bytes).digest('hex');
      await put(join(root, 'blobs', `sha256-${digest}`), '');
      await writeFile(join(root, 'blobs', `sha256-${digest}`), bytes);
      return digest;
    };
    const layersOf = (layers: readonly (readonly [string, string])[]): string =>
      JSON.stringify({
        layers: layers.map(([type, digest]) => ({
          ...{ mediaType: `application/vnd.ollama.image.${type}`, digest: `sha256:${digest}` },
        })),
      });
    const split = async (number: number): Promise<string> =>
      await blob(
        headerOf([
          ['general.architecture', 'llama'],
          ['split.no', number],
          ['split.count', 2],
        ]),
      );
    const [second, first] = [await split(1), await split(0)];
    const projector = await blob(
      headerOf([
        ['general.architecture', 'clip'],
        ['general.type', 'mmproj'],
      ]),
    );
    const adapter = await blob(
      headerOf([
        ['general.architecture', 'llama'],
        ['general.type', 'adapter'],
      ]),
    );
    const manifests = join(root, 'manifests/registry.ollama.ai/library');
    await put(
      join(manifests, 'large/70b'),
      // The manifest has them in another order.
      layersOf([
        ['model', second],
        ['model', first],
        ['projector', projector],
        ['adapter', adapter],
      ]),
    );
    // Two models that are no shards of one: the first one is the model.
    await put(
      join(manifests, 'odd/1'),
      layersOf([
        ['model', projector],
        ['model', first],
      ]),
    );
    expect((await places(of)).map(({ id, title, openPath }) => [id, title, openPath.slice(-64)])).toEqual([
      ['ollama/large/70b-00001-of-00002.gguf', 'large:70b', first],
      ['ollama/large/70b-00002-of-00002.gguf', 'large:70b', second],
      ['ollama/large/70b-adapter.gguf', 'large:70b-adapter', adapter],
      ['ollama/large/70b-mmproj.gguf', 'large:70b-mmproj', projector],
      ['ollama/odd/1.gguf', 'odd:1', projector],
    ]);
  });

  it('finds Jan’s models, including those that it only refers to', async () => {
    const of = await programs();
    const data = join(of.home, '.local/share/Jan/data');
    const own = await temporaryFolder();
    await put(join(data, 'llamacpp/models/janhq/Jan-v1-4B/model.gguf'));
    await put(
      join(data, 'llamacpp/models/janhq/Jan-v1-4B/model.yml'),
      'model_path: llamacpp/models/janhq/Jan-v1-4B/model.gguf\nname: "Jan v1 4B"\n',
    );
    await put(join(own, 'mine.gguf'));
    await put(join(data, 'llamacpp/models/mine/model.yml'), `name: mine\nmodel_path: ${join(own, 'mine.gguf')}\n`);
    await put(join(data, 'llamacpp/models/gone/model.yml'), 'model_path: /nowhere/x.gguf\n');
    await put(join(of.home, 'jan/models/old/old-q4.gguf'));
    expect((await places(of)).map(({ id, title, origin }) => [id, title, origin])).toEqual([
      ['jan/janhq/Jan-v1-4B/model.gguf', 'Jan v1 4B', 'jan'],
      ['jan/mine/mine.gguf', 'mine', 'jan'],
      ['jan/old/old-q4.gguf', undefined, 'jan'],
    ]);
  });

  it('finds GPT4All’s models on every system', async () => {
    for (const [platform, folder] of [
      ['linux', '.local/share/nomic.ai/GPT4All'],
      ['darwin', 'Library/Application Support/nomic.ai/GPT4All'],
      ['win32', 'AppData/Local/nomic.ai/GPT4All'],
    ] as const) {
      const of = await programs({ platform });
      await put(join(of.home, folder, 'orca-mini.Q4_0.gguf'));
      await put(join(of.home, folder, 'localdocs_v3.db'), 'no model');
      expect(await ids(of)).toEqual(['gpt4all/models/orca-mini.Q4_0.gguf']);
    }
    const of = await programs();
    const chosen = await temporaryFolder();
    await put(join(of.home, '.config/nomic.ai/GPT4All.ini'), `[General]\nmodelPath=${chosen}\n`);
    await put(join(chosen, 'x.gguf'));
    expect(await ids(of)).toEqual(['gpt4all/models/x.gguf']);
  });
});

describe('folders', () => {
  it('are scanned whatever they contain', async () => {
    const of = await programs();
    const folder = join(await temporaryFolder(), 'My models');
    await put(join(folder, 'a.gguf'));
    await put(join(folder, 'deep/er/b-00001-of-00002.gguf'));
    await put(join(folder, 'deep/er/b-00002-of-00002.gguf'));
    await put(join(folder, 'cache/c.gguf'));
    await put(join(folder, 'odd\nname\\.gguf'));
    await symlink('..', join(folder, 'deep/loop'));
    await symlink(join(folder, 'a.gguf'), join(folder, 'same.gguf'));
    await symlink('/nowhere', join(folder, 'broken.gguf'));
    await put(join(folder, 'closed/d.gguf'));
    await chmod(join(folder, 'closed'), 0);
    onTestFinished(() => chmod(join(folder, 'closed'), 0o755));
    const found = await ids(of, [folder, folder, '/nowhere/at/all'], [join(folder, 'cache')]);
    const [name] = /My_models-[0-9a-f]{4}/.exec(found[0] ?? '') ?? [];
    expect(found.filter((id) => !id.includes('closed'))).toEqual([
      `folder/${name}/a.gguf`,
      `folder/${name}/deep/er/b-00001-of-00002.gguf`,
      `folder/${name}/deep/er/b-00002-of-00002.gguf`,
      `folder/${name}/odd_name_.gguf`,
    ]);
  });

  it('with thousands of files are scanned in time', async () => {
    const of = await programs();
    const folder = await temporaryFolder();
    for (let index = 0; index < 40; index++) await put(join(folder, `${index}/x.txt`), '');
    await Promise.all(
      Array.from({ length: 3000 }, (_, index) => writeFile(join(folder, `${index % 40}`, `${index}.gguf`), '')),
    );
    // Processor time of this process, which other programs do not affect.
    const before = process.cpuUsage();
    expect(await ids(of, [folder])).toHaveLength(3000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(5000);
  });
});

/** The list of models over other programs' places and imports. */
async function setUp(of: Programs, pickFiles: (() => Promise<readonly string[] | null>) | null = null) {
  const leased: string[] = [];
  const data = await temporaryFolder();
  const store = openStore(data, migrations);
  const pending = new Map<string, () => Promise<void>>();
  const free = { bytes: 1e12 };
  const imports = createImports({
    store,
    folder: join(data, 'imported'),
    freeDiskBytes: async () => free.bytes,
    pickFiles,
    later(_name, work) {
      const token = `t${pending.size}`;
      pending.set(token, work);
      return { token, undoMs: 10 };
    },
    isPending: (token) => pending.has(token),
  });
  const converted = createConvertedModels({
    folder: join(data, 'converted'),
    later(_name, work) {
      const token = `c${pending.size}`;
      pending.set(token, work);
      return { token, undoMs: 10 };
    },
    isPending: (token) => pending.has(token),
  });
  const models: Models = createModels({
    store,
    builtIn: { modelId: 'hearth/ember-3M/ember.gguf', path: ember, name: 'Ember' },
    use: createModelUse(store, Date.now, () => {}),
    storage: { ...noStorage, undoDelete: (token) => pending.delete(token) },
    imports,
    converted,
    listPlaces: async () =>
      await listPlaces({
        ...{ programs: of, folders: [], except: [] },
        ...{ imported: imports.list(), converted: await converted.list() },
      }),
    engine,
    inUse: { ...nothingInUse, leasedModels: () => leased },
    log: () => {},
  });
  onTestFinished(() => void store.close());
  const carryOut = async (): Promise<void> => {
    for (const [token, work] of [...pending]) {
      await work();
      pending.delete(token);
    }
  };
  return { data, imports, models, carryOut, free, leased, importedFolder: join(data, 'imported') };
}

describe('the list', () => {
  it('has a file that cannot be run, since another download would bring the same one', async () => {
    const of = await programs();
    // Version 1 of the format, which no engine reads.
    await put(join(of.home, '.lmstudio/models/p/r/old.gguf'), 'GGUF\x01\0\0\0');
    const { models } = await setUp(of);
    const { models: list } = await models.rescan();
    const id = 'lm-studio/p/r/old.gguf';
    expect(list.find((model) => model.id === id)?.problem?.code).toBe('model.unsupported');
    expect([models.has(id), models.has('lm-studio/p/r/none.gguf')]).toEqual([true, false]);
  });

  it('marks the owner of a model, loads it in place, and never deletes it', async () => {
    const of = await programs();
    const blob = await putOllama(join(of.home, '.ollama/models'), 'registry.ollama.ai/library/ember/3m');
    await put(join(of.home, '.lmstudio/models/p/r/cut.gguf'), 'GGUF');
    const { models } = await setUp(of);
    const { models: list } = await models.rescan();
    expect(list.map(({ id, origin, name, problem }) => [id, origin, name, problem?.code ?? null])).toEqual(
      [
        ['hearth/ember-3M/ember.gguf', 'built_in', 'Ember', null],
        ['lm-studio/p/r/cut.gguf', 'lm_studio', 'cut', 'model.corrupt'],
        ['ollama/ember/3m.gguf', 'ollama', 'ember:3m', null],
      ].sort((a, b) => Number(b[1] === 'built_in') - Number(a[1] === 'built_in')),
    );
    expect(await models.find('ollama/ember/3m.gguf')).toMatchObject({ path: blob });
    expect(models.has('ollama/ember/3m.gguf')).toBe(true);
    expect(models.has('lm-studio/p/r/cut.gguf')).toBe(false);
    for (const id of ['ollama/ember/3m.gguf', 'lm-studio/p/r/cut.gguf'])
      await expect(models.delete(id)).rejects.toMatchObject({ code: 'unsupported' });
    expect(await exists(blob)).toBe(true);
    expect(list.map(({ id }) => [id, models.has(id)])).toEqual(list.map(({ id, problem }) => [id, problem === null]));
    await put(join(of.home, '.lmstudio/models/p/r/late.gguf'));
    expect((await models.list()).map(({ id }) => id)).toEqual(list.map(({ id }) => id));
    expect((await models.rescan()).models).toHaveLength(4);
    await rm(join(of.home, '.lmstudio/models/p/r/late.gguf'));
    await models.rescan();
    expect(models.places()).toMatchObject([
      { origin: 'lm_studio', models: 1 },
      { origin: 'ollama', models: 1 },
    ]);
  });
});

describe('a model of the Hub', () => {
  it('reports a newer version, a pin and damage, and disappears in one scan', async () => {
    const store = openStore(await temporaryFolder(), migrations);
    onTestFinished(() => void store.close());
    const { size, mtimeMs } = await stat(ember);
    const entry = { repoId: 'o/n', commit: 'a'.repeat(40), openPath: ember, sizeBytes: size, modifiedAtMs: mtimeMs };
    const conditions = { isDamaged: false, readings: 0 };
    writeBranchHeads(store, new Map([['o/n', 'a'.repeat(40)]]), 1);
    const models = createModels({
      store,
      builtIn: { modelId: 'hearth/ember-3M/ember.gguf', path: ember, name: 'Ember' },
      use: createModelUse(store, Date.now, () => {}),
      storage: {
        ...noStorage,
        async modelFiles() {
          conditions.readings++;
          await new Promise((resolve) => setTimeout(resolve, 5));
          return [{ ...entry, path: 'x.gguf', isDamaged: conditions.isDamaged }];
        },
      },
      imports: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
      converted: { remove: () => ({ token: '', undoMs: 0, freedBytes: 0 }) },
      listPlaces: async () => [],
      engine,
      inUse: nothingInUse,
      log: () => {},
    });
    const one = async () => (await models.rescan()).models.find(({ id }) => id === 'o/n/x.gguf');
    expect(await one()).toMatchObject({ updateRevision: null, pinned: false, problem: null, architecture: 'llama' });
    writeBranchHeads(store, new Map([['o/n', 'b'.repeat(40)]]), 2);
    await models.pin('o/n/x.gguf', true);
    conditions.isDamaged = true;
    expect(await one()).toMatchObject({
      updateRevision: 'b'.repeat(40),
      pinned: true,
      problem: { code: 'model.corrupt' },
    });
    await expect(models.pin('no/such/model.gguf', true)).rejects.toMatchObject({ code: 'model.missing' });
    conditions.isDamaged = false;
    conditions.readings = 0;
    await Promise.all(Array.from({ length: 10 }, () => models.relist()));
    expect(conditions.readings).toBeLessThanOrEqual(2);
    expect(await one()).toMatchObject({ problem: null });
  });
});

describe('import', () => {
  const ends = async (name: string, chunks: readonly (string | Buffer)[], sizeBytes?: number) => {
    const { imports, importedFolder } = await setUp(await programs());
    const size = sizeBytes ?? chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const bytes = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    await expect(imports.importStream(name, bytes, size, never)).rejects.toMatchObject({ name: 'AppError' });
    expect(await exists(importedFolder).then((there) => (there ? tree(importedFolder) : []))).toEqual([]);
  };

  it('takes a dropped file, complete and verified, and deletes it when asked', async () => {
    const { imports, models, carryOut, importedFolder, leased } = await setUp(await programs());
    const bytes = await readFile(ember);
    const pieces = [bytes.subarray(0, 3), bytes.subarray(3, 100_000), bytes.subarray(100_000)];
    const { modelId } = await imports.importStream('My model.gguf', Readable.from(pieces), bytes.length, never);
    expect(modelId).toBe('imported/files/My model.gguf');
    const again = await imports.importStream('My model.gguf', Readable.from(pieces), bytes.length, never);
    expect(again.modelId).toBe('imported/files/My model-2.gguf');
    const { models: list } = await models.rescan();
    expect(list.map(({ id, origin }) => [id, origin]).slice(1)).toEqual([
      ['imported/files/My model.gguf', 'imported'],
      ['imported/files/My model-2.gguf', 'imported'],
    ]);
    leased.push(modelId);
    await expect(models.delete(modelId)).rejects.toMatchObject({ code: 'busy', data: { reason: 'model_in_use' } });
    leased.pop();
    expect((await models.delete(modelId)).freedBytes).toBe(bytes.length);
    expect((await models.rescan()).models.map(({ id }) => id)).not.toContain(modelId);
    expect(await models.undoDelete(modelId)).toEqual({ restored: true });
    expect((await models.rescan()).models.map(({ id }) => id)).toContain(modelId);
    await models.delete(modelId);
    await carryOut();
    expect(await tree(importedFolder)).toEqual(['My model-2.gguf']);
  });

  it('lists the models that Hearth made, and deletes one with its record when asked', async () => {
    const { data, models, carryOut } = await setUp(await programs());
    const folder = join(data, 'converted');
    await put(join(folder, 'owner--name/name-Q8_0.gguf'));
    await put(join(folder, 'owner--name/name-Q8_0.gguf.json'), '{}');
    await put(join(folder, 'owner--name/name-F16.gguf.partial'));
    await put(join(folder, 'owner--name/.hidden.gguf'));
    const { models: list } = await models.rescan();
    const [own] = list.slice(1);
    expect(list.slice(1).map(({ id, origin }) => [id, origin])).toEqual([
      ['converted/owner--name/name-Q8_0.gguf', 'converted'],
    ]);
    expect(modelIdSchema.safeParse(own?.id).success).toBe(true);
    expect(models.places()).toMatchObject([{ origin: 'converted', models: 1 }]);
    await models.delete(own?.id ?? '');
    expect((await models.rescan()).models).toHaveLength(1);
    expect(await models.undoDelete(own?.id ?? '')).toEqual({ restored: true });
    await models.delete(own?.id ?? '');
    await carryOut();
    expect(await tree(folder)).toEqual(['owner--name/.hidden.gguf', 'owner--name/name-F16.gguf.partial']);
  });

  it('refuses a file that is no model, truncated, too long, too large or badly named, and leaves nothing', async () => {
    const bytes = await readFile(ember);
    await ends('x.gguf', ['PK\u0003\u0004', 'a zip file of some length']);
    await ends('x.gguf', ['GGUF', Buffer.alloc(100)]);
    await ends('x.gguf', [bytes.subarray(0, 50_000)]);
    await ends('x.gguf', [bytes], bytes.length + 1);
    await ends('x.gguf', [bytes], bytes.length - 1);
    await ends('x.gguf', [bytes], NaN);
    await ends('x.gguf', [bytes], 1e15);
    for (const name of [
      '../x.gguf',
      '/x.gguf',
      'a/b.gguf',
      'CON.gguf',
      'x\0.gguf',
      'x'.repeat(300) + '.gguf',
      'a\u202efugg.gguf',
      'x.exe',
      '.gguf ',
    ])
      await ends(name, [bytes]);
    const { imports, free } = await setUp(await programs());
    free.bytes = bytes.length;
    await expect(imports.importStream('x.gguf', Readable.from([bytes]), bytes.length, never)).rejects.toMatchObject({
      code: 'disk.full',
    });
  });

  it('works for the page of the desktop window too', async () => {
    const { imports, importedFolder } = await setUp(await programs());
    const bytes = await readFile(ember);
    const send = async (name: string, size: number | null): Promise<Response> =>
      await answerPage(
        '/nowhere',
        {
          method: 'POST',
          url: `app://hearth/import/${name}`,
          headers: new Headers(size === null ? {} : { 'x-file-size': String(size) }),
          body: new Blob([bytes]).stream(),
        },
        { importFile: imports.importStream, importChats: () => Promise.reject(new Error()) },
      );
    expect(await (await send('a%20b.gguf', bytes.length)).json()).toEqual({
      modelId: 'imported/files/a b.gguf',
      notes: [],
    });
    for (const answer of [await send('..%2Fx.gguf', bytes.length), await send('%', 5), await send('x.gguf', null)])
      expect(answer.status).toBe(400);
    expect((await answerPage('/nowhere', { method: 'POST', url: 'app://other/import/x.gguf' })).status).toBe(404);
    expect(await tree(importedFolder)).toEqual(['a b.gguf']);
  });

  it('tells the model that a dropped file is part of, whatever its name', async () => {
    const folder = await temporaryFolder();
    const names = ['M-Q4.part1.gguf', 'M-Q4.part2.gguf', 'M-Q4.part3.gguf'];
    writeScriptedShards(
      names.map((name) => join(folder, name)),
      { pieces: ['a'] },
    );
    const { imports, models } = await setUp(await programs());
    const told: string[] = [];
    for (const name of names) {
      const bytes = await readFile(join(folder, name));
      const source = Readable.from([bytes]);
      const { modelId } = await imports.importStream(name, source, bytes.length, new AbortController().signal);
      await models.rescan();
      told.push(models.modelOfFile(modelId));
    }
    const first = `imported/files/${names[0]}`;
    expect(told).toEqual([first, `imported/files/${names[1]}`, first]);
    expect((await models.list()).filter(({ origin }) => origin === 'imported')).toMatchObject([
      { id: first, problem: null },
    ]);
  });

  it('uses picked files in place, with their other shards', async () => {
    const folder = await temporaryFolder();
    const file = await put(join(folder, 'mine.gguf'));
    const shard = await put(join(folder, 'big-00002-of-00002.gguf'));
    await put(join(folder, 'big-00001-of-00002.gguf'));
    let picks: readonly string[] | null = [file, shard];
    const { imports, models, carryOut } = await setUp(await programs(), async () => picks);
    const picked = await imports.pickFiles();
    await models.rescan();
    expect(new Set(picked?.modelIds.map(models.modelOfFile))).toEqual(
      new Set(['imported/files/mine.gguf', 'imported/files/big-00001-of-00002.gguf']),
    );
    expect(await imports.pickFiles()).toMatchObject({ modelIds: expect.arrayContaining(['imported/files/mine.gguf']) });
    picks = null;
    expect(await imports.pickFiles()).toBeNull();
    picks = [await put(join(folder, 'no-model.gguf'), 'text')];
    await expect(imports.pickFiles()).rejects.toMatchObject({ code: 'model.corrupt' });
    expect((await models.rescan()).models).toHaveLength(3);
    expect((await models.delete('imported/files/mine.gguf')).freedBytes).toBe(0);
    await carryOut();
    expect((await stat(file)).isFile()).toBe(true);
    expect((await models.rescan()).models).toHaveLength(2);
    const { imports: without } = await setUp(await programs());
    await expect(without.pickFiles()).rejects.toMatchObject({ code: 'unsupported' });
  });
});
