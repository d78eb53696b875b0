import { describe, expect, it } from 'vitest';
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { createJobFeed, type JobFeed } from './job-feed.ts';

const job = (id: string, doneBytes = 0): Job => ({
  ...{ id, kind: 'verify', subject: null, repoId: '', revision: '', files: [], state: 'running', doneBytes },
  ...{ totalBytes: 10, segments: [], detail: null, bytesPerSecond: 0, secondsLeft: null, error: null, modelId: null },
  createdAt: 1,
});

/** A feed of the jobs `a` and `b`, and its reader. */
function start(): { feed: JobFeed; next: () => Promise<JobsEvent> } {
  const jobs = new Map(['a', 'b'].map((id) => [id, job(id)]));
  const feed = createJobFeed({ list: () => [...jobs.values()], find: (id) => jobs.get(id) ?? null });
  const events = feed.watch(new AbortController().signal);
  return { feed, next: async () => (await events.next()).value as JobsEvent };
}

it('gives a snapshot, then the latest of what changed, and a new snapshot for a new order', async () => {
  const jobs = new Map([['a', job('a')]]);
  const feed = createJobFeed({ list: () => [...jobs.values()], find: (id) => jobs.get(id) ?? null });
  const end = new AbortController();
  const events = feed.watch(end.signal);
  const next = async (): Promise<JobsEvent> => (await events.next()).value as JobsEvent;
  expect(await next()).toEqual({ type: 'snapshot', revision: 1, jobs: [job('a')] });

  jobs.set('a', job('a', 3));
  feed.changed('a');
  jobs.set('a', job('a', 7));
  feed.changed('a');
  expect(await next()).toEqual({ type: 'job', revision: 2, job: job('a', 7) });

  jobs.delete('a');
  feed.changed('a');
  expect(await next()).toEqual({ type: 'removed', revision: 3, jobId: 'a' });

  jobs.set('b', job('b'));
  feed.reordered();
  expect(await next()).toMatchObject({ type: 'snapshot', revision: 4, jobs: [{ id: 'b' }] });

  const last = events.next();
  feed.close();
  expect(await last).toEqual({ done: true, value: undefined });
});

describe('a reader that is slow', () => {
  it('gets a new order as the snapshot alone, which has the changes before it', async () => {
    const { feed, next } = start();
    await next();
    feed.changed('a');
    feed.reordered();
    feed.changed('b');
    expect(await next()).toMatchObject({ type: 'snapshot', jobs: [{ id: 'a' }, { id: 'b' }] });
    feed.changed('c');
    expect(await next()).toMatchObject({ type: 'removed', jobId: 'c' });
  });

  it('gets also what changes while it reads the changes before', async () => {
    const { feed, next } = start();
    await next();
    feed.changed('a');
    feed.changed('b');
    expect(await next()).toMatchObject({ type: 'job', job: { id: 'a' } });
    feed.changed('a');
    expect(await next()).toMatchObject({ type: 'job', job: { id: 'b' } });
    feed.changed('c');
    expect(await next()).toMatchObject({ type: 'job', job: { id: 'a' } });
  });
});
