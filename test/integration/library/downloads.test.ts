/**
 * Downloads as jobs: queue, pause, cancel, and recovery after the end of a process; over real servers, files and
 * SQLite.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listJobs, putJob } from '../../../main/store/jobs.ts';
import { openStore } from '../../../main/store/store.ts';
import type { JobState } from '../../../preload/contract/jobs.ts';
import { content, never, path, repoId, setUp, sha256, temporaryFolder, tree } from '../../support/hub-setup.ts';
import { inState, migrations, rows, start, startJobs, watch } from '../../support/jobs-setup.ts';

const order = { repoId, path, revision: 'main' };
const shards = ['00001', '00002', '00003'].map((number) => `s-Q8_0-${number}-of-00003.gguf`);
const sharded = {
  id: repoId,
  files: Object.fromEntries(
    shards.map((name, index) => [name, content.subarray(index * 1_000_000, (index + 1) * 1_000_000)]),
  ),
};

describe('a download', () => {
  it('runs to its end with increasing progress, reported at 10 Hz', async () => {
    const { jobs, downloads, server, store, finished, hub, folder } = await start();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 4_000_000 });
    server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1_500_000, count: 1 });
    const { events, until } = watch(jobs);
    const began = performance.now();
    const { jobId } = await downloads.download(order, never);
    const done = await until(inState('done'));
    expect(done).toMatchObject({
      id: jobId,
      subject: 'Tiny Q4_K_M',
      modelId: `${repoId}/${path}`,
      doneBytes: content.byteLength,
      totalBytes: content.byteLength,
      bytesPerSecond: 0,
      error: null,
    });
    const jobEvents = events.filter((event) => event.type === 'job');
    const bytes = jobEvents.map((event) => event.job.doneBytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(jobEvents.length).toBeLessThan((performance.now() - began) / 100 + 6);
    expect(jobEvents.some((event) => event.job.bytesPerSecond > 0 && event.job.secondsLeft !== null)).toBe(true);
    const revisions = events.map((event) => event.revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    expect(finished.map((job) => job.id)).toEqual([jobId]);
    expect(rows(store)).toEqual(['done']);
    expect(
      (await hub.localBytes(folder, (await hub.resolve(repoId, path, 'main', never))[0] as never)).isComplete,
    ).toBe(true);

    await jobs.dismiss(jobId);
    expect(rows(store)).toEqual([]);
    expect(await tree(folder)).toContainEqual(expect.stringContaining(sha256));
  });

  it('does not go back when the file must be started again', async () => {
    const { jobs, downloads, server } = await start();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 6_000_000 });
    server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 2_500_000, count: 1 });
    server.setFault({ at: 'cdn', kind: 'changedEtag', skip: 1 });
    const { events, until } = watch(jobs);
    await downloads.download(order, never);
    await until(inState('done'));
    const bytes = events.flatMap((event) => (event.type === 'job' ? [event.job.doneBytes] : []));
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(server.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBeGreaterThan(5_000_000);
  });

  it('joins the pieces of a file, is a download of that file, and is done at once the next time', async () => {
    const model = await readFile(join(import.meta.dirname, '../../fixtures/stories260K/stories260K-F32.gguf'));
    const files = { 'x-F32.gguf.part1of2': model.subarray(0, 300_000), 'x-F32.gguf.part2of2': model.subarray(300_000) };
    const { jobs, downloads, folder } = await start({}, { repos: [{ id: repoId, files }] });
    const { until } = watch(jobs);
    const wanted = { repoId, path: 'x-F32.gguf', revision: 'main' };
    await downloads.download(wanted, never);
    expect(await until(inState('done'))).toMatchObject({
      modelId: `${repoId}/x-F32.gguf`,
      doneBytes: model.byteLength,
      error: null,
    });
    const names = (await tree(folder)).join('\n');
    expect(names).toContain('x-F32.gguf');
    expect(names).not.toMatch(/part[12]of2|incomplete/);
    const again = await downloads.download(wanted, never);
    expect(jobs.stateOf(again.jobId)).toBe('done');
  });

  it('downloads every shard, and sets the branch when all are complete', async () => {
    const { jobs, downloads, folder, server } = await start({}, { repos: [sharded] });
    const { until } = watch(jobs);
    const fault = server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 10, path: `**/${shards[2] ?? ''}` });
    const { jobId } = await downloads.download({ ...order, path: shards[1] ?? '' }, never);
    const half = await until((job) => job.files[1]?.doneBytes === 1_000_000);
    expect(half.modelId).toBe(`${repoId}/${shards[0] ?? ''}`);
    expect((await tree(folder)).some((name) => name.endsWith('refs/main'))).toBe(false);
    await jobs.pause(jobId);
    fault.remove();
    await jobs.resume(jobId);
    await until(inState('done'));
    expect((await tree(folder)).filter((name) => /refs\/main|of-00003/.test(name))).toHaveLength(4);
  });

  it('is one job for the same file, also for two concurrent requests', async () => {
    const { jobs, downloads, server, finished } = await start();
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 8_000_000 });
    const { until } = watch(jobs);
    const [one, two] = await Promise.all([downloads.download(order, never), downloads.download(order, never)]);
    expect(one).toEqual(two);
    await until(inState('done'));
    expect(await downloads.download(order, never)).toEqual(one);
    expect(finished).toHaveLength(1);
    expect(server.requests.filter((request) => request.level === 'cdn')).toHaveLength(1);
  });

  it('is done at once for a file that is in the cache', async () => {
    const { downloads, hub, folder, server, finished } = await start();
    const [file] = await hub.resolve(repoId, path, 'main', never);
    if (file) await hub.fetchFile(file, { folder, ref: null, signal: never, onProgress: () => {} });
    server.requests.length = 0;
    await downloads.download(order, never);
    expect(finished).toMatchObject([{ state: 'done', doneBytes: content.byteLength }]);
    expect(server.requests.filter((request) => request.level === 'cdn')).toEqual([]);
  });

  it('of a newer revision is one of its own, also beside the finished one of before', async () => {
    const { jobs, downloads, server, folder } = await start();
    const { until } = watch(jobs);
    const first = await downloads.download(order, never);
    await until(inState('done', first.jobId));
    const newer = Buffer.from(content.toReversed());
    const commit = await server.updateRepo(repoId, { files: { [path]: newer } });
    const second = await downloads.download(order, never);
    expect(second.jobId).not.toBe(first.jobId);
    expect((await until(inState('done', second.jobId))).revision).toBe(commit);
    expect(await readFile(join(folder, 'models--owner--Tiny-GGUF/snapshots', commit, path))).toEqual(newer);
  });

  it('needs no room for what is downloaded into a folder on another disk', async () => {
    let current = '';
    const files = { 'a.gguf': content.subarray(0, 2_000_000), 'b.gguf': content.subarray(1_000_000) };
    const { jobs, downloads, server, folder } = await start(
      // Of one file, and not of two.
      { cacheFolder: () => current, freeBytes: () => Promise.resolve(3_000_000) },
      { repos: [{ id: repoId, files }] },
    );
    current = folder;
    const fault = server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 10, path: '**/a.gguf' });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download({ ...order, path: 'a.gguf' }, never);
    await until(inState('running', jobId));
    await expect(downloads.download({ ...order, path: 'b.gguf' }, never)).rejects.toMatchObject({ code: 'disk.full' });
    current = await temporaryFolder();
    const other = await downloads.download({ ...order, path: 'b.gguf' }, never);
    await until(inState('done', other.jobId));
    fault.remove();
  });

  it('waits for its turn behind two others', async () => {
    const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.gguf`);
    const files = Object.fromEntries(
      names.map((name, index) => [name, content.subarray(index * 500_000, (index + 1) * 500_000)]),
    );
    const { jobs, downloads, server } = await start({}, { repos: [{ id: repoId, files }] });
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 2_000_000 });
    const { events, until } = watch(jobs);
    const ids: string[] = [];
    for (const name of names) ids.push((await downloads.download({ ...order, path: name }, never)).jobId);
    for (const id of ids) await until(inState('done', id));
    const now = new Map<string, JobState>();
    for (const event of events) {
      if (event.type === 'job') now.set(event.job.id, event.job.state);
      expect(
        [...now.values()].filter((state) => state === 'running' || state === 'verifying').length,
      ).toBeLessThanOrEqual(2);
    }
  });

  it('is refused before it starts: no space, terms not accepted, a hostile name, an unreachable Hub', async () => {
    const full = await start({ freeBytes: () => Promise.resolve(10) });
    await expect(full.downloads.download(order, never)).rejects.toMatchObject({
      code: 'disk.full',
      data: { neededBytes: content.byteLength, freeBytes: 10 },
    });
    const gated = await start({}, { repos: [{ id: repoId, gated: 'auto', files: { [path]: content } }] });
    await expect(gated.downloads.download(order, never)).rejects.toMatchObject({ code: 'hub.gated' });
    await expect(gated.downloads.download({ ...order, path: 'CON.gguf' }, never)).rejects.toMatchObject({
      code: 'hub.unsafe_name',
    });
    const off = await start({ offlineBy: 'HEARTH_OFFLINE' });
    await expect(off.downloads.download(order, never)).rejects.toMatchObject({ code: 'hub.offline' });
    for (const { store, folder } of [full, gated, off]) {
      expect(rows(store)).toEqual([]);
      expect(await tree(folder)).toEqual([]);
    }
  });

  it('reports its error, and resumes when asked', async () => {
    const { jobs, downloads, server, folder } = await start();
    const fault = server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 30_000 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    const failed = await until(inState('failed'));
    expect(failed.error).toMatchObject({ code: 'hub.offline' });
    expect(failed.doneBytes).toBeGreaterThan(0);
    fault.remove();
    await jobs.resume(jobId);
    await until(inState('done'));

    await jobs.dismiss(jobId);
    server.setFault({ at: 'cdn', kind: 'corruptByte', offset: 5 });
    await server.addFile(repoId, 'other-Q8_0.gguf', content.subarray(0, 100_000));
    const other = await downloads.download({ ...order, path: 'other-Q8_0.gguf' }, never);
    expect((await until(inState('failed', other.jobId))).error).toMatchObject({ code: 'hub.hash_mismatch' });
    await jobs.dismiss(other.jobId);
    expect((await tree(folder)).filter((name) => /other|incomplete|lock/.test(name))).toEqual([]);
  });
});

describe('pause and cancel', () => {
  it('a pause keeps the received bytes, and only the rest is requested', async () => {
    const { jobs, downloads, server, store } = await start();
    const fault = server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 2_000_000 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    await until((job) => job.doneBytes >= 2_000_000);
    await jobs.pause(jobId);
    expect(rows(store)).toEqual(['paused']);
    expect(downloads.isFetching(repoId, path)).toBe(true);
    fault.remove();
    await jobs.resume(jobId);
    await until(inState('done'));
    expect(server.requests.at(-1)).toMatchObject({ level: 'cdn', bytesSent: 1_000_000 });
    expect(downloads.isFetching(repoId, path)).toBe(false);
  });

  it.each(['running', 'paused', 'failed', 'queued'] as const)('a cancel of a %s job leaves nothing', async (state) => {
    const { jobs, downloads, server, folder, store } = await start(
      {},
      { repos: [sharded, { id: 'x/y', files: { 'a.gguf': 'a', 'b.gguf': 'b' } }] },
    );
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 500, path: `**/${shards[1] ?? ''}` });
    const { until, events } = watch(jobs);
    if (state === 'queued') {
      server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 0, path: 'x/**' });
      for (const name of ['a.gguf', 'b.gguf'])
        await downloads.download({ repoId: 'x/y', path: name, revision: 'main' }, never);
    }
    const { jobId } = await downloads.download({ ...order, path: shards[0] ?? '' }, never);
    if (state !== 'queued') await until((job) => (job.files[1]?.doneBytes ?? 0) > 0);
    if (state === 'paused') await jobs.pause(jobId);
    if (state === 'failed') {
      await jobs.pause(jobId);
      server.clearFaults();
      server.setFault({ at: 'resolve', kind: 'status', status: 401 });
      await jobs.resume(jobId);
      await until(inState('failed'));
    }
    await Promise.all([jobs.cancel(jobId), jobs.cancel(jobId)]);
    expect((await tree(folder)).filter((name) => name !== 'CACHEDIR.TAG' && !/x--y|^\.locks\/$/.test(name))).toEqual(
      [],
    );
    if (state !== 'queued') expect((await tree(folder)).filter((name) => name.startsWith('.locks'))).toEqual([]);
    expect(listJobs(store).some((row) => row.id === jobId)).toBe(false);
    await expect(jobs.resume(jobId)).rejects.toMatchObject({ code: 'not_found' });
    // The last event of this job; the other jobs may have more.
    const said = (): unknown[] =>
      events.flatMap((one) =>
        one.type === 'job' ? [one.job.id] : one.type === 'removed' ? [`${one.jobId} removed`] : [],
      );
    await expect.poll(() => said().findLast((one) => String(one).startsWith(jobId))).toBe(`${jobId} removed`);
  });

  it('a cancel leaves earlier files, and the next download starts', async () => {
    const { jobs, downloads, hub, server, folder } = await start({}, { repos: [sharded] });
    const files = await hub.resolve(repoId, shards[0] ?? '', 'main', never);
    if (files[0]) await hub.fetchFile(files[0], { folder, ref: 'main', signal: never, onProgress: () => {} });
    const before = await tree(folder);
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 500, path: `**/${shards[2] ?? ''}` });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download({ ...order, path: shards[0] ?? '' }, never);
    await until((job) => (job.files[2]?.doneBytes ?? 0) > 0);
    await jobs.cancel(jobId);
    expect(await tree(folder)).toEqual(before);
  });

  it('a cancel leaves files that another program completed meanwhile', async () => {
    const { jobs, downloads, hub, server, folder } = await start({}, { repos: [sharded] });
    const fault = server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 500, path: `**/${shards[1] ?? ''}` });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download({ ...order, path: shards[0] ?? '' }, never);
    await until((job) => (job.files[1]?.doneBytes ?? 0) > 0);
    await jobs.pause(jobId);
    fault.remove();
    const files = await hub.resolve(repoId, shards[0] ?? '', 'main', never);
    if (files[1]) await hub.fetchFile(files[1], { folder, ref: null, signal: never, onProgress: () => {} });
    await jobs.cancel(jobId);
    const left = (await tree(folder)).map((name) => name.split('/').at(-1));
    expect(shards.filter((name) => left.includes(name))).toEqual([shards[1]]);
  });

  it('concurrent cancels and downloads of one repository do not delete each other’s folders', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `f${String(index)}.gguf`);
    const files = Object.fromEntries(names.map((name) => [name, `bytes of ${name}`]));
    const { jobs, downloads, folder } = await start({}, { repos: [{ id: repoId, files }] });
    const { until } = watch(jobs);
    await Promise.all(
      names.map(async (name, index) => {
        const { jobId } = await downloads.download({ ...order, path: name }, never);
        if (index % 2 === 1) return await jobs.cancel(jobId);
        const { error } = await until((job) => job.id === jobId && (job.state === 'done' || job.state === 'failed'));
        expect(error).toBeNull();
      }),
    );
    expect((await tree(folder)).filter((name) => /incomplete|lock/.test(name))).toEqual([]);
  });

  it('an unfinished job cannot be dismissed, and an unknown one is not found', async () => {
    const { jobs, downloads, server } = await start();
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 0 });
    const { jobId } = await downloads.download(order, never);
    await expect(jobs.dismiss(jobId)).rejects.toMatchObject({ code: 'busy' });
    for (const act of ['pause', 'resume', 'cancel', 'dismiss'] as const) {
      await expect(jobs[act]('nobody')).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});

describe('the end of a process', () => {
  it('closing pauses everything soon, and the next start can resume', async () => {
    // Longer than this test may take: if closing waited for the stalled connection, the test's limit would fail it.
    const stallMs = 3_600_000;
    const { jobs, downloads, server, hub, store } = await start({ stallMs });
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_000_000, count: 1 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    await until((job) => job.doneBytes >= 1_000_000);
    await jobs.close();
    expect(rows(store)).toEqual(['paused']);

    const next = startJobs(hub, store).jobs;
    onTestFinished(() => next.close());
    const { events, until: nextUntil } = watch(next);
    expect(await nextUntil(inState('paused'))).toMatchObject({ id: jobId, doneBytes: 1_000_000 });
    expect(events[0]).toMatchObject({ type: 'snapshot' });
    await next.resume(jobId);
    await nextUntil(inState('done'));
  });

  it('a row of a version before the work orders is resumed from the received bytes', async () => {
    const { hub, store, folder } = await start();
    const [file] = await hub.resolve(repoId, path, 'main', never);
    if (!file) throw new Error('nothing to fetch');
    const spec = { folder, revision: 'main', files: [{ ...file, wasThere: false }] };
    const row = { kind: 'download', state: 'running', error: null, position: 1, createdAt: 1, updatedAt: 1 } as const;
    putJob(store, { id: 'old', ...row, spec });
    putJob(store, {
      id: 'check',
      ...row,
      kind: 'verify',
      spec: { title: 'Check all models', totalBytes: 9, doneBytes: 4 },
    });
    const { jobs } = startJobs(hub, store);
    onTestFinished(() => jobs.close());
    const { until } = watch(jobs);
    expect(await until(inState('paused', 'old'))).toMatchObject({
      subject: 'Tiny Q4_K_M',
      modelId: `${repoId}/${path}`,
      totalBytes: content.byteLength,
    });
    expect(await until(inState('failed', 'check'))).toMatchObject({ subject: null, totalBytes: 9, doneBytes: 4 });
    await jobs.resume('old');
    await until(inState('done', 'old'));
  });

  it('an unreadable row is shown as failed, and stays until it is dismissed', async () => {
    const { hub, store } = await start();
    putJob(store, {
      id: 'old',
      kind: 'download',
      state: 'running',
      spec: { from: 'another time' },
      error: null,
      position: 1,
      createdAt: 1,
      updatedAt: 1,
    });
    const next = startJobs(hub, store).jobs;
    onTestFinished(() => next.close());
    await watch(next).until(inState('failed', 'old'));
    await expect(next.resume('old')).rejects.toMatchObject({ code: 'unsupported', data: { reason: 'last_session' } });
    expect(rows(store)).toHaveLength(1);
    await next.dismiss('old');
    expect(rows(store)).toEqual([]);
  });

  it.each(['resumed', 'cancelled'])('after kill -9 the download is %s from what is on the disk', async (what) => {
    const { server, hub, folder } = await setUp();
    const dataFolder = await temporaryFolder();
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 2_500_000, count: 1 });
    const script = new URL('../../support/jobs-child.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, server.url, folder, dataFolder, repoId, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const part of child.stdout) {
      said += String(part);
      // The last half megabyte may still have been in the killed process's memory, so it may be lost.
      if (said.includes('2500000')) break;
    }
    const onDisk = async (): Promise<number> => {
      const partial = (await tree(folder)).find((name) => name.endsWith('.incomplete') && !name.includes('.parts'));
      return partial === undefined ? 0 : (await stat(join(folder, partial))).size;
    };
    await expect.poll(onDisk).toBeGreaterThanOrEqual(2_000_000);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect((await tree(folder)).filter((name) => /incomplete|hearth\.lock/.test(name))).toHaveLength(2);

    const store = openStore(dataFolder, migrations);
    const jobs = startJobs(hub, store).jobs;
    onTestFinished(async () => {
      await jobs.close();
      store.close();
    });
    const { until } = watch(jobs);
    const paused = await until(inState('paused'));
    expect(paused.doneBytes).toBeGreaterThanOrEqual(1_000_000);
    if (what === 'cancelled') {
      await jobs.cancel(paused.id);
      expect(await tree(folder)).toEqual([]);
      return;
    }
    await jobs.resume(paused.id);
    await until(inState('done'));
    expect(server.requests.at(-1)?.headers.range).toBe(`bytes=${String(paused.doneBytes)}-2999999`);
    const blob = await readFile(join(folder, 'models--owner--Tiny-GGUF/blobs', sha256));
    expect(blob.equals(content)).toBe(true);
    expect((await tree(folder)).filter((name) => /incomplete|lock/.test(name))).toEqual([]);
  });

  it('a job continues in the new folder after a move of the cache, and leaves nothing in the old one', async () => {
    let current = '';
    const { jobs, downloads, server, folder } = await start({ cacheFolder: () => current });
    current = folder;
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_000_000, count: 1 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    await until((job) => job.doneBytes >= 1_000_000);
    await jobs.pause(jobId);
    current = await temporaryFolder();
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine/file'), 'x');
    await jobs.resume(jobId);
    await until(inState('done'));
    expect(await tree(folder)).toEqual(['mine/', 'mine/file']);
    expect(await tree(current)).toContainEqual(expect.stringContaining(path));
  });
});
