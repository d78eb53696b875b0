/** The queue alone, over a real store, with work of any kind. */
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TransferContext, WorkOrder } from '../../../main/base/work.ts';
import { createJobs, type Jobs, type JobsOptions, type Resumers } from '../../../main/jobs/jobs.ts';
import { listJobs, putJob } from '../../../main/store/jobs.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { fillDisk } from '../../support/full-disk.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { inState, migrations, rows, watch } from '../../support/jobs-setup.ts';

async function setUp(
  options: Partial<JobsOptions> = {},
  resumers: Resumers = {},
): Promise<{ jobs: Jobs; store: Store }> {
  const store = openStore(await temporaryFolder(), migrations);
  const jobs = createJobs({ store, ...options });
  jobs.start(resumers);
  onTestFinished(async () => {
    await jobs.close();
    store.close();
  });
  return { jobs, store };
}

/** Work that continues until it is stopped. */
async function patient({ signal }: TransferContext): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}
const order = (changes: Partial<WorkOrder> = {}): WorkOrder => ({
  ...{ kind: 'verify', subject: null, totalBytes: 0, run: patient },
  ...changes,
});

describe('resume', () => {
  it('during a running pause runs the work again', async () => {
    const { jobs } = await setUp();
    let starts = 0;
    const run = (context: TransferContext): Promise<void> => (starts++, patient(context));
    const { jobId } = jobs.run(order({ run }));
    const paused = jobs.pause(jobId);
    await jobs.resume(jobId);
    await paused;
    expect(starts).toBe(2);
    await watch(jobs).until(inState('running', jobId));
  });
});

/** Work that can be brought back, and that takes until `stopped` to stop; with the number of its runs. */
function slowToStop() {
  const { promise: stopped, resolve: letStop } = Promise.withResolvers<void>();
  const runs = { begun: 0, atWork: 0 };
  const work = order({
    canBringBack: true,
    slots: () => 2,
    async run(context) {
      runs.begun++;
      runs.atWork++;
      await patient(context).catch(() => {});
      await stopped;
      runs.atWork--;
      context.signal.throwIfAborted();
    },
  });
  return { work, runs, letStop };
}

describe('work that is ordered again', () => {
  it('while it is hidden runs, also where it was paused or had failed', async () => {
    const { jobs } = await setUp();
    const failing = order({ canBringBack: true, run: () => Promise.reject(new AppError('disk.denied', 'No.')) });
    const { work, letStop } = slowToStop();
    letStop();
    const { jobId } = jobs.run(work);
    await jobs.pause(jobId);
    await jobs.cancelLater(jobId);
    expect(jobs.requeue(jobId)).toBe(true);
    expect(jobs.stateOf(jobId)).toBe('running');

    const failed = jobs.run({ ...failing, slots: () => 2 });
    await expect(failed.finished).rejects.toMatchObject({ code: 'disk.denied' });
    await jobs.dismiss(failed.jobId);
    expect(jobs.stateOf(failed.jobId)).toBe('cancelled');
    jobs.requeue(failed.jobId);
    expect(jobs.stateOf(failed.jobId)).toBe('running');
  });

  it('while its pause is in progress runs when it has stopped', async () => {
    const { jobs } = await setUp();
    const { work, runs, letStop } = slowToStop();
    const { jobId } = jobs.run(work);
    const paused = jobs.pause(jobId);
    await expect.poll(() => jobs.stateOf(jobId)).toBe('running');
    expect(jobs.requeue(jobId)).toBe(true);
    letStop();
    await paused;
    await expect.poll(() => [runs.begun, runs.atWork]).toEqual([2, 1]);
  });
});

describe('the last word on a job that still stops', () => {
  it.each([
    ['a cancel after an undo', (jobs: Jobs, id: string) => jobs.cancelLater(id), 'cancelled'],
    ['a pause after an undo', (jobs: Jobs, id: string) => jobs.pause(id), 'paused'],
  ] as const)('is %s', async (_what, stopAgain, state) => {
    const { jobs } = await setUp({ undoMs: 3_600_000 });
    const { work, runs, letStop } = slowToStop();
    const { jobId } = jobs.run(work);
    await jobs.cancelLater(jobId);
    expect(jobs.undoCancel(jobId)).toBe(true);
    const stopped = stopAgain(jobs, jobId);
    letStop();
    await stopped;
    await expect.poll(() => runs.atWork).toBe(0);
    // Jobs start in order: one that were to go on would have begun before this one has ended.
    await jobs.run(order({ slots: () => 2, run: () => Promise.resolve() })).finished;
    expect([runs.begun, jobs.stateOf(jobId)]).toEqual([1, state]);
    if (state === 'cancelled') expect(jobs.undoCancel(jobId)).toBe(true);
    else await jobs.resume(jobId);
    await expect.poll(() => runs.begun).toBe(2);
  });
});

describe('work that waits for disk space', () => {
  it('stays paused when there is space again', async () => {
    const { jobs } = await setUp({ checkSpaceMs: 5 });
    const full = new AppError('disk.full', 'No room.', { neededBytes: 10, freeBytes: 1 });
    let hasRoom = false;
    const make = (): WorkOrder => {
      let runs = 0;
      return order({
        slots: () => 2,
        run: () => (runs++ === 0 ? Promise.reject(full) : Promise.resolve()),
        checkSpace: () => (hasRoom ? Promise.resolve() : Promise.reject(full)),
      });
    };
    const { until } = watch(jobs);
    const [first, second] = [jobs.run(make()).jobId, jobs.run(make()).jobId];
    await until(inState('waiting', first));
    await until(inState('waiting', second));
    await jobs.pause(first);
    hasRoom = true;
    // Both were checked in this order: the second would have had to wait behind the first.
    await until(inState('done', second));
    expect((await watch(jobs).until((job) => job.id === first)).state).toBe('paused');
    await jobs.resume(first);
    await until(inState('done', first));
  });

  it('fails with disk.full when its order finds no space', async () => {
    const { jobs } = await setUp();
    const run = (): Promise<void> => Promise.reject(new AppError('disk.full', 'No room.'));
    await expect(jobs.run(order({ run })).finished).rejects.toMatchObject({ code: 'disk.full' });
  });
});

describe('an order', () => {
  it('is told every state of its job, and its end', async () => {
    const { jobs } = await setUp();
    const heard: (string | null)[] = [];
    const onState: WorkOrder['onState'] = (job) => void heard.push(job?.state ?? null);
    const { jobId } = jobs.run(order({ onState }));
    await jobs.pause(jobId);
    await jobs.cancel(jobId);
    expect(heard).toEqual(['queued', 'running', 'paused', null]);
  });

  it('with nothing left to do is done at once', async () => {
    const { jobs } = await setUp();
    const { jobId, finished } = jobs.run(order({ isDone: true, run: () => Promise.reject(new Error('not needed')) }));
    await finished;
    await watch(jobs).until(inState('done', jobId));
  });

  it('is waited for while it cleans up, and the job stays when it cannot', async () => {
    const { jobs, store } = await setUp();
    let denied = true;
    const discard = async (): Promise<void> => {
      if (denied) throw new AppError('disk.denied', 'No.');
    };
    const { jobId } = jobs.run(order({ slots: () => 2, discard }));
    await expect(jobs.cancel(jobId)).rejects.toMatchObject({ code: 'disk.denied' });
    expect(rows(store)).toEqual(['paused']);
    denied = false;
    await jobs.cancel(jobId);
    expect(rows(store)).toEqual([]);
  });

  it('does not block another one that starts while it is removed', async () => {
    const { jobs } = await setUp();
    const [gate, discarding] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const discard = (): Promise<void> => (discarding.resolve(), gate.promise);
    // Before the close of the queue, which waits for it.
    onTestFinished(() => gate.resolve());
    const { jobId } = jobs.run(order({ discard }));
    const canceling = jobs.cancel(jobId);
    await discarding.promise;
    expect(jobs.requeue(jobId)).toBe(false);
    gate.resolve();
    await canceling;
    expect(() => jobs.requeue(jobId)).toThrow('There is no such job.');
  });
});

describe('a restart', () => {
  it('continues orders that ask for it, with their data', async () => {
    const { jobs, store } = await setUp();
    const first = jobs.run(order({ kind: 'move', startsAgain: true, data: () => ({ to: '/new' }) }));
    await jobs.close();
    const asked: unknown[] = [];
    const next = createJobs({ store });
    onTestFinished(() => next.close());
    next.start({
      move: (data) => (asked.push(data), order({ kind: 'move', startsAgain: true })),
    });
    await watch(next).until(inState('running', first.jobId));
    expect(asked).toEqual([{ to: '/new' }]);
  });
});

describe('a job that cannot be restored', () => {
  const left = { state: 'running', error: null, position: 1, createdAt: 1, updatedAt: 1 } as const;
  const spec = { subject: 's', totalBytes: 9, doneBytes: 4, data: { to: '/new' } };
  const breaks = (): never => {
    throw new Error('a defect');
  };

  it.for<[string, Partial<WorkOrder>]>([
    ['its order cannot show itself', { view: breaks }],
    ['its order cannot be prepared', { prepare: breaks }],
    ['its order cannot be prepared after all', { prepare: () => Promise.reject(new Error('a defect')) }],
  ])('is shown as failed and keeps its row when %s, and the others are brought back', async ([, broken]) => {
    const store = openStore(await temporaryFolder(), migrations);
    putJob(store, { ...left, id: 'broken', kind: 'move', spec });
    putJob(store, { ...left, id: 'whole', kind: 'verify', position: 2, spec });
    const row = listJobs(store)[0];
    const defects: unknown[] = [];
    const states: (string | null)[] = [];
    const jobs = createJobs({ store, onDefect: (error) => defects.push(error) });
    onTestFinished(async () => {
      await jobs.close();
      store.close();
    });
    jobs.start({
      move: () => order({ kind: 'move', ...broken, onState: (job) => void states.push(job?.state ?? null) }),
      verify: () => order({ startsAgain: true }),
    });
    const { until } = watch(jobs);
    expect(await until(inState('failed', 'broken'))).toMatchObject({ error: { code: 'internal' } });
    await until(inState('running', 'whole'));
    expect(defects).toEqual([new Error('a defect')]);
    // Its order is not asked again.
    expect(states.at(-1) ?? null).toBeNull();
    await jobs.reorder('broken', null);
    expect(listJobs(store).find(({ id }) => id === 'broken')).toEqual(row);
    await jobs.dismiss('broken');
    expect(listJobs(store).map(({ id }) => id)).toEqual(['whole']);
  });

  it('does not block the others, even when nothing can be read', async () => {
    const store = openStore(await temporaryFolder(), migrations);
    const defects: unknown[] = [];
    const jobs = createJobs({ store, onDefect: (error) => defects.push(error) });
    store.close();
    jobs.start({});
    await expect(jobs.pause('x')).rejects.toMatchObject({ code: 'not_found' });
    expect(defects).toHaveLength(1);
    await jobs.close();
  });

  it('is restored although its order throws in a callback', async () => {
    const store = openStore(await temporaryFolder(), migrations);
    putJob(store, { ...left, id: 'a', kind: 'move', spec });
    const defects: unknown[] = [];
    const jobs = createJobs({ store, onDefect: (error) => defects.push(error) });
    onTestFinished(async () => {
      await jobs.close();
      store.close();
    });
    jobs.start({ move: () => order({ kind: 'move', onState: breaks }) });
    await watch(jobs).until(inState('paused', 'a'));
    await jobs.resume('a');
    await watch(jobs).until(inState('running', 'a'));
    await jobs.pause('a');
    expect(jobs.stateOf('a')).toBe('paused');
    expect(defects.length).toBeGreaterThanOrEqual(3);
  });
});

describe('a phase', () => {
  it('is passed to the order and stored, and ignored after the run', async () => {
    const { jobs, store } = await setUp();
    const contexts: TransferContext[] = [];
    const states: (string | undefined)[] = [];
    const { jobId } = jobs.run(
      order({
        async run(context) {
          contexts.push(context);
          context.phase('verifying');
          await patient(context);
        },
        onState: (job) => void states.push(job?.state),
      }),
    );
    const { until } = watch(jobs);
    await until(inState('verifying'));
    expect(rows(store)).toEqual(['verifying']);
    expect(states).toEqual(['queued', 'running', 'verifying']);
    await jobs.pause(jobId);
    contexts[0]?.phase('running');
    expect(jobs.stateOf(jobId)).toBe('paused');
    await jobs.resume(jobId);
    expect(contexts).toHaveLength(2);
    contexts[0]?.phase('running');
    expect(jobs.stateOf(jobId)).toBe('verifying');
    await jobs.cancel(jobId);
    expect(rows(store)).toEqual([]);
  });
});

describe('a full disk', () => {
  it('refuses new work with disk.full, and stops no pause and no cancel of what runs', async () => {
    const { jobs, store } = await setUp();
    let left = true;
    const discard = (): void => void (left = false);
    const { jobId } = jobs.run(order({ discard }));
    const free = fillDisk(store);
    const large = 'x'.repeat(100_000);
    expect(() => jobs.run(order({ data: () => large }))).toThrow(
      expect.objectContaining({ code: 'disk.full' }) as Error,
    );
    await jobs.pause(jobId);
    expect((await watch(jobs).until((job) => job.id === jobId)).state).toBe('paused');
    free();
    await jobs.cancel(jobId);
    expect(left).toBe(false);
    expect(listJobs(store)).toEqual([]);
  });
});
