import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KnownModel } from './local-model.ts';
import { createUsableModels } from './usable-models.ts';

const entry = {
  repoId: 'a/b',
  commit: 'c',
  path: 'm.gguf',
  openPath: '/cache/m.gguf',
  sizeBytes: 5_000,
};
const known = (name: string, more: Partial<KnownModel> = {}): KnownModel => ({
  file: { ...entry, shards: [], missingShards: 0 } as unknown as KnownModel['file'],
  origin: 'hub',
  name,
  summary: null,
  auxiliary: null,
  problem: null,
  ...more,
});
const adapter = { kind: 'adapter' } as KnownModel['auxiliary'];

function setUp(onDisk: Readonly<Record<string, KnownModel>>): ReturnType<typeof createUsableModels> & {
  readonly acts: string[];
} {
  const acts: string[] = [];
  const list = new Map<string, KnownModel>();
  const models = createUsableModels({
    list: {
      known: () => list,
      ready: async () => {},
      builtIn: async () => known('Ember', { origin: 'built_in' }),
    },
    builtInModelId: 'ember',
    rescan: async () => {
      acts.push('rescan');
      for (const [id, model] of Object.entries(onDisk)) list.set(id, model);
    },
  });
  return { ...models, acts };
}

describe('a model that is about to be used', () => {
  it('is looked for on the disk when the list does not have it, once', async () => {
    const { find, acts } = setUp({ m: known('M') });
    expect(await find('m')).toMatchObject({ modelId: 'm', name: 'M', path: '/cache/m.gguf', weightsBytes: 5_000 });
    await find('m');
    expect(acts).toEqual(['rescan']);
    await expect(find('other')).rejects.toMatchObject({ code: 'model.missing', data: { modelId: 'other' } });
  });

  it('is looked for again after its file could not be read, and not after its header was refused', async () => {
    const unreadable = { code: 'disk.denied', message: 'EACCES', data: { reason: 'unreadable' } } as const;
    const files: Record<string, KnownModel> = { m: known('M', { problem: unreadable }) };
    const { find, acts } = setUp(files);
    await expect(find('m')).rejects.toMatchObject({ code: 'disk.denied' });
    files['m'] = known('M', { problem: { code: 'model.corrupt', message: 'cut' } });
    await expect(find('m')).rejects.toMatchObject({ code: 'model.corrupt' });
    await expect(find('m')).rejects.toMatchObject({ code: 'model.corrupt' });
    expect(acts).toEqual(['rescan', 'rescan']);
  });

  it('is looked for again when its file has changed since its header was refused', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hearth-usable-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const openPath = path.join(folder, 'm.gguf');
    const asOnDisk = async (): Promise<KnownModel['file']> => {
      const { size, mtimeMs } = await stat(openPath);
      const shard = { ...entry, openPath, sizeBytes: size, modifiedAtMs: mtimeMs };
      return { ...shard, shards: [shard], missingShards: 0 };
    };
    const problem = { code: 'model.corrupt', message: 'cut' } as const;
    await writeFile(openPath, 'half');
    const files = { m: known('M', { file: await asOnDisk(), problem }) };
    const { find, acts } = setUp(files);
    await expect(find('m')).rejects.toMatchObject(problem);
    await expect(find('m')).rejects.toMatchObject(problem);
    expect(acts).toEqual(['rescan']);
    await writeFile(openPath, 'the whole');
    files.m = known('M', { file: await asOnDisk() });
    expect(await find('m')).toMatchObject({ path: openPath });
  });

  it('needs no list when it is the built-in one', async () => {
    const { find, acts } = setUp({});
    expect(await find('ember')).toMatchObject({ name: 'Ember' });
    expect(acts).toEqual([]);
  });

  it('is refused with the problem of its file, and when it is no model of its own', async () => {
    const problem = { code: 'model.corrupt', message: 'The file ends too early.', data: { reason: 'cut' } } as const;
    const { find } = setUp({ broken: known('Broken', { problem }), lora: known('Lora', { auxiliary: adapter }) });
    await expect(find('broken')).rejects.toMatchObject(problem);
    await expect(find('lora')).rejects.toMatchObject({ code: 'model.unsupported', data: { reason: 'adapter' } });
  });
});

describe('an auxiliary file', () => {
  it('is of the kind that is asked for, and is only looked for', async () => {
    const { findAuxiliaryFile, acts } = setUp({ lora: known('Lora', { auxiliary: adapter }), draft: known('Draft') });
    expect(await findAuxiliaryFile('lora', 'adapter')).toEqual({
      path: '/cache/m.gguf',
      shards: [],
      sizeBytes: 5_000,
      summary: null,
    });
    expect(await findAuxiliaryFile('draft', 'model')).toEqual({
      path: '/cache/m.gguf',
      shards: [],
      sizeBytes: 5_000,
      summary: null,
    });
    expect(acts).toEqual(['rescan']);
    await expect(findAuxiliaryFile('draft', 'adapter')).rejects.toMatchObject({ data: { reason: 'not_an_adapter' } });
    await expect(findAuxiliaryFile('lora', 'model')).rejects.toMatchObject({ data: { reason: 'not_a_draft' } });
    expect(acts).toHaveLength(1);
  });
});
