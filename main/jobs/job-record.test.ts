import { describe, expect, it } from 'vitest';
import type { JobRow } from '../store/jobs.ts';
import type { WorkOrder } from '../base/work.ts';
import { createRecord, failedRecord, restoreRecord, rowOf, viewOf } from './job-record.ts';

const row: JobRow = {
  ...{ id: 'a', kind: 'verify', state: 'running', error: null, position: 3, createdAt: 5, updatedAt: 6 },
  spec: { subject: 'owner/name', totalBytes: 100, doneBytes: 40, data: { folder: '/cache' } },
};
const order = (changes: Partial<WorkOrder> = {}): WorkOrder => ({
  ...{ kind: 'verify', subject: null, totalBytes: 100, run: async () => {} },
  ...changes,
});

describe('a job of an earlier process', () => {
  it('is made again by the module that ordered it, from its own data', () => {
    const asked: unknown[] = [];
    const verify = (data: unknown): WorkOrder => {
      asked.push(data);
      return order({ subject: 'owner/other' });
    };
    const restored = restoreRecord(row, { verify });
    expect(asked).toEqual([{ folder: '/cache' }]);
    expect(restored).toMatchObject({ state: 'paused', subject: 'owner/other', doneBytes: 40, position: 3 });
  });

  it('goes on by itself where its order says so, unless it was paused', () => {
    const verify = (): WorkOrder => order({ startsAgain: true });
    expect(restoreRecord(row, { verify }).state).toBe('queued');
    expect(restoreRecord({ ...row, state: 'paused' }, { verify }).state).toBe('paused');
    expect(restoreRecord({ ...row, state: 'failed' }, { verify }).state).toBe('failed');
  });

  it('has failed where nobody can go on with it, and keeps its own error', () => {
    expect(restoreRecord(row, {})).toMatchObject({ state: 'failed', error: { code: 'cancelled' }, order: null });
    const error = { code: 'disk.denied', message: 'No.' } as const;
    expect(restoreRecord({ ...row, state: 'failed', error }, { verify: () => null })).toMatchObject({ error });
  });

  it('says why when its data cannot be read, and keeps its subject', () => {
    const verify = (): WorkOrder => {
      throw new Error('unreadable');
    };
    expect(() => restoreRecord(row, { verify })).toThrow('unreadable');
    expect(failedRecord(row, { code: 'internal', message: 'No.' })).toMatchObject({
      subject: 'owner/name',
      order: null,
    });
  });

  it.each(['constructor', 'toString', '__proto__'])('of a kind %s that nobody knows has failed', (kind) => {
    expect(restoreRecord({ ...row, kind: kind as 'verify' }, {})).toMatchObject({ state: 'failed', order: null });
  });

  it('is read from the rows of older versions as well, without their sentences', () => {
    const old = (title: string): unknown => ({ title, totalBytes: 10, doneBytes: 4 });
    const read = (title: string) => restoreRecord({ ...row, spec: old(title) }, {});
    expect(read('Check owner/name')).toMatchObject({ subject: 'owner/name', totalBytes: 10, doneBytes: 4 });
    expect(read('Check all models')).toMatchObject({ subject: null });
    const spec = { folder: '/cache', revision: 'main', files: [] };
    const seen: unknown[] = [];
    const download = (data: unknown): null => (seen.push(data), null);
    restoreRecord({ ...row, kind: 'download', spec }, { download });
    expect(seen).toEqual([spec]);
  });

  it('reads back what was stored of it', () => {
    const record = createRecord({
      ...{ id: 'a', kind: 'move', subject: 's', createdAt: 1, position: 2, totalBytes: 9 },
      order: order({ data: () => ({ secret: 1 }) }),
    });
    record.doneBytes = 7;
    const stored = JSON.parse(JSON.stringify(rowOf(record, 5))) as JobRow;
    const seen: unknown[] = [];
    const again = restoreRecord(stored, { move: (data) => (seen.push(data), null) });
    expect(seen).toEqual([{ secret: 1 }]);
    expect(again).toMatchObject({ subject: 's', totalBytes: 9, doneBytes: 7 });
  });
});

describe('the view of a job', () => {
  const record = createRecord({
    ...{ id: 'a', kind: 'move', subject: null, createdAt: 1, position: 1, totalBytes: 1000 },
    order: order(),
  });

  it('tells the time that is left by the speed', () => {
    record.doneBytes = 400;
    expect(viewOf(record).secondsLeft).toBeNull();
    record.bytesPerSecond = 200;
    expect(viewOf(record)).toMatchObject({ secondsLeft: 3, doneBytes: 400, files: [], modelId: null });
  });

  it('takes what the order itself knows, and its segments only while it runs', () => {
    const view = {
      ...{ repoId: 'o/n', revision: 'c', modelId: 'o/n/x.gguf', doneBytes: 3, totalBytes: 4 },
      files: [{ path: 'x.gguf', sizeBytes: 4, doneBytes: 3 }],
      segments: [{ startBytes: 0, endBytes: 4, doneBytes: 3 }],
    };
    const own = createRecord({ ...record, order: order({ view: () => view }) });
    expect(viewOf(own)).toMatchObject({ ...view, segments: [] });
    own.state = 'running';
    expect(viewOf(own)).toMatchObject(view);
  });
});
