/** The moment in which a cancelled download can be brought back. */
import { describe, expect, it } from 'vitest';
import { content, never, path, repoId, sha256, tree } from '../../support/hub-setup.ts';
import { inState, rows, start, watch } from '../../support/jobs-setup.ts';

const order = { repoId, path, revision: 'main' };
/** Longer than any test. */
const LONG_MS = 3_600_000;

/** A download that has received at least a megabyte, and stalls. */
async function stalled(undoMs: number) {
  const around = await start({}, {}, { undoMs });
  around.server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_200_000 });
  const seen = watch(around.jobs);
  const { jobId } = await around.downloads.download(order, never);
  await seen.until((job) => job.doneBytes >= 1_000_000);
  const partial = async (): Promise<string[]> =>
    (await tree(around.folder)).filter((name) => name.endsWith('.incomplete'));
  return { ...around, ...seen, jobId, partial };
}

describe('a cancel', () => {
  it('hides the download and keeps its bytes; undone, it goes on with them', async () => {
    const { jobs, server, folder, jobId, partial, until, events } = await stalled(LONG_MS);
    expect(await jobs.cancelLater(jobId)).toEqual({ undoMs: LONG_MS });
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'removed', jobId });
    expect(await partial()).toHaveLength(1);
    await expect(jobs.pause(jobId)).rejects.toMatchObject({ code: 'not_found' });

    server.clearFaults();
    server.requests.length = 0;
    expect(jobs.undoCancel(jobId)).toBe(true);
    await until(inState('done', jobId));
    expect(await tree(folder)).toContainEqual(expect.stringContaining(sha256));
    // What was received is not requested again.
    const sent = server.requests
      .filter(({ level }) => level === 'cdn')
      .reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThanOrEqual(content.byteLength - 1_000_000);
  });

  it('removes the bytes when the time is over, and undo says that it is too late', async () => {
    const { jobs, store, jobId, partial } = await stalled(1);
    await jobs.cancelLater(jobId);
    await expect.poll(partial).toEqual([]);
    await expect.poll(() => rows(store)).toEqual([]);
    expect(jobs.undoCancel(jobId)).toBe(false);
  });

  it('is undone by downloading the same file again', async () => {
    const { jobs, downloads, server, jobId, until } = await stalled(LONG_MS);
    await jobs.cancelLater(jobId);
    expect(downloads.isFetching(repoId)).toBe(false);
    server.clearFaults();
    expect(await downloads.download(order, never)).toEqual({ jobId });
    await until(inState('done', jobId));
    expect(jobs.undoCancel(jobId)).toBe(false);
  });

  it('leaves a paused download paused when it is undone', async () => {
    const { jobs, jobId, until, events } = await stalled(LONG_MS);
    await jobs.pause(jobId);
    await until(inState('paused', jobId));
    await jobs.cancelLater(jobId);
    await expect.poll(() => events.at(-1)?.type).toBe('removed');
    jobs.undoCancel(jobId);
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'job', job: { id: jobId, state: 'paused' } });
  });

  it('is carried out when Hearth closes', async () => {
    const { jobs, store, jobId, partial } = await stalled(LONG_MS);
    await jobs.cancelLater(jobId);
    await jobs.close();
    expect(await partial()).toEqual([]);
    expect(rows(store)).toEqual([]);
  });

  it('of a failed download that is dismissed can be undone as well', async () => {
    const { jobs, downloads, server, jobId, until, partial } = await stalled(LONG_MS);
    await jobs.pause(jobId);
    server.clearFaults();
    server.setFault({ at: 'resolve', kind: 'status', status: 401 });
    await jobs.resume(jobId);
    await until(inState('failed', jobId));
    await jobs.dismiss(jobId);
    expect(await partial()).toHaveLength(1);
    expect(downloads.isFetching(repoId)).toBe(false);
    server.clearFaults();
    jobs.undoCancel(jobId);
    await jobs.resume(jobId);
    await until(inState('done', jobId));
  });
});
