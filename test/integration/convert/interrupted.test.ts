/** Conversions that are cancelled, that run out of room or of the network, and whose process is killed. */
import { fork } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startHub, type Hub as TestHub } from '../../hub-server/hub-server.ts';
import { startConversionApp } from '../../support/conversion-app.ts';
import { shardedLlama } from '../../support/convert-setup.ts';
import { filesOf } from '../../support/folder-files.ts';
import { temporaryFolder, tree } from '../../support/hub-setup.ts';
import { isAlive } from '../../support/processes.ts';

const REPO = 'owner/sharded';
const order = {
  source: { kind: 'hub', repoId: REPO, revision: 'main' },
  type: 'F16',
  keepSource: true,
  quantize: null,
} as const;

async function startServer(): Promise<TestHub> {
  const server = await startHub({ repos: [{ id: REPO, files: filesOf(shardedLlama) }] });
  onTestFinished(() => server.close());
  return server;
}

/** Names below the folder of the data, without those of the app's own files. */
const left = async (folder: string): Promise<string[]> =>
  (await tree(path.join(folder, 'data'))).filter((name) => /^convert/.test(name) && !name.endsWith('/'));

it('leaves nothing when it is cancelled', async () => {
  const server = await startServer();
  server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 30_000 });
  const folder = await temporaryFolder();
  const app = startConversionApp(folder, server.url);
  const { jobId } = await app.call('convert.start', order);
  await app.waitFor(jobId, ({ detail }) => detail?.code === 'conversion' && detail.phase === 'downloading');
  await app.call('jobs.cancel', { jobId });
  // The close carries out what could still be undone.
  await app.app.close();
  expect(await left(folder)).toEqual([]);
  expect((await tree(path.join(folder, 'cache'))).filter((name) => name.includes('safetensors'))).toEqual([]);
});

it('says that the Hub is out of reach, and goes on from what is here', async () => {
  const server = await startServer();
  const folder = await temporaryFolder();
  const app = startConversionApp(folder, server.url);
  onTestFinished(() => app.app.close());
  const { jobId } = await app.call('convert.start', order);
  expect(await app.ended(jobId)).toMatchObject({ state: 'done' });
  await server.close();
  // All files are in the cache: another type needs no Hub.
  const { jobId: second } = await app.call('convert.start', { ...order, type: 'BF16' });
  expect(await app.ended(second)).toMatchObject({ state: 'done', error: null });
  await expect(
    app.call('convert.start', { ...order, source: { ...order.source, repoId: 'owner/other' } }),
  ).rejects.toMatchObject({ code: 'hub.offline' });
});

it('is taken up again after its process was killed, and what a lost job left is deleted', async () => {
  const server = await startServer();
  server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 40_000 });
  const folder = await temporaryFolder();
  const child = fork(path.join(import.meta.dirname, '../../support/convert-until-killed.ts'), [folder, server.url], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.once('message', resolve));
  child.kill('SIGKILL');
  await gone;
  server.clearFaults();
  const app = startConversionApp(folder, server.url);
  onTestFinished(() => app.app.close());
  const [job] = await app.jobs();
  expect(job).toMatchObject({ kind: 'convert', state: 'paused' });
  await app.call('jobs.resume', { jobId: job?.id ?? '' });
  const done = await app.ended(job?.id ?? '', () => {});
  expect(done).toMatchObject({ state: 'done', error: null });
  expect(existsSync(path.join(folder, 'data', done.modelId ?? ''))).toBe(true);
  expect(readdirSync(path.join(folder, 'data/converting'))).toEqual([]);
});

it('is taken up again after each kill of the app, and does no phase anew that was complete', async () => {
  const server = await startServer();
  const folder = await temporaryFolder();
  for (const phase of ['imatrix', 'quantizing', 'verifying']) {
    const script = path.join(import.meta.dirname, '../../support/convert-in-steps.ts');
    const child = fork(script, [folder, server.url, phase], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    expect(await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL');
    const children = JSON.parse(readFileSync(path.join(folder, 'children.json'), 'utf8')) as readonly number[];
    await expect.poll(() => children.filter(isAlive), { timeout: 30_000 }).toEqual([]);
  }
  const app = startConversionApp(folder, server.url);
  onTestFinished(() => app.app.close());
  const [job] = await app.jobs();
  expect(job).toMatchObject({ kind: 'convert', state: 'paused' });
  await app.call('jobs.resume', { jobId: job?.id ?? '' });
  const worked = new Set<string>();
  const done = await app.ended(job?.id ?? '', ({ detail }) => {
    if (detail?.code === 'conversion' && detail.name !== null) worked.add(detail.phase);
  });
  expect(done).toMatchObject({
    ...{ state: 'done', error: null, doneBytes: done.totalBytes },
    detail: { code: 'converted', verification: { result: 'passed' } },
  });
  expect([...worked].filter((phase) => phase !== 'downloading')).toEqual([]);
  expect(existsSync(path.join(folder, 'data', done.modelId ?? ''))).toBe(true);
  expect(await left(folder)).toEqual([
    'converted/owner--sharded/sharded-Q4_0.gguf',
    'converted/owner--sharded/sharded-Q4_0.gguf.json',
  ]);
});
