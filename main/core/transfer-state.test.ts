import { describe, expect, it } from 'vitest';
import {
  advance,
  beginTransfer,
  parseRetryAfter,
  type TransferAnswer,
  type TransferEvent,
  type TransferState,
} from './transfer-state.ts';

const plan = { sizeBytes: 1_000_000, hash: 'a'.repeat(64) };
const ok: TransferAnswer = {
  status: 200,
  fromHub: false,
  hubHash: plan.hash,
  entityTag: '"one"',
  contentLength: plan.sizeBytes,
  contentRange: null,
  retryAfterMs: null,
};
const part = (start: number): Partial<TransferAnswer> => ({
  status: 206,
  contentRange: `bytes ${String(start)}-999999/1000000`,
  contentLength: plan.sizeBytes - start,
});
const answered = (change: Partial<TransferAnswer> = {}): TransferEvent => ({
  type: 'answered',
  answer: { ...ok, ...change },
  jitter: 0.5,
});
const stored = (bytes: number): TransferEvent => ({ type: 'stored', bytes });
const broke: TransferEvent = {
  type: 'broke',
  problem: { kind: 'network', cause: 'ECONNRESET', host: 'h' },
  jitter: 0.5,
};
const run = (from: TransferState, ...events: TransferEvent[]): TransferState =>
  events.reduce((state, event) => advance(plan, state, event), from);

describe('a transfer', () => {
  it('receives the whole file', () => {
    const state = run(beginTransfer(plan, 0), answered(), stored(400_000), stored(600_000));
    expect(state).toMatchObject({ phase: 'complete', offsetBytes: 1_000_000, pieced: false });
  });

  it('is complete at once when every byte is there', () => {
    expect(beginTransfer(plan, plan.sizeBytes).phase).toBe('complete');
  });

  it('goes on after a cut line from the byte it has', () => {
    const cut = run(beginTransfer(plan, 0), answered(), stored(400_000), broke);
    expect(cut).toMatchObject({ phase: 'waiting', delayMs: 500, offsetBytes: 400_000 });
    const again = run(cut, { type: 'waited' }, answered(part(400_000)));
    expect(again).toMatchObject({ phase: 'receiving', skipBytes: 0, pieced: true });
  });

  it('throws away what it has already when the server ignores the range', () => {
    const state = run(beginTransfer(plan, 250_000), answered(), { type: 'skipped', bytes: 100_000 });
    expect(state).toMatchObject({ phase: 'receiving', skipBytes: 150_000, offsetBytes: 250_000 });
  });

  it.each([
    ['a wrong start', part(250_001), 'wrong_range'],
    ['no range', { ...part(250_000), contentRange: null }, 'wrong_range'],
    ['another total', { ...part(250_000), contentRange: 'bytes 250000-999999/2000000' }, 'wrong_length'],
    ['another length', { contentLength: 999 }, 'wrong_length'],
    ['other content', { hubHash: 'b'.repeat(64) }, 'changed'],
  ])('refuses %s and tries again', (_what, answer, kind) => {
    const state = run(beginTransfer(plan, 250_000), answered(answer));
    expect(state).toMatchObject({ phase: 'waiting', offsetBytes: 250_000, problem: { kind } });
  });

  it('begins again, once, when the server holds another file than before', () => {
    const cut = run(beginTransfer(plan, 0), answered(), stored(400_000), broke, { type: 'waited' });
    const changed = run(cut, answered({ ...part(400_000), entityTag: '"two"' }));
    expect(changed).toMatchObject({ phase: 'requesting', offsetBytes: 0, restarted: true });
    const later = run(changed, answered({ entityTag: '"two"' }), stored(100_000), broke, { type: 'waited' });
    expect(run(later, answered({ ...part(100_000), entityTag: '"three"' }))).toMatchObject({ phase: 'receiving' });
  });

  it('begins again, once, when pieced bytes have the wrong hash, and fails at once when they came in one answer', () => {
    const pieced = run(beginTransfer(plan, 250_000), answered(part(250_000)), stored(750_000), { type: 'mismatched' });
    expect(pieced).toMatchObject({ phase: 'requesting', offsetBytes: 0 });
    const whole = run(pieced, answered(), stored(1_000_000), { type: 'mismatched' });
    expect(whole).toMatchObject({ phase: 'failed', problem: { kind: 'hash_mismatch' } });
  });

  it('begins again when the server says that the range is beyond the end', () => {
    expect(run(beginTransfer(plan, 10), answered({ status: 416 }))).toMatchObject({
      phase: 'requesting',
      offsetBytes: 0,
    });
  });

  it('waits longer each time and gives up at the fifth attempt', () => {
    let state = beginTransfer(plan, 0);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      state = run(state, broke);
      if (state.phase === 'waiting') delays.push(state.delayMs);
      state = run(state, { type: 'waited' });
    }
    expect(delays).toEqual([500, 1000, 2000, 4000]);
    expect(run(state, broke)).toMatchObject({ phase: 'failed', problem: { kind: 'network' } });
  });

  it('counts anew after progress', () => {
    let state = beginTransfer(plan, 0);
    for (let attempt = 0; attempt < 12; attempt++) {
      const here = state.offsetBytes;
      state = run(state, answered(part(here)), stored(70_000), broke, { type: 'waited' });
    }
    expect(state).toMatchObject({ phase: 'requesting', offsetBytes: 840_000, failures: 1 });
  });

  it('honours Retry-After, unless it is long', () => {
    const limited = (retryAfterMs: number): TransferState =>
      run(beginTransfer(plan, 0), answered({ status: 429, retryAfterMs }));
    expect(limited(7000)).toMatchObject({ phase: 'waiting', delayMs: 7000 });
    expect(limited(600_000)).toMatchObject({ phase: 'failed', problem: { kind: 'status', retryAfterMs: 600_000 } });
  });

  it('tries again when another host refuses, and not when the Hub does', () => {
    expect(run(beginTransfer(plan, 0), answered({ status: 403 }))).toMatchObject({ phase: 'waiting' });
    for (const status of [401, 403, 404]) {
      expect(run(beginTransfer(plan, 0), answered({ status, fromHub: true }))).toMatchObject({ phase: 'failed' });
    }
    expect(run(beginTransfer(plan, 0), answered({ status: 503, fromHub: true }))).toMatchObject({ phase: 'waiting' });
  });

  it('takes a clean but early end for a cut', () => {
    const state = run(beginTransfer(plan, 0), answered({ contentLength: null }), stored(10), {
      type: 'ended',
      jitter: 0,
    });
    expect(state).toMatchObject({ phase: 'waiting', problem: { kind: 'cut' }, offsetBytes: 10 });
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and dates', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('soon', now)).toBeNull();
    expect(parseRetryAfter(null, now)).toBeNull();
  });
});
