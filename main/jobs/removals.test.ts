/** How jobs are cancelled, brought back and removed, over a real store, with work and a clock of the test. */
import { describe, expect, it } from 'vitest';
import { diskFull, order, pass, patient, timedJobs } from '../../test/support/timed-jobs.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { WorkOrder } from '../base/work.ts';

const queue = timedJobs();

describe('a cancel with undo', () => {
  const later = (changes: Partial<WorkOrder> = {}): WorkOrder => order({ canBringBack: true, ...changes });

  it('has one time, however often it is asked for, and ends with it', async () => {
    let discarded = 0;
    const { jobId, finished } = queue.jobs.run(later({ discard: () => void discarded++ }));
    const { latest } = queue.watch();
    await pass();
    expect(await queue.jobs.cancelLater(jobId)).toEqual({ undoMs: 10_000 });
    await pass(6000);
    await expect(queue.jobs.cancelLater(jobId)).rejects.toMatchObject({ code: 'not_found' });
    expect([queue.jobs.stateOf(jobId), latest(jobId), discarded]).toEqual(['cancelled', null, 0]);
    await pass(4000);
    await expect(finished).rejects.toMatchObject({ code: 'cancelled' });
    expect([discarded, queue.stored(), queue.jobs.undoCancel(jobId)]).toEqual([1, [], false]);
  });

  it('undone while the work still stops, starts it once, when it has stopped', async () => {
    const stopping = queue.gate();
    let runs = 0;
    const { jobId } = queue.jobs.run(
      later({
        slots: () => 2,
        async run(context) {
          if (++runs === 1) await patient(context).finally(() => stopping.opened);
          else await patient(context);
        },
      }),
    );
    await queue.jobs.cancelLater(jobId);
    expect(queue.jobs.undoCancel(jobId)).toBe(true);
    await pass(1000);
    expect(runs).toBe(1);
    stopping.open();
    await pass(20_000);
    expect([runs, queue.jobs.stateOf(jobId)]).toEqual([2, 'running']);
  });

  it('undone, leaves a job paused that was cancelled while it still stopped', async () => {
    const stopping = queue.gate();
    let runs = 0;
    const { jobId } = queue.jobs.run(
      later({
        async run(context) {
          runs++;
          await patient(context).finally(() => stopping.opened);
        },
      }),
    );
    await pass();
    const paused = queue.jobs.pause(jobId);
    await queue.jobs.cancelLater(jobId);
    stopping.open();
    await paused;
    expect(queue.jobs.undoCancel(jobId)).toBe(true);
    await pass(20_000);
    expect([runs, queue.jobs.stateOf(jobId)]).toEqual([1, 'paused']);
  });

  it.each(['queued', 'waiting', 'paused', 'failed'] as const)('undone, leaves a %s job as it was', async (state) => {
    const holds = queue.jobs.run(order()).jobId;
    let runs = 0;
    const run = (): Promise<void> => {
      runs++;
      return Promise.reject(state === 'waiting' ? diskFull(10, 1) : new AppError('disk.denied', 'No.'));
    };
    const checkSpace = (): Promise<void> => Promise.reject(diskFull(10, 1));
    const { jobId } = queue.jobs.run(
      later({ slots: () => (state === 'queued' || state === 'paused' ? 1 : 2), run, checkSpace }),
    );
    await pass();
    if (state === 'paused') await queue.jobs.pause(jobId);
    expect(queue.jobs.stateOf(jobId)).toBe(state);
    await (state === 'failed' ? queue.jobs.dismiss(jobId) : queue.jobs.cancelLater(jobId));
    // Nothing of it starts while it is hidden.
    const before = runs;
    await pass(5000);
    expect(runs).toBe(before);
    expect(queue.jobs.undoCancel(jobId)).toBe(true);
    await pass(0);
    expect(queue.jobs.stateOf(jobId)).toBe(state);
    // What stood before it was cancelled stands afterwards.
    if (state === 'paused' || state === 'failed') expect(runs).toBe(before);
    await pass(20_000);
    expect(queue.stored()).toHaveLength(2);
    expect(queue.jobs.stateOf(holds)).toBe('running');
  });

  it('whose files cannot be removed shows the job again, with the reason', async () => {
    let denied = true;
    const discard = (): void => {
      if (denied) throw new AppError('disk.denied', 'No.');
    };
    const { jobId } = queue.jobs.run(later({ discard }));
    const { latest } = queue.watch();
    await queue.jobs.cancelLater(jobId);
    await pass(10_000);
    expect(latest(jobId)).toMatchObject({ state: 'failed', error: { code: 'disk.denied' } });
    denied = false;
    await queue.jobs.cancel(jobId);
    expect(queue.stored()).toEqual([]);
  });

  it('frees its place at once', async () => {
    const { jobId } = queue.jobs.run(later());
    const next = queue.jobs.run(order()).jobId;
    await queue.jobs.cancelLater(jobId);
    await pass();
    expect(queue.jobs.stateOf(next)).toBe('running');
  });
});

describe('a removal', () => {
  it('that is asked for twice happens once, and both have waited for it', async () => {
    const discarding = queue.gate();
    let discarded = 0;
    const { jobId } = queue.jobs.run(order({ discard: () => (discarded++, discarding.opened) }));
    const removals = [queue.jobs.cancel(jobId), queue.jobs.cancel(jobId)];
    let isDone = false;
    void Promise.all(removals).then(() => (isDone = true));
    await pass(1000);
    expect([discarded, isDone, queue.stored()]).toEqual([1, false, ['paused']]);
    discarding.open();
    await Promise.all(removals);
    expect([discarded, queue.stored()]).toEqual([1, []]);
  });

  it('lets the next one start when it is over, and not before its bytes are gone from the disk', async () => {
    const discarding = queue.gate();
    const { jobId } = queue.jobs.run(order({ discard: () => discarding.opened }));
    const removed = queue.jobs.cancel(jobId);
    await pass();
    expect(queue.jobs.requeue(jobId)).toBe(false);
    discarding.open();
    await removed;
    const next = queue.jobs.run(order()).jobId;
    expect(queue.jobs.stateOf(next)).toBe('running');
  });

  it('on a full disk keeps the job, and does not settle it as cancelled', async () => {
    let settled: string | null = null;
    const { jobId, finished } = queue.jobs.run(order());
    void finished.catch((error: unknown) => (settled = String(error)));
    await queue.jobs.pause(jobId);
    queue.store.exec(
      "CREATE TEMP TRIGGER refused BEFORE DELETE ON main.jobs BEGIN SELECT raise(ABORT, 'refused'); END",
    );
    await expect(queue.jobs.cancel(jobId)).rejects.toThrow('refused');
    expect([queue.jobs.stateOf(jobId), settled]).toEqual(['paused', null]);
    queue.store.exec('DROP TRIGGER refused');
    await queue.jobs.cancel(jobId);
    await expect(finished).rejects.toMatchObject({ code: 'cancelled' });
  });
});
