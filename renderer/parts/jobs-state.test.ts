import { describe, expect, it } from 'vitest';
import type { Job } from '../../preload/contract/jobs.ts';
import {
  endedBetween,
  foldJobs,
  jobActions,
  jobNoun,
  jobProgress,
  jobTone,
  overallProgress,
  segmentShares,
  placeBeside,
  placeOn,
  SPEED_SAMPLES,
  trayOrder,
  waitingWords,
  type MaybeJobsState,
} from './jobs-state.ts';

function job(id: string, changes: Partial<Job> = {}): Job {
  return {
    id,
    kind: 'download',
    subject: `Model ${id}`,
    repoId: 'owner/name',
    revision: 'main',
    files: [{ path: `folder/${id}.gguf`, sizeBytes: 1000, doneBytes: 0 }],
    state: 'running',
    doneBytes: 0,
    totalBytes: 1000,
    segments: [],
    detail: null,
    bytesPerSecond: 10,
    secondsLeft: null,
    error: null,
    modelId: `owner/name/${id}.gguf`,
    createdAt: 1,
    ...changes,
  };
}

const ids = (state: MaybeJobsState): readonly string[] => state?.jobs.map((one) => one.id) ?? [];

describe('foldJobs', () => {
  const two = foldJobs(null, {
    type: 'snapshot',
    revision: 5,
    jobs: [job('a', { createdAt: 1 }), job('b', { createdAt: 2 })],
  });

  it('keeps the order of main, also when a job changes', () => {
    expect(ids(two)).toEqual(['a', 'b']);
    const changed = foldJobs(two, { type: 'job', revision: 6, job: job('a', { doneBytes: 500 }) });
    expect(ids(changed)).toEqual(['a', 'b']);
    expect(changed?.jobs[0]?.doneBytes).toBe(500);
    const added = foldJobs(changed, { type: 'job', revision: 7, job: job('c', { createdAt: 9 }) });
    expect(ids(added)).toEqual(['a', 'b', 'c']);
  });

  it('ignores an event that the snapshot already holds, so that progress never runs backwards', () => {
    expect(foldJobs(two, { type: 'job', revision: 5, job: job('a', { doneBytes: 1 }) })).toBe(two);
    expect(foldJobs(two, { type: 'removed', revision: 4, jobId: 'a' })).toBe(two);
  });

  it('ignores a change before the first snapshot', () => {
    expect(foldJobs(null, { type: 'job', revision: 1, job: job('a') })).toBeNull();
  });

  it('takes a snapshot of a restarted main although its revision is lower', () => {
    expect(ids(foldJobs(two, { type: 'snapshot', revision: 1, jobs: [job('z')] }))).toEqual(['z']);
  });

  it('removes a job and its speeds', () => {
    const gone = foldJobs(two, { type: 'removed', revision: 6, jobId: 'a' });
    expect(ids(gone)).toEqual(['b']);
    expect(gone?.speeds.has('a')).toBe(false);
  });

  it('keeps a bounded number of speeds and starts again after a pause', () => {
    let state = two;
    for (let index = 0; index < SPEED_SAMPLES + 20; index++) {
      state = foldJobs(state, { type: 'job', revision: 10 + index, job: job('a', { bytesPerSecond: index }) });
    }
    expect(state?.speeds.get('a')).toHaveLength(SPEED_SAMPLES);
    expect(state?.speeds.get('a')?.at(-1)).toBe(SPEED_SAMPLES + 19);
    state = foldJobs(state, { type: 'job', revision: 500, job: job('a', { state: 'paused' }) });
    expect(state?.speeds.get('a')).toEqual([]);
  });
});

describe('the queue', () => {
  const jobs = [
    job('done', { state: 'done', createdAt: 1 }),
    job('x', { state: 'queued', createdAt: 5 }),
    job('y', { state: 'queued', createdAt: 4 }),
    job('z', { state: 'queued', createdAt: 3 }),
    job('new', { state: 'failed', createdAt: 9 }),
    job('run', { createdAt: 2 }),
  ];
  it('is between the running and the ended jobs, in its own order', () => {
    expect(trayOrder(jobs).map((one) => one.id)).toEqual(['run', 'x', 'y', 'z', 'new', 'done']);
  });
  it('moves a job one place up or down, and not past the end', () => {
    expect(placeBeside(jobs, 'y', 'up')).toBe('x');
    expect(placeBeside(jobs, 'x', 'down')).toBe('z');
    expect(placeBeside(jobs, 'y', 'down')).toBeNull();
    expect(placeBeside(jobs, 'x', 'up')).toBeUndefined();
    expect(placeBeside(jobs, 'z', 'down')).toBeUndefined();
    expect(placeBeside(jobs, 'run', 'up')).toBeUndefined();
  });
  it('gives a dropped job the place that it was dropped on', () => {
    expect(placeOn(jobs, 'z', 'x')).toBe('x');
    expect(placeOn(jobs, 'x', 'y')).toBe('z');
    expect(placeOn(jobs, 'x', 'z')).toBeNull();
    expect(placeOn(jobs, 'x', 'x')).toBeUndefined();
    expect(placeOn(jobs, 'x', 'run')).toBeUndefined();
  });
});

describe('segmentShares', () => {
  it('gives each segment its own progress, in the order of the file', () => {
    const running = job('a', {
      segments: [
        { startBytes: 500, endBytes: 1000, doneBytes: 50 },
        { startBytes: 0, endBytes: 500, doneBytes: 900 },
        { startBytes: 1000, endBytes: 1000, doneBytes: 0 },
      ],
    });
    expect(segmentShares(running)).toEqual([1, 0.1, 0]);
  });
  it('shows nothing for a single segment, or when nothing runs', () => {
    expect(segmentShares(job('a', { segments: [{ startBytes: 0, endBytes: 10, doneBytes: 1 }] }))).toEqual([]);
    expect(segmentShares(job('a', { state: 'paused' }))).toEqual([]);
  });
});

describe('waitingWords', () => {
  it('gives the numbers that main sends', () => {
    const error = { code: 'disk.full', message: '', data: { neededBytes: 4.2e9, freeBytes: 1.1e9 } } as const;
    expect(waitingWords(job('a', { state: 'waiting', error }))).toBe(
      'Waiting for disk space: needs 4.20\u00a0GB, 1.10\u00a0GB free.',
    );
    expect(waitingWords(job('a', { state: 'waiting', detail: { code: 'retrying' } }))).toContain('trying again');
  });
});

describe('endedBetween', () => {
  const running = foldJobs(null, { type: 'snapshot', revision: 1, jobs: [job('a'), job('b')] });

  it('announces an end once', () => {
    const done = foldJobs(running, { type: 'job', revision: 2, job: job('a', { state: 'done' }) });
    expect(endedBetween(running, done).map((one) => one.id)).toEqual(['a']);
    expect(endedBetween(done, foldJobs(done, { type: 'job', revision: 3, job: job('a', { state: 'done' }) }))).toEqual(
      [],
    );
  });

  it('does not announce jobs that had ended before the first snapshot', () => {
    const old = foldJobs(null, { type: 'snapshot', revision: 1, jobs: [job('a', { state: 'done' })] });
    expect(endedBetween(null, old)).toEqual([]);
  });

  it('announces an end during a lost connection', () => {
    const after = foldJobs(running, { type: 'snapshot', revision: 9, jobs: [job('a', { state: 'failed' }), job('b')] });
    expect(endedBetween(running, after).map((one) => one.id)).toEqual(['a']);
  });
});

describe('progress', () => {
  it('weights the active jobs by their bytes and leaves out the others', () => {
    const jobs = [
      job('a', { doneBytes: 100, totalBytes: 100 }),
      job('b', { doneBytes: 0, totalBytes: 300, state: 'queued' }),
      job('c', { doneBytes: 7, totalBytes: 9, state: 'paused' }),
    ];
    expect(overallProgress(jobs)).toBe(0.25);
    expect(overallProgress([job('d', { state: 'done' })])).toBeNull();
    expect(overallProgress([job('e', { totalBytes: 0 })])).toBeNull();
  });

  it('stays between 0 and 1', () => {
    expect(jobProgress(job('a', { doneBytes: 2000 }))).toBe(1);
    expect(jobProgress(job('a', { totalBytes: 0 }))).toBe(0);
    expect(jobProgress(job('a', { totalBytes: 0, state: 'done' }))).toBe(1);
  });
});

describe('jobActions', () => {
  it('offers no pause while the hash is checked and no cancel after the end', () => {
    expect(jobActions(job('a', { state: 'verifying' }))).toEqual(['cancel']);
    expect(jobActions(job('a', { state: 'done' }))).not.toContain('cancel');
    expect(jobActions(job('a', { state: 'failed' }))).toContain('retry');
    expect(jobActions(job('a', { state: 'waiting' }))).toEqual(['pause', 'cancel']);
  });
  it('offers a chat only for a downloaded model', () => {
    expect(jobActions(job('a', { state: 'done', kind: 'verify', modelId: null }))).toEqual(['dismiss']);
    expect(jobActions(job('a', { kind: 'move', modelId: null }))).toEqual(['cancel']);
  });
  it('pauses a conversion, chats with its model and shows the table of a measurement', () => {
    expect(jobActions(job('a', { kind: 'convert' }))).toEqual(['pause', 'cancel']);
    expect(jobActions(job('a', { kind: 'quantize' }))).toEqual(['cancel']);
    expect(jobActions(job('a', { kind: 'convert', state: 'done' }))).toEqual(['chat', 'dismiss']);
    expect(jobActions(job('a', { kind: 'measure', state: 'done', modelId: null }))).toEqual(['table', 'dismiss']);
  });
});

describe('a job in words and color', () => {
  it('is named after its file, or its work', () => {
    expect(jobNoun(job('a'))).toBe('a.gguf');
    expect(jobNoun(job('a', { kind: 'move', subject: null }))).toBe('the move of the models');
  });

  it('is green only when something was found to be good', () => {
    const verified = { code: 'verified', checkedCount: 0, damagedCount: 0, damaged: [], unverifiableCount: 7 } as const;
    const tone = (detail: Job['detail']): string => jobTone({ state: 'done', detail });
    expect(tone(verified)).toBe('neutral');
    expect(tone({ ...verified, checkedCount: 3 })).toBe('green');
    expect(tone({ ...verified, checkedCount: 3, damagedCount: 1, damaged: ['a'] })).toBe('red');
    expect(tone(null)).toBe('green');
    expect(jobTone({ state: 'failed', detail: null })).toBe('red');
    const verification = { tokenizer: null, generated: null, error: null, at: 0 };
    const converted = { code: 'converted', sizeBytes: 1 } as const;
    expect(tone({ ...converted, verification: { ...verification, result: 'passed' } })).toBe('green');
    expect(tone({ ...converted, verification: { ...verification, result: 'failed' } })).toBe('red');
  });
});
