import { describe, expect, it } from 'vitest';
import type { JobKind, JobState } from '../../preload/contract/jobs.ts';
import type { WorkOrder } from '../base/work.ts';
import { createRecord, type JobRecord } from './job-record.ts';
import { startable } from './queue.ts';

const running = { abort: new AbortController(), finished: Promise.resolve() };
/** Downloads run two at a time, all else one. Quantizations and measurements share a lane. */
function orderOf(kind: JobKind): WorkOrder {
  const order = { kind, subject: null, totalBytes: 0, run: async () => {} };
  if (kind === 'quantize' || kind === 'measure') return { ...order, lane: 'cores' };
  return kind === 'download' ? { ...order, slots: () => 2 } : order;
}
function record(id: string, kind: JobKind, state: JobState = 'queued'): JobRecord {
  const made = createRecord({
    id,
    kind,
    subject: null,
    createdAt: 0,
    position: 0,
    totalBytes: 0,
    order: orderOf(kind),
  });
  made.state = state;
  if (state === 'running') made.run = running;
  return made;
}
const ids = (records: readonly JobRecord[]): string[] => records.map(({ id }) => id);

describe('the jobs that may start', () => {
  it('are the first of each kind, as many as their orders allow', () => {
    const records = [
      record('d1', 'download', 'running'),
      record('d2', 'download'),
      record('d3', 'download'),
      record('v1', 'verify'),
      record('v2', 'verify'),
      record('m1', 'move', 'running'),
      record('m2', 'move'),
    ];
    expect(ids(startable(records))).toEqual(['d2', 'v1']);
  });

  it('are one of several kinds that take all cores', () => {
    const records = [
      record('q1', 'quantize'),
      record('m1', 'measure'),
      record('q2', 'quantize'),
      record('v1', 'verify'),
    ];
    expect(ids(startable(records))).toEqual(['q1', 'v1']);
    expect(ids(startable([record('m1', 'measure', 'running'), record('q1', 'quantize')]))).toEqual([]);
  });

  it('are none that stop, wait, or are being taken away', () => {
    const stopping = record('stopping', 'download');
    stopping.run = running;
    const going = record('going', 'download');
    going.removal = Promise.resolve();
    const others = (['paused', 'waiting', 'failed', 'done'] as const).map((state) => record(state, 'download', state));
    expect(startable([stopping, going, ...others])).toEqual([]);
  });
});
