import { describe, expect, it } from 'vitest';
import { createConnectionCount, MAX_CONNECTIONS } from './connection-count.ts';

/** Half a second a step on a line where `speed` tells the total for a number of connections. Answers the limits seen. */
function drive(
  count: ReturnType<typeof createConnectionCount>,
  speed: (active: number) => number,
  steps: number,
  fromMs = 0,
): number[] {
  return Array.from({ length: steps }, (_, step) => {
    count.sample(fromMs + (step + 1) * 500, speed(count.limit), count.limit);
    return count.limit;
  });
}

describe('the number of connections', () => {
  it('grows to eight where each one is limited', () => {
    expect(drive(createConnectionCount(), (active) => active * 20e6, 5)).toEqual([2, 4, 8, 8, 8]);
  });

  it('goes back to one where the line is the limit, and asks again later', () => {
    const count = createConnectionCount();
    const limits = drive(count, () => 50e6, 60);
    expect(limits.slice(0, 4)).toEqual([2, 2, 1, 1]);
    expect(limits.filter((limit, index) => limit > (limits[index - 1] ?? 1))).toEqual([2, 2]);
    expect(Math.max(...limits)).toBe(2);
  });

  it('stops where a further one brings nothing', () => {
    const limits = drive(createConnectionCount(), (active) => Math.min(active, 4) * 20e6, 10);
    expect(limits).toEqual([2, 4, 8, 8, 4, 4, 4, 4, 4, 4]);
  });

  it('does not believe one bad moment', () => {
    const count = createConnectionCount();
    let sample = 0;
    expect(drive(count, (active) => (++sample === 2 ? 1e6 : active * 20e6), 5)).toEqual([2, 2, 4, 8, 8]);
  });

  it('shrinks when they fail, and never below one', () => {
    const count = createConnectionCount();
    drive(count, (active) => active * 20e6, 5);
    expect(count.limit).toBe(MAX_CONNECTIONS);
    count.failed(3_000, false);
    expect(count.limit).toBe(7);
    count.failed(3_000, true);
    expect(count.limit).toBe(3);
    for (let i = 0; i < 5; i++) count.failed(3_000, true);
    expect(count.limit).toBe(1);
    expect(drive(count, (active) => active * 20e6, 20, 3_000)).not.toContain(2);
    expect(drive(count, (active) => active * 20e6, 60, 23_500)).toContain(8);
  });

  it('takes no notice of moments in which not all were at work', () => {
    const count = createConnectionCount();
    count.sample(500, 20e6, 1);
    count.sample(1_000, 21e6, 1);
    expect(count.limit).toBe(2);
  });
});
