import { describe, expect, it } from 'vitest';
import type { Connection } from './pass.ts';
import { createSpeedSamples } from './speed-samples.ts';

function setUp(): { pass: Parameters<typeof createSpeedSamples>[0] & { receivedBytes: number }; samples: number[][] } {
  const samples: number[][] = [];
  const writer = { pendingBytes: 0, add: async () => {}, flush: async () => {} };
  const connection = (isReceiving: boolean): Connection => ({
    segment: { start: 0, end: 1, failures: 0 },
    atBytes: 0,
    isReceiving,
    writer,
  });
  const count = {
    limit: 3,
    sample: (...sample: number[]) => void samples.push(sample),
    failed: () => {},
  };
  const connections = new Set([connection(true), connection(false), connection(true)]);
  return { pass: { connections, count, isRangeless: false, receivedBytes: 500 }, samples };
}

describe('a sample', () => {
  it('is the speed since the last one, and comes no sooner than a moment after it', () => {
    const { pass, samples } = setUp();
    const { take } = createSpeedSamples(pass, 1000);
    pass.receivedBytes += 3000;
    expect(take(1299)).toBe(false);
    expect(samples).toEqual([]);
    expect(take(1300)).toBe(true);
    expect(samples).toEqual([[1300, 10_000, 2]]);
    pass.receivedBytes += 1000;
    expect(take(1500)).toBe(false);
    expect(take(1800)).toBe(true);
    expect(samples[1]).toEqual([1800, 2000, 2]);
  });

  it('of two numbers of connections is not told', () => {
    const { pass, samples } = setUp();
    const { take } = createSpeedSamples(pass, 0);
    pass.isRangeless = true;
    expect(take(300)).toBe(true);
    expect(samples).toEqual([]);
    pass.receivedBytes += 300;
    expect(take(600)).toBe(true);
    expect(samples).toEqual([[600, 1000, 2]]);
  });
});
