/** Adapters, models of several files, and GGUF back to safetensors: whole ways through the app's routes. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quantizeOptionsSchema } from '../../../preload/contract/convert.ts';
import { openModel } from '../../../main/convert/split/gguf-files.ts';
import { startHub, type Hub as TestHub } from '../../hub-server/hub-server.ts';
import { startConversionApp, type ConversionApp } from '../../support/conversion-app.ts';
import { hasShared, sharedConversions, shardedLlama } from '../../support/convert-setup.ts';
import { filesOf } from '../../support/folder-files.ts';
import { computeGreedy } from '../../support/gguf-logits.ts';
import { temporaryFolder, tree } from '../../support/hub-setup.ts';
import { loraFiles } from '../../support/lora-checkpoint.ts';
import { writeRanker } from '../../support/made-models.ts';
import { storiesPath } from '../../support/native-setup.ts';

const BASE = 'owner/base';
const ADAPTER = 'owner/pirate';
const base = { kind: 'hub', repoId: BASE, revision: 'main' } as const;
const adapter = { kind: 'hub', repoId: ADAPTER, revision: 'main' } as const;
const module = 'model.layers.1.self_attn.q_proj';

interface Running {
  readonly server: TestHub;
  readonly folder: string;
  readonly app: ConversionApp;
}

async function setUp(): Promise<Running> {
  const server = await startHub({
    repos: [
      { id: BASE, files: filesOf(shardedLlama) },
      { id: ADAPTER, files: loraFiles(BASE, module, [64, 64]) },
      { id: 'owner/other', files: loraFiles(BASE, 'model.layers.9.self_attn.q_proj', [64, 64]) },
    ],
  });
  onTestFinished(() => server.close());
  const folder = await temporaryFolder();
  mkdirSync(path.join(folder, 'home'), { recursive: true });
  const app = startConversionApp(folder, server.url);
  onTestFinished(() => app.app.close());
  return { server, folder, app };
}

/** Puts a file into the models that Hearth made, which makes it one that the routes can name. */
async function withModel({ folder, app }: Running, file: string): Promise<string> {
  mkdirSync(path.join(folder, 'data/converted/made'), { recursive: true });
  cpSync(file, path.join(folder, 'data/converted/made', path.basename(file)));
  await app.call('library.rescan', {});
  return `converted/made/${path.basename(file)}`;
}

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The values of a model's tensors, by name. */
async function tensorsOf(file: string): Promise<ReadonlyMap<string, string>> {
  const model = await openModel(file);
  const bytes = readFileSync(file);
  await model.close();
  return new Map(
    model.tensors.map(({ name, type, offsetBytes, sizeBytes }) => [
      name,
      `${type} ${bytes.subarray(offsetBytes, offsetBytes + sizeBytes).toString('base64')}`,
    ]),
  );
}

describe('an adapter', () => {
  it('says what it is, and whether it fits a base', async () => {
    const { app } = await setUp();
    const check = await app.call('convert.checkAdapter', { adapter, base: null });
    expect(check).toMatchObject({
      ...{ name: ADAPTER, repoId: ADAPTER, baseName: BASE, baseRepoId: BASE, changedCount: 1, refusal: null },
      withBase: null,
    });
    expect((await app.call('convert.checkAdapter', { adapter, base })).withBase).toEqual({ merged: null, alone: null });
    const other = { kind: 'hub', repoId: 'owner/other', revision: 'main' } as const;
    expect((await app.call('convert.checkAdapter', { adapter: other, base })).withBase).toMatchObject({
      merged: { code: 'convert.invalid', data: { reason: 'unexpected_tensor' } },
      alone: { code: 'convert.invalid', data: { reason: 'unexpected_tensor' } },
    });
    expect(await app.call('convert.checkAdapter', { adapter: base, base: null })).toMatchObject({
      refusal: { code: 'convert.invalid', data: { reason: 'no_config' } },
    });
    const order = { source: base, type: 'F16', keepSource: false, quantize: null } as const;
    await expect(app.call('convert.start', { ...order, adapter: other })).rejects.toMatchObject({
      code: 'convert.invalid',
    });
    expect(await app.jobs()).toEqual([]);
  });

  it('is merged into its base, which changes the one matrix, and leaves no source behind', async () => {
    const { app, folder } = await setUp();
    const order = { source: base, type: 'F32', keepSource: false, quantize: null } as const;
    const plain = await app.ended((await app.call('convert.start', order)).jobId);
    const merged = await app.ended((await app.call('convert.start', { ...order, adapter })).jobId);
    expect(merged).toMatchObject({
      ...{ state: 'done', error: null, repoId: ADAPTER, modelId: 'converted/owner--pirate/pirate-F32.gguf' },
      detail: { code: 'converted', verification: { result: 'passed', tokenizer: { mismatchCount: 0 } } },
    });
    const { records } = await app.call('convert.records', {});
    expect(records.find(({ modelId }) => modelId === merged.modelId)?.record).toMatchObject({
      ...{ sourceName: `${BASE} + ${ADAPTER}`, sourceRepoId: BASE },
    });
    const [before, after] = await Promise.all(
      [plain, merged].map(({ modelId }) => tensorsOf(path.join(folder, 'data', modelId ?? ''))),
    );
    const changed = [...(after ?? [])].filter(([name, values]) => before?.get(name) !== values);
    expect(changed.map(([name]) => name)).toEqual(['blk.1.attn_q.weight']);
    expect(await tree(path.join(folder, 'data/converting'))).toEqual([]);
    expect((await tree(folder)).filter((name) => name.endsWith('.safetensors'))).toEqual([]);
  });

  it('is quantized in one go', async () => {
    const { app } = await setUp();
    const { jobId } = await app.call('convert.start', {
      ...{ source: base, adapter, type: 'Q4_0', keepSource: true, quantize: null },
    });
    expect(await app.ended(jobId)).toMatchObject({
      state: 'done',
      modelId: 'converted/owner--pirate/pirate-Q4_0.gguf',
    });
  });

  it('becomes a file beside its base', async () => {
    const { app, folder } = await setUp();
    const { jobId } = await app.call('convert.adapter', { adapter, base, type: 'F32' });
    const job = await app.ended(jobId);
    const modelId = 'converted/owner--pirate/pirate-lora-F32.gguf';
    expect(job).toMatchObject({
      state: 'done',
      kind: 'adapter',
      repoId: ADAPTER,
      modelId,
      detail: { code: 'adapter' },
    });
    expect([...(await tensorsOf(path.join(folder, 'data', modelId))).keys()]).toEqual([
      'blk.1.attn_q.weight.lora_a',
      'blk.1.attn_q.weight.lora_b',
    ]);
    const { models } = await app.call('library.rescan', {});
    expect(models.find(({ id }) => id === modelId)).toMatchObject({ kind: 'adapter', problem: null });
    expect(await tree(path.join(folder, 'data/converting'))).toEqual([]);
  });

  it.runIf(hasShared)('of the fixtures, merged, continues as the reference does', async () => {
    const lora = path.join(sharedConversions, 'lora-llama');
    const server = await startHub({
      repos: [
        { id: BASE, files: filesOf(path.join(sharedConversions, 'llama')) },
        { id: ADAPTER, files: filesOf(lora) },
      ],
    });
    onTestFinished(() => server.close());
    const folder = await temporaryFolder();
    const app = startConversionApp(folder, server.url);
    onTestFinished(() => app.app.close());
    const { jobId } = await app.call('convert.start', {
      ...{ source: base, adapter, type: 'F32', keepSource: false, quantize: null },
    });
    const { modelId } = await app.ended(jobId);
    const { prompts } = JSON.parse(readFileSync(path.join(lora, 'expected.json'), 'utf8')) as {
      readonly prompts: readonly { readonly ids: readonly number[]; readonly greedy: readonly number[] }[];
    };
    for (const { ids, greedy } of prompts.slice(0, 2))
      expect(await computeGreedy(path.join(folder, 'data', modelId ?? ''), ids, greedy.length)).toEqual(greedy);
  });
});

describe('a model', () => {
  it('is split and merged again, byte for byte', async () => {
    const running = await setUp();
    const { app, folder } = running;
    const modelId = await withModel(running, storiesPath);
    const limit = { kind: 'tensors', count: 20 } as const;
    const split = await app.ended((await app.call('convert.split', { modelId, limit })).jobId);
    expect(split).toMatchObject({
      ...{ state: 'done', error: null, modelId: 'converted/made/stories260K-F32-00001-of-00003.gguf' },
      detail: { code: 'converted', verification: { result: 'passed' } },
    });
    const { models } = await app.call('library.rescan', {});
    expect(models.find(({ id }) => id === split.modelId)).toMatchObject({ kind: 'model', problem: null });
    const record = JSON.parse(readFileSync(path.join(folder, 'data', `${split.modelId ?? ''}.json`), 'utf8')) as object;
    const hash = sha256Of(storiesPath);
    const shards = [1, 2, 3].map((number) => `stories260K-F32-0000${String(number)}-of-00003.gguf`);
    expect(record).toMatchObject({
      ...{ sha256: null, verification: { result: 'passed' } },
      shards: shards.map((name) => ({ path: name, sha256: sha256Of(path.join(folder, 'data/converted/made', name)) })),
      files: [{ path: 'stories260K-F32.gguf', sha256: hash }],
    });
    const merged = await app.ended((await app.call('convert.merge', { modelId: split.modelId ?? '' })).jobId);
    expect(merged).toMatchObject({ state: 'done', modelId: 'converted/made/stories260K-F32-2.gguf' });
    expect(readFileSync(path.join(folder, 'data', merged.modelId ?? '')).equals(readFileSync(storiesPath))).toBe(true);
    expect(await tree(path.join(folder, 'data/converting'))).toEqual([]);
  });

  it('leaves nothing when its split is cancelled', async () => {
    const running = await setUp();
    const { app, folder } = running;
    const modelId = await withModel(running, storiesPath);
    const { jobId } = await app.call('convert.split', { modelId, limit: { kind: 'tensors', count: 5 } });
    await app.call('jobs.cancel', { jobId });
    expect(await app.jobs()).toEqual([]);
    expect(readdirSync(path.join(folder, 'data/converted/made'))).toEqual(['stories260K-F32.gguf']);
    expect(await tree(path.join(folder, 'data/converting'))).toEqual([]);
  });

  it('is exported with its tokenizer, and converts to the same tensors', async () => {
    const { app, folder } = await setUp();
    const order = { source: base, type: 'F16', keepSource: false, quantize: null } as const;
    const { modelId } = await app.ended((await app.call('convert.start', order)).jobId);
    const { id: folderId, path: home } = await app.call('settings.listFolders', { folderId: null });
    const exported = await app.ended(
      (await app.call('convert.export', { modelId: modelId ?? '', folderId, quantizedAs: 'F16' })).jobId,
    );
    expect(exported).toMatchObject({
      ...{ state: 'done', error: null, modelId: null },
      detail: { code: 'exported', folder: path.join(home, 'base'), hasTokenizer: true },
    });
    expect(readdirSync(home)).toEqual(['base']);
    const folders = await app.call('settings.listFolders', { folderId });
    const source = { kind: 'folder', folderId: folders.folders.find(({ name }) => name === 'base')?.id ?? '' } as const;
    const again = await app.ended((await app.call('convert.start', { ...order, source })).jobId);
    expect(again).toMatchObject({ state: 'done', error: null });
    const [first, second] = await Promise.all(
      [modelId, again.modelId].map((id) => tensorsOf(path.join(folder, 'data', id ?? ''))),
    );
    expect(new Map([...(second ?? [])].toSorted())).toEqual(new Map([...(first ?? [])].toSorted()));
    expect(existsSync(path.join(home, 'base/config.json'))).toBe(true);
    // A second one gets a name of its own.
    const next = await app.call('convert.export', { modelId: modelId ?? '', folderId, quantizedAs: 'F16' });
    expect(await app.ended(next.jobId)).toMatchObject({ state: 'done', detail: { folder: path.join(home, 'base-2') } });
  });
});

it('a text becomes an importance matrix, a quantization with it, and a table with a pick', async () => {
  const running = await setUp();
  const { app } = running;
  const modelId = await withModel(running, storiesPath);
  const text = readFileSync(path.join(import.meta.dirname, '../../../assets/texts/varied.txt'), 'utf8').slice(0, 9000);
  const matrix = await app.ended((await app.call('convert.imatrix', { modelId, text })).jobId);
  expect(matrix).toMatchObject({ state: 'done', detail: { code: 'imatrix' } });
  const options = quantizeOptionsSchema.parse({ imatrix: { kind: 'file', modelId: matrix.modelId ?? '' } });
  const small = await app.ended((await app.call('convert.quantize', { modelId, type: 'Q4_K_M', options })).jobId);
  expect(small).toMatchObject({ state: 'done', error: null });
  const { jobId, measurementId } = await app.call('convert.measure', {
    ...{ referenceId: modelId, modelIds: [small.modelId ?? ''], text },
  });
  expect(await app.ended(jobId)).toMatchObject({ state: 'done' });
  const { measurements } = await app.call('convert.measurements', {});
  const models = measurements.find(({ id }) => id === measurementId)?.models ?? [];
  expect(models.map(({ error }) => error)).toEqual([null, null]);
  expect(models.filter(({ isPick }) => isPick)).toHaveLength(1);
  expect(models.find(({ isReference }) => !isReference)?.klDivergence).toBeGreaterThan(0);
});

it('a model is exported with the tokenizer of its metadata where nothing else is known, and leaves nothing when it cannot be', async () => {
  const running = await setUp();
  const { app, folder } = running;
  const { id: folderId, path: home } = await app.call('settings.listFolders', { folderId: null });
  const end = async (modelId: string): Promise<unknown> =>
    await app.ended((await app.call('convert.export', { modelId, folderId, quantizedAs: 'F16' })).jobId);
  expect(await end(await withModel(running, storiesPath))).toMatchObject({
    detail: { code: 'exported', hasTokenizer: true, fileCount: 5 },
  });
  const odd = path.join(folder, 'odd.gguf');
  writeRanker(odd, ['word']);
  expect(await end(await withModel(running, odd))).toMatchObject({
    state: 'failed',
    error: { code: 'convert.unsupported' },
  });
  expect(readdirSync(home)).toEqual(['stories260K']);
});
