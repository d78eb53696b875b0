import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, PROGRESS_BYTES, type TransferProblem } from '../transfer-state.ts';
import { planRetry, type FailedAttempt } from './connection.ts';

const cut: TransferProblem = { kind: 'cut' };
const busy = (retryAfterMs: number | null): TransferProblem => ({
  kind: 'status',
  status: 503,
  fromHub: false,
  retryAfterMs,
});
const failed = (facts: Partial<FailedAttempt> = {}): FailedAttempt => ({
  problem: cut,
  receivedBytes: 0,
  segment: { start: 0, end: 1000, failures: 0 },
  atBytes: 0,
  connections: 2,
  ...facts,
});
const plan = (facts: Partial<FailedAttempt> = {}): ReturnType<typeof planRetry> => planRetry(failed(facts), 0.5);

describe('a segment whose request failed', () => {
  it('goes to another connection after its first failure', () => {
    expect(plan()).toEqual({ failures: 1, delayMs: 500, concernsAll: false, isHandedOver: true });
  });

  it('waits with its own connection after the second, and where there is no other', () => {
    const second = plan({ segment: { start: 0, end: 1000, failures: 1 } });
    expect(second).toEqual({ failures: 2, delayMs: 1000, concernsAll: false, isHandedOver: false });
    expect(plan({ connections: 1 }).isHandedOver).toBe(false);
  });

  it('begins to count again when enough of it came', () => {
    const segment = { start: 0, end: 1_000_000, failures: 4 };
    expect(plan({ segment, receivedBytes: PROGRESS_BYTES - 1 }).failures).toBe(5);
    expect(plan({ segment, receivedBytes: PROGRESS_BYTES, atBytes: PROGRESS_BYTES })).toMatchObject({
      failures: 1,
      isHandedOver: true,
    });
  });

  it('is not handed over when all of it came', () => {
    expect(plan({ atBytes: 1000 }).isHandedOver).toBe(false);
  });

  it('waits with all connections when the server names a time', () => {
    expect(plan({ problem: busy(9000) })).toEqual({
      failures: 1,
      delayMs: 9000,
      concernsAll: true,
      isHandedOver: false,
    });
    expect(plan({ problem: busy(null) })).toMatchObject({ concernsAll: false, isHandedOver: true });
  });

  it('is given up after too many failures', () => {
    const segment = { start: 0, end: 1000, failures: MAX_ATTEMPTS - 1 };
    expect(plan({ segment }).delayMs).toBeNull();
  });
});
