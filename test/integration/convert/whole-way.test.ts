/** From a repository or a folder to a model in the list that replies. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultSampling } from '../../../preload/contract/defaults.ts';
import { quantizeOptionsSchema } from '../../../preload/contract/convert.ts';
import { readHeaderOfFile } from '../../../main/library/library.ts';
import { startHub, type Hub as TestHub } from '../../hub-server/hub-server.ts';
import { startConversionApp, type ConversionApp } from '../../support/conversion-app.ts';
import { shardedLlama } from '../../support/convert-setup.ts';
import { filesOf } from '../../support/folder-files.ts';
import { temporaryFolder, tree } from '../../support/hub-setup.ts';

const REPO = 'owner/sharded';

async function setUp(): Promise<{ server: TestHub; folder: string; app: ConversionApp }> {
  const server = await startHub({ repos: [{ id: REPO, files: filesOf(shardedLlama) }] });
  onTestFinished(() => server.close());
  const folder = await temporaryFolder();
  const app = startConversionApp(folder, server.url);
  onTestFinished(() => app.app.close());
  return { server, folder, app };
}

const hubSource = { kind: 'hub', repoId: REPO, revision: 'main' } as const;

describe('a conversion of a repository', () => {
  it('gives a model in the list that replies, with a record of where it came from', async () => {
    const { folder, app, server } = await setUp();
    const { jobId } = await app.call('convert.start', {
      ...{ source: hubSource, type: 'F16', keepSource: true, quantize: null },
    });
    const phases = new Set<string>();
    const job = await app.ended(jobId, ({ detail }) => {
      if (detail?.code === 'conversion') phases.add(detail.phase);
    });
    expect(job).toMatchObject({ state: 'done', error: null, kind: 'convert', repoId: REPO });
    expect(job.doneBytes).toBe(job.totalBytes);
    const modelId = 'converted/owner--sharded/sharded-F16.gguf';
    expect(job).toMatchObject({ modelId, detail: { code: 'converted' } });
    expect([...phases]).toContain('converting');
    const { models } = await app.call('library.rescan', {});
    expect(models.find(({ id }) => id === modelId)).toMatchObject({
      ...{ origin: 'converted', problem: null, architecture: 'llama', quantization: 'F16', kind: 'model' },
    });
    expect(await app.call('convert.records', {})).toMatchObject({
      records: [
        {
          modelId,
          record: {
            ...{ sourceRepoId: REPO, sourceRevision: await server.mainCommitId(REPO), type: 'F16' },
            verification: { result: 'passed', tokenizer: { mismatchCount: 0 }, error: null },
          },
        },
      ],
    });
    const { metadata } = await readHeaderOfFile(path.join(folder, 'data', modelId));
    expect(JSON.parse(metadata.get('hearth.verification') as string)).toMatchObject({
      ...{ result: 'passed', source: REPO, revision: await server.mainCommitId(REPO) },
      tensorDataSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await tree(path.join(folder, 'data/converting'))).toEqual([]);
    expect(existsSync(path.join(folder, 'cache/models--owner--sharded/refs/main'))).toBe(true);
    await expectReply(app, modelId);
  });

  it('keeps no source where none is wanted', async () => {
    const { folder, app } = await setUp();
    const { outputs } = await app.call('convert.check', { source: hubSource });
    const { jobId } = await app.call('convert.start', {
      ...{ source: hubSource, type: 'Q8_0', keepSource: false, quantize: null },
    });
    expect(await app.ended(jobId)).toMatchObject({ state: 'done', error: null });
    const { size } = statSync(path.join(folder, 'data/converted/owner--sharded/sharded-Q8_0.gguf'));
    expect(outputs.find(({ type }) => type === 'Q8_0')).toMatchObject({ sizeBytes: size, isExact: true });
    expect(await tree(path.join(folder, 'data/converting'))).toEqual([]);
    expect(await tree(folder).then((all) => all.filter((name) => name.endsWith('.safetensors')))).toEqual([]);
    expect(await tree(path.join(folder, 'data/converted'))).toEqual([
      'owner--sharded/',
      'owner--sharded/sharded-Q8_0.gguf',
      'owner--sharded/sharded-Q8_0.gguf.json',
    ]);
  });

  it('quantizes in one go, and the result again on request', async () => {
    const { app, folder } = await setUp();
    const { jobId } = await app.call('convert.start', {
      ...{ source: hubSource, type: 'Q4_0', keepSource: true, quantize: null },
    });
    const job = await app.ended(jobId);
    expect(job).toMatchObject({ state: 'done', error: null });
    const check = await app.call('convert.check', { source: hubSource });
    const predicted = check.outputs.find(({ type }) => type === 'Q4_0')?.sizeBytes ?? 0;
    const found = job.detail?.code === 'converted' ? job.detail.sizeBytes : 0;
    // libllama adds a key, and the verification has its place.
    expect(Math.abs(found - predicted)).toBeLessThan(4096);
    const modelId = job.modelId ?? '';
    const options = quantizeOptionsSchema.parse({});
    await expect(app.call('convert.quantize', { modelId, type: 'Q8_0', options })).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'requantize' },
    });
    const pruned = { ...options, allowRequantize: true, pruneLayers: [1] };
    const wanted = { modelId, type: 'Q8_0' as const, options: pruned };
    const again = await app.call('convert.quantize', wanted);
    const predictedSize = await app.call('convert.predictSize', wanted);
    const second = await app.ended(again.jobId);
    expect(second).toMatchObject({ state: 'done', modelId: 'converted/owner--sharded/sharded-Q8_0.gguf' });
    const file = path.join(folder, 'data/converted/owner--sharded/sharded-Q8_0.gguf');
    expect(readFileSync(file)).toHaveLength(predictedSize.sizeBytes);
    const noted = async (name: string): Promise<unknown> => {
      const { metadata } = await readHeaderOfFile(path.join(folder, 'data', name));
      return JSON.parse(metadata.get('hearth.verification') as string);
    };
    const first = (await noted(modelId)) as Record<string, unknown>;
    expect(await noted(second.modelId ?? '')).toEqual({
      ...{ ...first, tokenizer: null, at: expect.any(String) },
      tensorDataSha256: expect.not.stringMatching(String(first['tensorDataSha256'])),
      // The first file is among those of the second.
      sourceFilesSha256: expect.not.stringMatching(String(first['sourceFilesSha256'])),
    });
    const records = (await app.call('convert.records', {})).records.map(({ record }) => record);
    const lacks = records.map(({ sourceModelId, prunedLayerCount }) => ({ sourceModelId, prunedLayerCount }));
    expect(lacks).toContainEqual({ sourceModelId: null, prunedLayerCount: 0 });
    expect(lacks).toContainEqual({ sourceModelId: modelId, prunedLayerCount: 1 });
  });

  it('is refused a second time while it is under way, and with a reason before anything is fetched', async () => {
    const { app, server } = await setUp();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 20_000 });
    const order = { source: hubSource, type: 'F16', keepSource: true, quantize: null } as const;
    const { jobId } = await app.call('convert.start', order);
    await expect(app.call('convert.start', order)).rejects.toMatchObject({
      code: 'busy',
      data: { reason: 'conversion_active' },
    });
    await app.call('jobs.cancel', { jobId });
    await expect(app.call('convert.start', { ...order, type: 'IQ2_XXS' })).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'imatrix_needed' },
    });
  });
});

/** The model is loaded and writes some tokens. */
async function expectReply(app: ConversionApp, modelId: string): Promise<void> {
  const sampling = { ...defaultSampling, temperature: 0, maxTokens: 8, seed: 1 };
  const { chatId, replyId } = await app.call('chat.send', {
    ...{
      chat: { fresh: { modelId, sampling, systemPrompt: '', contextPolicy: null } },
      parts: [{ type: 'text', text: 'Once upon a time' }],
    },
  });
  const reply = await app.reply(chatId, replyId);
  expect(reply).toMatchObject({ status: 'complete', error: null });
  expect(reply.timing?.generatedTokens ?? 0).toBeGreaterThan(0);
}

describe('a verification on request', () => {
  it('tries a model against the tokenizer that it was made of, and one of which nothing is known', async () => {
    const { app, folder } = await setUp();
    const { jobId } = await app.call('convert.start', {
      ...{ source: hubSource, type: 'F16', keepSource: true, quantize: null },
    });
    const modelId = (await app.ended(jobId)).modelId ?? '';
    const again = await app.call('convert.verify', { modelId, source: null });
    expect(await app.ended(again.jobId)).toMatchObject({
      state: 'done',
      detail: { code: 'converted', verification: { result: 'passed', tokenizer: { mismatchCount: 0 } } },
    });
    const file = path.join(folder, 'data', modelId);
    const { metadata } = await readHeaderOfFile(file);
    const [own] = (await app.call('convert.records', {})).records;
    expect(JSON.parse(metadata.get('hearth.verification') as string)).toMatchObject({
      at: new Date(own?.record.verification?.at ?? 0).toISOString(),
    });
    expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toMatchObject({
      sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    });
    const builtIn = await app.call('convert.verify', {
      ...{ modelId: (await app.call('system.info', {})).builtInModelId, source: null },
    });
    expect(await app.ended(builtIn.jobId)).toMatchObject({
      state: 'done',
      detail: { code: 'converted', verification: { result: 'passed', tokenizer: null, error: null } },
    });
  });
});
