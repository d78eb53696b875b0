/** Conversions of a repository whose weights are in no folder at any time. */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { WorkOrder } from '../../../main/base/work.ts';
import { createConverter } from '../../../main/convert/child/converter.ts';
import { readHeaderOfFile } from '../../../main/library/library.ts';
import { startHub, type Hub as TestHub } from '../../hub-server/hub-server.ts';
import { startConversionApp, type ConversionApp } from '../../support/conversion-app.ts';
import { convertChildren } from '../../support/convert-children.ts';
import { setUpConvert } from '../../support/convert-setup.ts';
import { temporaryFolder, tree } from '../../support/hub-setup.ts';
import { shardName, streamedRepository } from '../../support/streamed-repository.ts';

const REPO = 'owner/sharded';
const files = streamedRepository(1);
const shardBytes = [1, 2, 3].map((number) => files[shardName(number)]?.length ?? 0);
const weightBytes = shardBytes.reduce((sum, bytes) => sum + bytes, 0);
const order = {
  source: { kind: 'hub', repoId: REPO, revision: 'main' },
  type: 'F16',
  keepSource: false,
  quantize: null,
} as const;
const never = new AbortController().signal;

/** The tensors of the model that is converted from a folder. */
let expected: Buffer = Buffer.alloc(0);
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'hearth-streaming-'));
  const folder = path.join(scratch, 'in');
  const outputPath = path.join(scratch, 'out/model.gguf');
  for (const one of [folder, path.dirname(outputPath)]) mkdirSync(one);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  await createConverter(createConvertOptions()).convert(
    { source: { folder }, name: REPO, outputType: 'F16', outputPath, verificationBytes: 0 },
    { signal: never, onEvent: () => {} },
  );
  expected = await tensorsOf(outputPath);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const createConvertOptions = () => ({ startChild: convertChildren.startConvert });

async function tensorsOf(file: string): Promise<Buffer> {
  const { dataOffsetBytes } = await readHeaderOfFile(file);
  return (await readFile(file)).subarray(dataOffsetBytes);
}

interface Setup {
  readonly server: TestHub;
  readonly folder: string;
  readonly app: ConversionApp;
}

async function startServer(): Promise<TestHub> {
  const server = await startHub({ repos: [{ id: REPO, files }] });
  onTestFinished(() => server.close());
  return server;
}

async function setUp(): Promise<Setup> {
  const server = await startServer();
  const folder = await temporaryFolder();
  const app = startConversionApp(folder, server.url);
  onTestFinished(() => app.app.close());
  return { server, folder, app };
}

/** Names of weights and of their blobs below `folder`, now. */
async function weightsBelow(folder: string): Promise<string[]> {
  const names = await tree(folder).catch((): string[] => []);
  return names.filter((name) => /safetensors/.test(name) && !name.endsWith('.index.json'));
}

/** Bytes of the files in the job's own folders, without those of the output. */
async function strayBytes(folder: string): Promise<number> {
  const working = path.join(folder, 'data/converting');
  let sum = 0;
  for (const name of await tree(working).catch((): string[] => [])) {
    if (name.endsWith('/') || /\.gguf(?:\.part)?$/.test(name)) continue;
    sum += (await readFile(path.join(working, name)).catch(() => Buffer.alloc(0))).byteLength;
  }
  return sum;
}

async function expectOutput({ folder }: Pick<Setup, 'folder'>, job: Job): Promise<void> {
  expect(job).toMatchObject({ state: 'done', error: null });
  expect((await tensorsOf(path.join(folder, 'data', job.modelId ?? ''))).equals(expected)).toBe(true);
  expect(readdirSync(path.join(folder, 'data/converting'))).toEqual([]);
}

/** Whether part of the output is safe on the disk. */
const isNoted = (folder: string): boolean =>
  existsSync(path.join(folder, 'data/converting')) &&
  readdirSync(path.join(folder, 'data/converting'), { recursive: true }).some((name) =>
    String(name).endsWith('.part.json'),
  );

/** The requests for a shard that were sent bytes of it. */
const requestsFor = ({ requests }: TestHub, number: number): TestHub['requests'] =>
  requests.filter(
    ({ level, subject, method }) => level === 'cdn' && method === 'GET' && subject.endsWith(shardName(number)),
  );
const sentBytes = (server: TestHub, number: number): number =>
  requestsFor(server, number).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
/** How often a shard was received from its beginning. Its header is asked for as a range. */
const streamCount = (server: TestHub, number: number): number =>
  requestsFor(server, number).filter(({ headers }) => headers.range === undefined).length;

describe('a conversion that keeps no source', () => {
  it('converts the weights while they arrive: none are on the disk at any time, and each byte comes about once', async () => {
    const { server, folder, app } = await setUp();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 6_000_000 });
    const { jobId } = await app.call('convert.start', order);
    const seen: Promise<readonly [string[], number]>[] = [];
    const received: number[] = [];
    const job = await app.ended(jobId, ({ detail, doneBytes }) => {
      if (detail?.code !== 'conversion') return;
      if (detail.phase === 'converting') received.push(doneBytes);
      seen.push(Promise.all([weightsBelow(folder), strayBytes(folder)]));
    });
    await expectOutput({ folder }, job);
    expect(job).toMatchObject({ detail: { verification: { result: 'passed', tokenizer: { mismatchCount: 0 } } } });
    const small = Object.entries(files).filter(([name]) => !name.endsWith('.safetensors'));
    const smallBytes = small.reduce((sum, [, content]) => sum + content.length, 0);
    for (const [weights, stray] of await Promise.all(seen)) {
      expect(weights).toEqual([]);
      expect(stray).toBeLessThanOrEqual(smallBytes + 100_000);
    }
    expect(seen.length).toBeGreaterThan(5);
    expect(await weightsBelow(folder)).toEqual([]);
    // Of each shard the block with the header is asked for on its own, by the check and by the conversion.
    for (const number of [1, 2, 3])
      expect(sentBytes(server, number)).toBeLessThan((shardBytes[number - 1] ?? 0) + 2.5e6);
    // The progress is what was received.
    expect(received.some((bytes) => bytes > weightBytes / 4 && bytes < weightBytes)).toBe(true);
  });

  it('goes on after dropped connections', async () => {
    const { server, folder, app } = await setUp();
    const cuts = server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1_500_000, path: '**/model-00002*', count: 2 });
    await expectOutput({ folder }, await app.ended((await app.call('convert.start', order)).jobId));
    expect(cuts.hits).toBe(2);
  });

  it('ends with an error for a shard of another hash, leaves no output, and can be tried again', async () => {
    const { server, folder, app } = await setUp();
    // In the last shard, behind what the check reads.
    server.setFault({ at: 'cdn', kind: 'corruptByte', offset: 2_500_000, path: '**/model-00003*' });
    const { jobId } = await app.call('convert.start', order);
    expect(await app.ended(jobId)).toMatchObject({
      state: 'failed',
      error: { code: 'hub.hash_mismatch', data: { path: shardName(3) } },
    });
    expect((await tree(path.join(folder, 'data'))).filter((name) => name.includes('.gguf'))).toEqual([]);
    server.clearFaults();
    await app.call('jobs.resume', { jobId });
    await expectOutput({ folder }, await app.waitFor(jobId, ({ state }) => state === 'done'));
  });

  it('goes on after a pause with the shards that are left, of the commit of its start', async () => {
    const { server, folder, app } = await setUp();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 300_000, path: '**/model-00003*' });
    const { jobId } = await app.call('convert.start', order);
    await app.waitFor(jobId, ({ detail }) => detail?.code === 'conversion' && isNoted(folder));
    await app.call('jobs.pause', { jobId });
    expect(await app.ended(jobId)).toMatchObject({ state: 'paused' });
    await server.updateRepo(REPO, { files: { [shardName(1)]: streamedRepository(2)[shardName(1)] ?? '' } });
    server.clearFaults();
    server.requests.length = 0;
    await app.call('jobs.resume', { jobId });
    const job = await app.waitFor(jobId, ({ state }) => state === 'done');
    await expectOutput({ folder }, job);
    // The first shard was done: only its header was read again.
    expect([1, 3].map((number) => streamCount(server, number))).toEqual([0, 1]);
  });

  it('goes on after its process was killed, with the same bytes', async () => {
    const server = await startServer();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 300_000, path: '**/model-00003*' });
    const folder = await temporaryFolder();
    const child = fork(
      path.join(import.meta.dirname, '../../support/convert-until-killed.ts'),
      [folder, server.url, 'written'],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.once('message', resolve));
    child.kill('SIGKILL');
    await gone;
    server.clearFaults();
    server.requests.length = 0;
    const app = startConversionApp(folder, server.url);
    onTestFinished(() => app.app.close());
    const [job] = await app.jobs();
    expect(job).toMatchObject({ kind: 'convert', state: 'paused' });
    await app.call('jobs.resume', { jobId: job?.id ?? '' });
    await expectOutput({ folder }, await app.waitFor(job?.id ?? '', ({ state }) => state === 'done'));
    expect([1, 3].map((number) => streamCount(server, number))).toEqual([0, 1]);
  });

  it('needs room for its output alone, and says how much', async () => {
    let given: WorkOrder | null = null;
    const folder = await temporaryFolder();
    const free = { bytes: 0 };
    const { convert } = await setUpConvert(
      { repos: [{ id: REPO, files }] },
      {},
      {
        ...{ convertedFolder: path.join(folder, 'converted'), workFolder: path.join(folder, 'converting') },
        jobs: { run: (one) => ((given = one), { jobId: '' }) },
        freeBytes: () => Promise.resolve(free.bytes),
      },
    );
    await convert.start(order, never);
    const work = given as WorkOrder | null;
    const run = async (): Promise<void> =>
      await work?.run({ signal: never, progress() {}, received() {}, keep() {}, phase() {}, detail() {}, log() {} });
    const outputBytes = expected.byteLength + 1_000_000;
    const spareBytes = 200_000_000;
    free.bytes = expected.byteLength + spareBytes;
    await expect(run()).rejects.toMatchObject({ code: 'disk.full', data: { freeBytes: free.bytes } });
    await expect(work?.checkSpace?.()).rejects.toMatchObject({ code: 'disk.full' });
    // Less than the weights and the output together.
    free.bytes = outputBytes + spareBytes + 2_000_000;
    expect(free.bytes).toBeLessThan(outputBytes + weightBytes + spareBytes);
    await run();
    expect(existsSync(path.join(folder, 'converted/owner--sharded/sharded-F16.gguf'))).toBe(true);
  });
});
