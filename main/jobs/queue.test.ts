import { describe, expect, it } from 'vitest';
import type { JobKind, JobState } from '../../preload/contract/jobs.ts';
import { createRecord, type JobRecord } from './job-record.ts';
import { startable } from './queue.ts';

const running = { abort: new AbortController(), finished: Promise.resolve() };
function record(id: string, kind: JobKind, state: JobState = 'queued'): JobRecord {
  const made = createRecord({ id, kind, subject: null, createdAt: 0, position: 0, totalBytes: 0, order: null });
  made.state = state;
  if (state === 'running') made.run = running;
  return made;
}
const ids = (records: readonly JobRecord[]): string[] => records.map(({ id }) => id);
const slots = (kind: JobKind): number => (kind === 'download' ? 2 : 1);

describe('the jobs that may start', () => {
  it('are the first of each kind, as many as the kind has free slots', () => {
    const records = [
      record('d1', 'download', 'running'),
      record('d2', 'download'),
      record('d3', 'download'),
      record('v1', 'verify'),
      record('v2', 'verify'),
      record('m1', 'move', 'running'),
      record('m2', 'move'),
    ];
    expect(ids(startable(records, slots))).toEqual(['d2', 'v1']);
  });

  it('are none that stop, wait, or are being taken away', () => {
    const stopping = record('stopping', 'download');
    stopping.run = running;
    const going = record('going', 'download');
    going.removal = Promise.resolve();
    const others = (['paused', 'waiting', 'failed', 'done'] as const).map((state) => record(state, 'download', state));
    expect(startable([stopping, going, ...others], slots)).toEqual([]);
  });
});
