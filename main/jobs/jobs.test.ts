/** The queue over a real store, with work and a clock of the test. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { fillDisk } from '../../test/support/full-disk.ts';
import { diskFull, order, pass, patient, timedJobs } from '../../test/support/timed-jobs.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { TransferContext, WorkOrder } from '../base/work.ts';
import { listJobs, putJob } from '../store/jobs.ts';

const queue = timedJobs();

describe('a pause', () => {
  it('during a pause ends with the same stop, and both have waited for it', async () => {
    const stopping = queue.gate();
    let runs = 0;
    const { jobId } = queue.jobs.run(
      order({
        async run(context) {
          runs++;
          await patient(context).finally(() => stopping.opened);
        },
      }),
    );
    await pass();
    const ended: string[] = [];
    const first = queue.jobs.pause(jobId).then(() => ended.push('first'));
    const second = queue.jobs.pause(jobId).then(() => ended.push('second'));
    await pass();
    expect([ended, queue.jobs.stateOf(jobId)]).toEqual([[], 'running']);
    stopping.open();
    await Promise.all([first, second]);
    expect([queue.jobs.stateOf(jobId), runs]).toEqual(['paused', 1]);
    // And of one that is paused changes nothing.
    await queue.jobs.pause(jobId);
    expect([queue.jobs.stateOf(jobId), queue.stored()]).toEqual(['paused', ['paused']]);
  });

  it('of a queued job leaves the running one alone, and the next of the queue takes its turn', async () => {
    const started: string[] = [];
    const run = (name: string) => (context: TransferContext) => (started.push(name), patient(context));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => queue.jobs.run(order({ run: run(name) })).jobId);
    await queue.jobs.pause(b ?? '');
    await queue.jobs.pause(a ?? '');
    expect(started).toEqual(['a', 'c']);
    await queue.jobs.resume(a ?? '');
    await queue.jobs.resume(b ?? '');
    await queue.jobs.pause(c ?? '');
    expect(started).toEqual(['a', 'c', 'a']);
  });
});

describe('work that runs', () => {
  it.each(['running', 'verifying'] as const)('and is %s is not started a second time by a requeue', async (phase) => {
    let runs = 0;
    const { jobId } = queue.jobs.run(
      order({
        slots: () => 2,
        async run(context) {
          runs++;
          context.phase(phase);
          await patient(context);
        },
      }),
    );
    expect(queue.jobs.requeue(jobId)).toBe(true);
    await queue.jobs.resume(jobId);
    await pass(1000);
    expect([queue.jobs.stateOf(jobId), runs, queue.stored()]).toEqual([phase, 1, [phase]]);
  });

  it('frees its place for the next one as it ends, well or not', async () => {
    const ends = [queue.gate(), queue.gate()];
    const started: number[] = [];
    const run = (index: number) => async () => {
      started.push(index);
      await ends[index]?.opened;
      if (index === 0) throw new AppError('disk.denied', 'No.');
    };
    for (const index of [0, 1, 2]) queue.jobs.run(order({ run: run(index) }));
    expect(started).toEqual([0]);
    ends[0]?.open();
    await pass();
    expect(started).toEqual([0, 1]);
    ends[1]?.open();
    await pass();
    expect([started, queue.stored()]).toEqual([
      [0, 1, 2],
      ['failed', 'done', 'done'],
    ]);
  });

  it('that fails in any way when it is stopped was stopped, and did not fail', async () => {
    const run = async ({ signal }: TransferContext): Promise<void> => {
      await once(signal, 'abort');
      throw new AppError('hub.bad_response', 'The connection was cut.');
    };
    const { jobId } = queue.jobs.run(order({ run }));
    await queue.jobs.pause(jobId);
    expect([queue.jobs.stateOf(jobId), queue.stored()]).toEqual(['paused', ['paused']]);
  });

  it('that is done when it is stopped is done, and its files stay', async () => {
    let discarded = 0;
    const run = async ({ signal }: TransferContext): Promise<void> => void (await once(signal, 'abort'));
    const discard = (): void => void discarded++;
    const { jobId, finished } = queue.jobs.run(order({ run, discard }));
    await queue.jobs.cancel(jobId);
    await finished;
    expect([discarded, queue.stored()]).toEqual([0, []]);
    const again = queue.jobs.run(order({ run, discard })).jobId;
    await queue.jobs.pause(again);
    await queue.jobs.resume(again);
    expect(queue.jobs.stateOf(again)).toBe('done');
  });

  it('shows no speed once it stands, and none but its last progress', async () => {
    const { latest } = queue.watch();
    const { jobId } = queue.jobs.run(
      order({
        totalBytes: 1000,
        async run(context) {
          for (let bytes = 100; bytes <= 500; bytes += 100) {
            context.progress(bytes);
            await new Promise((resolve) => setTimeout(resolve, 200));
          }
          await patient(context);
        },
      }),
    );
    await pass(1000);
    const running = latest(jobId);
    expect(running).toMatchObject({ state: 'running', doneBytes: 500 });
    expect(running?.bytesPerSecond).toBeGreaterThan(0);
    await queue.jobs.pause(jobId);
    await pass();
    expect(latest(jobId)).toMatchObject({ state: 'paused', doneBytes: 500, bytesPerSecond: 0, secondsLeft: null });
  });
});

describe('a job that waits for room', () => {
  it('is looked at again at once where the disk is full, and after a minute where the system says that it is not', async () => {
    const looks: Record<string, number> = { disk: 0, quota: 0, exact: 0 };
    const waiting = (name: string, error: AppError): WorkOrder =>
      order({
        slots: () => 9,
        run: () => Promise.reject(error),
        checkSpace: async () => {
          looks[name] = (looks[name] ?? 0) + 1;
          throw diskFull(10, 1);
        },
      });
    queue.jobs.run(waiting('disk', diskFull(10, 1)));
    queue.jobs.run(waiting('quota', diskFull(10, 99)));
    queue.jobs.run(waiting('exact', diskFull(10, 10)));
    await pass(30_000);
    expect(looks).toEqual({ disk: 30, quota: 0, exact: 0 });
    await pass(32_000);
    expect(looks['quota']).toBeGreaterThan(0);
    expect(looks['exact']).toBeGreaterThan(0);
  });

  it('starts alone: the next one is looked at when its bytes are reserved', async () => {
    let freeBytes = 1;
    let reservedBytes = 0;
    const started: string[] = [];
    const make = (name: string): WorkOrder => {
      let runs = 0;
      const checkSpace = async (): Promise<void> => {
        await Promise.resolve();
        if (freeBytes - reservedBytes < 10) throw diskFull(10, freeBytes - reservedBytes);
      };
      return order({
        slots: () => 9,
        checkSpace,
        async run(context) {
          if (runs++ === 0) throw diskFull(10, 1);
          started.push(name);
          // A download first asks the Hub what it is about to write.
          await new Promise((resolve) => setTimeout(resolve, 500));
          reservedBytes += 10;
          await patient(context);
        },
      });
    };
    const { latest } = queue.watch();
    const ids = ['a', 'b'].map((name) => queue.jobs.run(make(name)).jobId);
    await pass(1000);
    // What is free now is shown.
    freeBytes = 5;
    await pass(1000);
    expect(latest(ids[0] ?? '')).toMatchObject({ state: 'waiting', error: { data: { freeBytes: 5 } } });
    freeBytes = 15;
    await pass(10_000);
    expect([started, queue.stored()]).toEqual([['a'], ['running', 'waiting']]);
    freeBytes = 25;
    await pass(10_000);
    expect(started).toEqual(['a', 'b']);
  });

  it('is not queued again while it is being removed', async () => {
    const looking = queue.gate();
    const discarding = queue.gate();
    const { jobId } = queue.jobs.run(
      order({
        run: () => Promise.reject(diskFull(10, 1)),
        checkSpace: () => looking.opened,
        discard: () => discarding.opened,
      }),
    );
    await pass(1000);
    const removed = queue.jobs.cancel(jobId);
    await pass();
    looking.open();
    await pass(5000);
    expect([queue.jobs.stateOf(jobId), queue.stored()]).toEqual(['waiting', ['waiting']]);
    discarding.open();
    await removed;
    expect(queue.stored()).toEqual([]);
  });

  it.each([
    ['paused', (jobId: string) => queue.jobs.pause(jobId)],
    ['cancelled', (jobId: string) => queue.jobs.cancelLater(jobId)],
    ['removed', (jobId: string) => queue.jobs.cancel(jobId)],
  ] as const)('does not start when it is %s while the disk is looked at', async (state, act) => {
    const looking = queue.gate();
    let runs = 0;
    let looks = 0;
    const { jobId } = queue.jobs.run(
      order({
        canBringBack: true,
        run: () => (runs++, Promise.reject(diskFull(10, 1))),
        checkSpace: () => (looks++, looking.opened),
      }),
    );
    await pass(1000);
    expect(looks).toBe(1);
    await act(jobId);
    looking.open();
    await pass(5000);
    expect([runs, looks]).toEqual([1, 1]);
    if (state === 'removed') expect(queue.stored()).toEqual([]);
    else expect([queue.jobs.stateOf(jobId), queue.stored()]).toEqual([state, ['paused']]);
  });
});

describe('an order on a full disk', () => {
  it('that is refused leaves no job behind, and its number to the next one', async () => {
    const free = fillDisk(queue.store);
    expect(() => queue.jobs.run(order({ data: () => 'x'.repeat(100_000) }))).toThrow(
      expect.objectContaining({ code: 'disk.full' }),
    );
    const { events } = queue.watch();
    await pass();
    expect(events).toMatchObject([{ type: 'snapshot', jobs: [] }]);
    free();
  });
});

describe('the order of jobs', () => {
  it('is that in which they came, also after some of them are gone and over a restart', async () => {
    const named = (subject: string): WorkOrder => order({ subject, startsAgain: true, data: () => subject });
    const ids = ['a', 'b', 'c'].map((subject) => queue.jobs.run(named(subject)).jobId);
    await queue.jobs.cancel(ids[0] ?? '');
    await queue.jobs.cancel(ids[1] ?? '');
    queue.jobs.run(named('d'));
    queue.jobs.run(named('e'));
    const subjects = (): unknown[] => listJobs(queue.store).map(({ spec }) => (spec as { subject: string }).subject);
    expect(subjects()).toEqual(['c', 'd', 'e']);
    await queue.jobs.reorder(ids[2] ?? '', null);
    expect(subjects()).toEqual(['d', 'e', 'c']);
    // Before itself is where it is.
    await queue.jobs.reorder(ids[2] ?? '', ids[2] ?? '');
    expect(subjects()).toEqual(['d', 'e', 'c']);
    const started: unknown[] = [];
    const resume = (subject: unknown): WorkOrder =>
      order({ startsAgain: true, run: (context) => (started.push(subject), patient(context)) });
    await queue.restart({ verify: resume });
    await pass();
    expect(started).toEqual(['d']);
  });

  it('of two that have one place is that of their age', async () => {
    const row = { state: 'queued', error: null, position: 1, updatedAt: 1, kind: 'verify' } as const;
    for (const [id, createdAt] of [
      ['young', 2],
      ['old', 1],
    ] as const)
      putJob(queue.store, { ...row, id, createdAt, spec: { subject: id, totalBytes: 0, doneBytes: 0, data: id } });
    const started: unknown[] = [];
    await queue.restart({
      verify: (id) => order({ startsAgain: true, run: (context) => (started.push(id), patient(context)) }),
    });
    await pass();
    expect(started).toEqual(['old']);
  });
});

describe('the end of the process', () => {
  it('starts nothing more, and leaves for the next start what starts again by itself', async () => {
    const started: string[] = [];
    const make = (name: string, startsAgain: boolean, kind: 'verify' | 'move' = 'verify'): WorkOrder =>
      order({ kind, startsAgain, run: (context) => (started.push(name), patient(context)) });
    queue.jobs.run(make('a', true));
    queue.jobs.run(make('b', true));
    queue.jobs.run(make('c', false, 'move'));
    queue.jobs.run(make('d', false, 'move'));
    const pausedId = queue.jobs.run(make('e', true)).jobId;
    await queue.jobs.pause(pausedId);
    await queue.jobs.close();
    expect(started).toEqual(['a', 'c']);
    expect(queue.stored()).toEqual(['queued', 'queued', 'paused', 'paused', 'paused']);
    expect(() => queue.jobs.run(order())).toThrow(expect.objectContaining({ code: 'cancelled' }));
    expect(listJobs(queue.store)).toHaveLength(5);
  });

  it('waits for work that stops and for what is being removed', async () => {
    const [stopping, discarding] = [queue.gate(), queue.gate()];
    queue.jobs.run(order({ run: (context) => patient(context).finally(() => stopping.opened) }));
    const removed = queue.jobs.run(order({ kind: 'move', discard: () => discarding.opened }));
    await pass();
    const cancelled = queue.jobs.cancel(removed.jobId);
    let isClosed = false;
    const closed = queue.jobs.close().then(() => (isClosed = true));
    await pass(1000);
    stopping.open();
    await pass(1000);
    expect(isClosed).toBe(false);
    discarding.open();
    await Promise.all([closed, cancelled]);
    expect(listJobs(queue.store)).toHaveLength(1);
  });

  it('ends the watches', async () => {
    const events = queue.jobs.watch(new AbortController().signal);
    await events.next();
    const end = events.next();
    await queue.jobs.close();
    expect((await end).done).toBe(true);
  });
});

it('a start waits until what earlier runs left is measured, and so does every call', async () => {
  const row = {
    state: 'paused',
    error: null,
    position: 1,
    createdAt: 1,
    updatedAt: 1,
    kind: 'verify',
    id: 'a',
  } as const;
  putJob(queue.store, { ...row, spec: { subject: 'a', totalBytes: 10, doneBytes: 0, data: null } });
  const measuring = queue.gate();
  await queue.restart({ verify: () => order({ prepare: () => measuring.opened }) });
  const { events } = queue.watch();
  let isPaused = false;
  const paused = queue.jobs.pause('a').then(() => (isPaused = true));
  await pass(1000);
  expect([events, isPaused]).toEqual([[], false]);
  measuring.open();
  await paused;
  await pass();
  expect(events).toMatchObject([{ type: 'snapshot', jobs: [{ id: 'a' }] }]);
});
