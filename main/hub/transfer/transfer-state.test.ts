import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  isRefusal,
  judgeAnswer,
  LONGEST_WAIT_MS,
  MAX_ATTEMPTS,
  parseRetryAfter,
  type KnownFile,
  type TransferAnswer,
  type TransferProblem,
} from './transfer-state.ts';

const plan = { sizeBytes: 1_000_000, hash: 'a'.repeat(64) };
const asked = { start: 250_000, end: 500_000 };
const unknown: KnownFile = { entityTag: null, restarted: false, isPlain: false };
const good: TransferAnswer = {
  status: 206,
  fromHub: false,
  hubHash: plan.hash,
  entityTag: '"one"',
  contentLength: 250_000,
  contentRange: 'bytes 250000-499999/1000000',
  retryAfterMs: null,
};
const judge = (change: Partial<TransferAnswer>, known = unknown, range = asked) =>
  judgeAnswer(plan, range, known, { ...good, ...change });
const plainly: KnownFile = { ...unknown, isPlain: true };
const whole = { status: 200, contentRange: null, contentLength: plan.sizeBytes };

describe('an answer', () => {
  it('brings the part that was asked for', () => {
    expect(judge({})).toEqual({ act: 'receive', fromByte: 250_000 });
    expect(judge({ contentRange: 'bytes 250000-499999/*' })).toEqual({ act: 'receive', fromByte: 250_000 });
    expect(judge({ hubHash: null, entityTag: null })).toEqual({ act: 'receive', fromByte: 250_000 });
  });

  it('may bring the whole file instead', () => {
    expect(judge(whole)).toEqual({ act: 'receive_whole' });
    expect(judge({ ...whole, contentLength: null })).toEqual({ act: 'receive_whole' });
    expect(judge({ ...whole, contentRange: 'bytes 0-999999/1000000' }, plainly)).toEqual({ act: 'receive_whole' });
  });

  it('with status 200 is used when it names the range, else the whole file is requested', () => {
    expect(judge({ status: 200 })).toEqual({ act: 'receive', fromByte: 250_000 });
    expect(judge({ status: 200, contentRange: 'bytes 0-249999/1000000' })).toEqual({ act: 'ask_plainly' });
    expect(judge({ status: 200, contentRange: null })).toEqual({ act: 'ask_plainly' });
    expect(judge({ status: 200, contentRange: null }, plainly)).toMatchObject({ act: 'fail' });
  });

  it.each([
    ['a wrong start', { contentRange: 'bytes 250001-500000/1000000' }, 'wrong_range'],
    ['no range', { contentRange: null }, 'wrong_range'],
    ['another total', { contentRange: 'bytes 250000-499999/2000000' }, 'wrong_length'],
    ['other content', { hubHash: 'b'.repeat(64) }, 'changed'],
    ['a refusal', { status: 503 }, 'status'],
  ])('is no good with %s', (_what, change, kind) => {
    expect(judge(change)).toMatchObject({ act: 'fail', problem: { kind } });
  });

  it('of another file begins the download again, once', () => {
    expect(judge({}, { ...unknown, entityTag: '"two"' })).toEqual({ act: 'restart' });
    expect(judge({ entityTag: null }, { ...unknown, entityTag: '"two"' }).act).toBe('receive');
    expect(judge({}, { ...unknown, entityTag: '"two"', restarted: true }).act).toBe('receive');
    expect(judge({ status: 416 })).toEqual({ act: 'restart' });
    expect(judge({ status: 416 }, { ...unknown, restarted: true })).toMatchObject({ act: 'fail' });
    // A file of which not even the first byte is there will not be another one after a restart.
    expect(judge({ status: 416 }, unknown, { start: 0, end: 1 })).toMatchObject({ act: 'fail' });
  });
});

describe('after a failure', () => {
  const status = (code: number, change: object = {}): TransferProblem => ({
    kind: 'status',
    status: code,
    fromHub: true,
    retryAfterMs: null,
    ...change,
  });
  const cut: TransferProblem = { kind: 'cut' };

  it('the pauses double, up to half a minute, with chance in them', () => {
    const pauses = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => afterFailure(cut, index + 1, 0.5));
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000]);
    expect(afterFailure(cut, 1, 0)).toBe(375);
    expect(afterFailure(cut, 1, 0.999)).toBe(625);
  });

  it('it is given up in the end, and at once where another attempt cannot help', () => {
    expect(afterFailure(cut, MAX_ATTEMPTS, 0.5)).toBeNull();
    // Bytes of another place or another size seldom become right: six of these would take half a minute.
    for (const wrong of [{ kind: 'wrong_range' }, { kind: 'wrong_length', lengthBytes: 5 }] as const)
      expect([1, 2, 3, 4].map((failures) => afterFailure(wrong, failures, 0.5))).toEqual([500, 1000, 2000, null]);
    expect(afterFailure(status(401), 1, 0.5)).toBeNull();
    expect(afterFailure(status(404), 1, 0.5)).toBeNull();
    expect(afterFailure(status(500), 1, 0.5)).toBe(500);
    // An address that has expired: the Hub gives a new one.
    expect(afterFailure(status(403, { fromHub: false }), 1, 0.5)).toBe(500);
  });

  it('the server decides how long, within reason', () => {
    expect(afterFailure(status(429, { retryAfterMs: 17_000 }), 1, 0.5)).toBe(17_000);
    expect(afterFailure(status(503, { retryAfterMs: 1 }), 1, 0.5)).toBe(500);
    expect(afterFailure(status(429, { retryAfterMs: LONGEST_WAIT_MS }), 1, 0.5)).toBe(LONGEST_WAIT_MS);
    expect(afterFailure(status(429, { retryAfterMs: LONGEST_WAIT_MS + 1 }), 1, 0.5)).toBeNull();
    expect([status(429), status(503), status(500), cut].map(isRefusal)).toEqual([true, true, false, false]);
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['17', 17_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 8_000],
    ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['soon', null],
    [null, null],
  ])('%j', (value, expected) => {
    expect(parseRetryAfter(value, 2_000)).toBe(expected);
  });
});
