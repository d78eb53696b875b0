/** Jobs together: order, limits, disk space, other work, and other processes. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WorkContext } from '../../../main/base/work.ts';
import { addJobLine, listJobLines, listJobs } from '../../../main/store/jobs.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { JobDetail, JobsEvent } from '../../../preload/contract/jobs.ts';
import type { Hub as TestHub } from '../../hub-server/hub-server.ts';
import { content, never, path, repoId, setUp, temporaryFolder, tree } from '../../support/hub-setup.ts';
import { inState, rows, start, startJobs, watch } from '../../support/jobs-setup.ts';

const order = { repoId, path, revision: 'main' };
const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.gguf`);
const four = {
  repos: [
    {
      id: repoId,
      files: Object.fromEntries(
        names.map((name, index) => [name, content.subarray(index * 500_000, (index + 1) * 500_000)]),
      ),
    },
  ],
};
const snapshots = (events: readonly JobsEvent[]): string[][] =>
  events.flatMap((event) => (event.type === 'snapshot' ? [event.jobs.map((job) => job.files[0]?.path ?? '')] : []));

describe('the queue', () => {
  it('runs in the user’s order, with the given number at a time', async () => {
    let limit = 1;
    const { jobs, downloads, server, finished } = await start({}, four, { slots: () => limit });
    const fault = server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_000, path: '**/a.gguf' });
    const { events, until } = watch(jobs);
    const ids: string[] = [];
    for (const name of names) ids.push((await downloads.download({ ...order, path: name }, never)).jobId);
    const [a = '', b = '', c = '', d = ''] = ids;
    await until(inState('running', a));
    await jobs.reorder(d, b);
    await jobs.reorder(b, null);
    await expect.poll(() => snapshots(events).at(-1)).toEqual(['a.gguf', 'd.gguf', 'c.gguf', 'b.gguf']);
    await expect(jobs.reorder(a, 'nobody')).rejects.toMatchObject({ code: 'not_found' });

    // One more may run from now on: the first of the queue starts beside the stalled one.
    limit = 2;
    jobs.reconsider();
    for (const id of [d, c, b]) await until(inState('done', id));
    expect(finished.map((job) => job.id)).toEqual([d, c, b]);
    fault.remove();
    await jobs.pause(a);
    await jobs.resume(a);
    await until(inState('done', a));
  });

  it('keeps the order over a restart', async () => {
    const { jobs, downloads, store, hub, server } = await start({}, four, { slots: () => 1 });
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 0 });
    const ids: string[] = [];
    for (const name of names) ids.push((await downloads.download({ ...order, path: name }, never)).jobId);
    await jobs.reorder(ids[3] ?? '', ids[0] ?? '');
    await jobs.close();
    const next = startJobs(hub, store).jobs;
    onTestFinished(() => next.close());
    const { events } = watch(next);
    await expect.poll(() => snapshots(events).at(0)).toEqual(['d.gguf', 'a.gguf', 'b.gguf', 'c.gguf']);
  });

  it('reports the speed and the time left, and the progress of each connection', async () => {
    const { jobs, downloads, server } = await start(
      { segmentBytes: 1 << 20, maxConnections: 1 },
      { repos: [{ id: repoId, files: { [path]: randomBytes(12_000_000) } }] },
    );
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 3_000_000 });
    const { until, events } = watch(jobs);
    await downloads.download(order, never);
    const running = await until(
      (job) =>
        job.segments.length > 0 && job.secondsLeft !== null && job.doneBytes > 500_000 && job.bytesPerSecond > 500_000,
    );
    expect(running.secondsLeft).toBeLessThan(10);
    for (const { startBytes, endBytes, doneBytes } of running.segments) {
      expect(endBytes).toBeGreaterThan(startBytes);
      expect(doneBytes).toBeLessThanOrEqual(endBytes - startBytes);
    }
    await until(inState('done'));
    const last = events.at(-1);
    expect(last?.type === 'job' && last.job.segments).toEqual([]);
  });
});

describe('the log', () => {
  it('has what happened, without secrets, and is deleted with the job', async () => {
    const { jobs, downloads, server, store } = await start(
      { token: () => 'hf_secretsecret' },
      {
        tokens: { hf_secretsecret: { name: 'ada' } },
        repos: [{ id: repoId, files: { [path]: content } }],
      },
    );
    server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1_000_000, count: 1 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    await until(inState('done'));
    const lines = await jobs.log(jobId);
    const text = lines.map((line) => line.text).join('\n');
    expect(text).toMatch(/^Started\.\n[^]*failed[^]*Next attempt[^]*hash is right[^]*Finished\.$/);
    expect(text).not.toMatch(/secret|Signature|Expires=/);
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort((x, y) => x - y));
    for (let line = 0; line < 520; line++) addJobLine(store, jobId, { at: line, text: String(line) });
    expect((await jobs.log(jobId)).map((line) => line.text)).toEqual(
      Array.from({ length: 500 }, (_, n) => String(n + 20)),
    );
    await jobs.dismiss(jobId);
    expect(listJobLines(store, jobId)).toEqual([]);
    await expect(jobs.log(jobId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('disk space', () => {
  it('counts the bytes that the other downloads will still write', async () => {
    const { downloads, server, folder } = await start({ freeBytes: () => Promise.resolve(1_200_000) }, four);
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 0 });
    for (const name of names.slice(0, 2)) await downloads.download({ ...order, path: name }, never);
    await expect(downloads.download({ ...order, path: 'c.gguf' }, never)).rejects.toMatchObject({
      code: 'disk.full',
      data: { neededBytes: 1_500_000, freeBytes: 1_200_000 },
    });
    expect((await tree(folder)).join('\n')).not.toContain('c.gguf');
  });

  it('counts queued downloads too', async () => {
    const { downloads, server } = await start({ freeBytes: () => Promise.resolve(1_700_000) }, four, {
      slots: () => 1,
    });
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 0 });
    for (const name of names.slice(0, 3)) await downloads.download({ ...order, path: name }, never);
    await expect(downloads.download({ ...order, path: 'd.gguf' }, never)).rejects.toMatchObject({
      code: 'disk.full',
      data: { neededBytes: 2_000_000, freeBytes: 1_700_000 },
    });
  });

  it('that is lost meanwhile makes a download wait, and it continues by itself', async () => {
    let freeBytes = 10_000_000;
    const { jobs, downloads, server, store } = await start(
      { freeBytes: () => Promise.resolve(freeBytes) },
      {},
      { checkSpaceMs: 50 },
    );
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_200_000, count: 1 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    await until((job) => job.doneBytes >= 1_200_000);
    await jobs.pause(jobId);
    freeBytes = 70_000;
    await jobs.resume(jobId);
    const waiting = await until(inState('waiting'));
    expect(waiting.error).toMatchObject({ code: 'disk.full', data: { neededBytes: 1_800_000, freeBytes: 70_000 } });
    expect(rows(store)).toEqual(['waiting']);
    expect(downloads.isFetching(repoId, path)).toBe(true);
    freeBytes = 90_000;
    await until((job) => job.error?.data?.['freeBytes'] === 90_000);
    freeBytes = 2_000_000;
    expect((await until(inState('done'))).error).toBeNull();
    expect((await jobs.log(jobId)).map((line) => line.text)).toContain('There is enough space again.');
  });

  it('can stop being waited for: pause and cancel', async () => {
    let freeBytes = 10_000_000;
    const { jobs, downloads, folder, server, store } = await start(
      { freeBytes: () => Promise.resolve(freeBytes) },
      { repos: [{ id: repoId, files: { [path]: content, 'b.gguf': content.subarray(0, 500_000) } }] },
      { checkSpaceMs: 20 },
    );
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 100_000, count: 1 });
    const { until } = watch(jobs);
    const { jobId } = await downloads.download(order, never);
    await until((job) => job.doneBytes > 0);
    await jobs.pause(jobId);
    freeBytes = 1;
    await jobs.resume(jobId);
    await until(inState('waiting'));
    await jobs.pause(jobId);
    freeBytes = 10_000_000;
    const { until: untilOther } = watch(jobs);
    const other = await downloads.download({ ...order, path: 'b.gguf' }, never);
    await untilOther(inState('done', other.jobId));
    expect(rows(store)).toContain('paused');
    await jobs.cancel(jobId);
    expect((await tree(folder)).filter((name) => /incomplete|parts/.test(name))).toEqual([]);
  });

  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  it.runIf(isRoot)(
    'that really runs out on a small disk makes a download wait with the numbers, until there is more',
    async () => {
      const disk = await temporaryFolder();
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' });
      } catch {
        // A container without the right to mount skips this; the simulations above and in hub-faults remain.
        return;
      }
      onTestFinished(() => void execFileSync('umount', [disk]));
      // The first answers of the system are wrong, as when another program fills the disk meanwhile.
      let lie = true;
      const { statfs } = await import('node:fs/promises');
      const freeBytes = async (): Promise<number> => {
        const { bavail, bsize } = await statfs(disk);
        return lie ? 1e9 : bavail * bsize;
      };
      const openFile: typeof open = async (...args) => {
        const handle = await open(...args);
        const write = handle.write.bind(handle) as (...all: unknown[]) => Promise<{ bytesWritten: number }>;
        const heard = (...all: unknown[]) =>
          write(...all).catch((error: unknown) => {
            lie = false;
            throw error;
          });
        return Object.assign(handle, { write: heard }) as typeof handle;
      };
      const { jobs, downloads, server } = await start(
        { cacheFolder: () => disk, freeBytes, openFile, segmentBytes: 500_000 },
        {},
        { checkSpaceMs: 100 },
      );
      const { until } = watch(jobs);
      server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 6_000_000 });
      const { jobId } = await downloads.download(order, never);
      const waiting = await until(inState('waiting'));
      expect(waiting.error).toMatchObject({ code: 'disk.full' });
      expect(Number(waiting.error?.data?.['neededBytes'])).toBeGreaterThan(Number(waiting.error?.data?.['freeBytes']));
      expect(waiting.doneBytes).toBeGreaterThan(1_000_000);
      server.requests.length = 0;
      execFileSync('mount', ['-o', 'remount,size=8m', disk]);
      await until(inState('done', jobId));
      const sent = server.requests.reduce((sum, { bytesSent, level }) => sum + (level === 'cdn' ? bytesSent : 0), 0);
      expect(sent).toBeLessThanOrEqual(content.byteLength - 1_000_000);
      expect(
        (
          await readFile(join(disk, 'models--owner--Tiny-GGUF/snapshots', await server.mainCommitId(repoId), path))
        ).equals(content),
      ).toBe(true);
    },
  );
});

describe('other work', () => {
  it('is a job like the others: increasing progress, texts, log, end', async () => {
    const { jobs, store, finished } = await start();
    const { until, events } = watch(jobs);
    const gate = Promise.withResolvers<void>();
    const found: JobDetail = { code: 'files_left', count: 1 };
    const { jobId, finished: end } = jobs.run({
      kind: 'verify',
      subject: 'owner/name',
      totalBytes: 100,
      async run({ progress, detail, log }) {
        progress(60);
        progress(40);
        detail(found);
        log('looked at one file');
        await gate.promise;
        progress(200, 200);
      },
    });
    const running = await until((job) => job.doneBytes === 60 && job.detail !== null);
    expect(running).toMatchObject({
      kind: 'verify',
      subject: 'owner/name',
      totalBytes: 100,
      detail: found,
      modelId: null,
      files: [],
    });
    gate.resolve();
    await end;
    const done = await until(inState('done'));
    expect(done).toMatchObject({ id: jobId, doneBytes: 200, totalBytes: 200, detail: found });
    const bytes = events.flatMap((event) => (event.type === 'job' ? [event.job.doneBytes] : []));
    expect(bytes).toEqual([...bytes].sort((x, y) => x - y));
    expect((await jobs.log(jobId)).map((line) => line.text)).toContain('looked at one file');
    expect(finished).toEqual([]);
    await jobs.dismiss(jobId);
    expect(listJobs(store)).toEqual([]);
  });

  it('runs one after the other of a kind, and beside other kinds', async () => {
    const { jobs } = await start();
    const running: string[] = [];
    const gates = ['v1', 'v2', 'm'].map((name) => ({ name, gate: Promise.withResolvers<void>() }));
    const ends = gates.map(({ name, gate }) =>
      jobs.run({
        kind: name === 'm' ? 'move' : 'verify',
        subject: name,
        totalBytes: 0,
        run: () => {
          running.push(name);
          return gate.promise;
        },
      }),
    );
    expect(running).toEqual(['v1', 'm']);
    for (const { gate } of gates) gate.resolve();
    await Promise.all(ends.map((end) => end.finished));
    expect(running).toEqual(['v1', 'm', 'v2']);
  });

  it('fails with its error, is paused and resumed, and canceled', async () => {
    const { jobs } = await start();
    const { until } = watch(jobs);
    const broken = jobs.run({
      kind: 'backend',
      subject: 'x',
      totalBytes: 0,
      run: () => Promise.reject(new AppError('disk.denied', 'No.', { cause: 'EACCES' })),
    });
    await expect(broken.finished).rejects.toMatchObject({ code: 'disk.denied', data: { cause: 'EACCES' } });
    expect((await until(inState('failed', broken.jobId))).error).toMatchObject({ code: 'disk.denied' });

    let starts = 0;
    const patient = async ({ signal }: WorkContext): Promise<void> => {
      starts++;
      await once(signal, 'abort');
      signal.throwIfAborted();
    };
    const { jobId, finished } = jobs.run({ kind: 'move', subject: 'y', totalBytes: 10, run: patient });
    await jobs.pause(jobId);
    await until(inState('paused', jobId));
    await jobs.resume(jobId);
    expect(starts).toBe(2);
    await jobs.cancel(jobId);
    await expect(finished).rejects.toMatchObject({ code: 'cancelled' });
    await expect(jobs.pause(jobId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of an earlier process has failed, and says so', async () => {
    const { jobs, store, hub } = await start();
    const { jobId } = jobs.run({
      kind: 'move',
      subject: 'owner/name',
      totalBytes: 10,
      run: ({ signal }) => once(signal, 'abort').then(() => signal.throwIfAborted()),
    });
    await jobs.close();
    const next = startJobs(hub, store).jobs;
    onTestFinished(() => next.close());
    const { until } = watch(next);
    const left = await until(inState('failed', jobId));
    expect(left).toMatchObject({ subject: 'owner/name', error: { code: 'cancelled' } });
    await expect(next.resume(jobId)).rejects.toMatchObject({ code: 'unsupported' });
    await next.dismiss(jobId);
    expect(listJobs(store)).toEqual([]);
  });
});

describe('several processes', { timeout: 120_000 }, () => {
  const large = randomBytes(12_000_000);
  const segmentBytes = 1 << 20;
  interface Running {
    readonly child: ChildProcess;
    said: string;
    reaches(pattern: RegExp | ((said: string) => boolean)): Promise<void>;
  }

  async function run(server: TestHub, folder: string): Promise<Running> {
    const script = new URL('../../support/jobs-child.ts', import.meta.url).pathname;
    const args = [script, server.url, folder, await temporaryFolder(), repoId, path, String(segmentBytes)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const running: Running = {
      child,
      said: '',
      async reaches(pattern) {
        const passes = typeof pattern === 'function' ? pattern : (said: string) => pattern.test(said);
        await expect.poll(() => passes(running.said), { timeout: 60_000, interval: 20 }).toBe(true);
      },
    };
    child.stdout?.on('data', (part: Buffer) => (running.said += part.toString()));
    return running;
  }
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  const sent = (server: TestHub): number =>
    server.requests.reduce((sum, { level, bytesSent }) => sum + (level === 'cdn' ? bytesSent : 0), 0);
  const bytesSaid = (said: string): number => Number(said.match(/^\d+$/gm)?.at(-1) ?? 0);
  const options = { repos: [{ id: repoId, files: { [path]: large } }], bytesPerSecond: 2_500_000 };

  it('share one download', async () => {
    const { server, folder } = await setUp({}, options);
    const two = await Promise.all([run(server, folder), run(server, folder)]);
    await Promise.all(two.map((one) => one.reaches(/^done/m)));
    expect(sent(server)).toBe(large.byteLength);
    const place = join(folder, 'models--owner--Tiny-GGUF/snapshots', await server.mainCommitId(repoId), path);
    expect((await readFile(place)).equals(large)).toBe(true);
    expect((await tree(folder)).filter((name) => /incomplete|lock/.test(name))).toEqual([]);
  });

  it.each([
    ['the first moments', 1_000_000],
    ['the middle', 6_000_000],
    ['the end', 10_500_000],
  ])('killed in %s, the other takes over, and at most the tail of one part is fetched again', async (_when, bytes) => {
    const { server, folder } = await setUp({}, options);
    const first = await run(server, folder);
    await first.reaches((said) => bytesSaid(said) >= bytes / 2);
    const second = await run(server, folder);
    await first.reaches((said) => bytesSaid(said) >= bytes);
    await kill(first.child);
    await second.reaches(/^done/m);
    // Bytes that the killed process had received and not written, and those in transit, are sent twice.
    expect(sent(server)).toBeLessThan(large.byteLength + 8 * segmentBytes);
    const place = join(folder, 'models--owner--Tiny-GGUF/snapshots', await server.mainCommitId(repoId), path);
    expect((await readFile(place)).equals(large)).toBe(true);
    expect((await tree(folder)).filter((name) => /incomplete|lock/.test(name))).toEqual([]);
  });

  it('a killed download resumes from the written bytes, nearly all that it had reported', async () => {
    const { server, folder, hub } = await setUp({ segmentBytes }, options);
    const first = await run(server, folder);
    await first.reaches((said) => bytesSaid(said) >= 8_000_000);
    await kill(first.child);
    const said = bytesSaid(first.said);
    const [file] = await hub.resolve(repoId, path, 'main', never);
    if (!file) throw new Error('nothing to fetch');
    const { bytes } = await hub.localBytes(folder, file);
    // Written once for all connections together, and at most one segment is lost; the smallest is 8 MiB.
    expect(said - bytes).toBeLessThan(5_000_000);
    server.requests.length = 0;
    await hub.fetchFile(file, { folder, ref: 'main', signal: never, onProgress: () => {} });
    expect(sent(server)).toBe(large.byteLength - bytes);
  });
});

it('a missing folder is a clear error, and the download can continue in another one', async () => {
  let folder = await temporaryFolder();
  const gone = folder;
  const { jobs, downloads } = await start({ cacheFolder: () => folder });
  await rm(gone, { recursive: true });
  await writeFile(gone, 'a file in its place');
  const { until } = watch(jobs);
  const { jobId } = await downloads.download(order, never);
  expect((await until(inState('failed'))).error).toMatchObject({ code: 'disk.denied' });
  folder = await temporaryFolder();
  await jobs.resume(jobId);
  await until(inState('done'));
});
