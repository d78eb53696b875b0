import { describe, expect, it } from 'vitest';
import { createPass, type Connection, type Pass, type Segment } from './pass.ts';
import { claimSegment, segmentBytesOf } from './segment-claim.ts';

const MB = 1024 * 1024;
const connection = (segment: Segment): Connection => ({
  segment,
  atBytes: segment.start,
  isReceiving: true,
  writer: { pendingBytes: 0, add: async () => {}, flush: async () => {} },
});
const segment = (startMb: number, endMb: number, failures = 0): Segment => ({
  start: startMb * MB,
  end: endMb * MB,
  failures,
});
/** A pass that may have `limit` connections. */
function passOf(limit: number): Pass {
  const pass = createPass(8);
  return { ...pass, count: { ...pass.count, limit } };
}

describe('the next segment', () => {
  it('is the first that is neither written nor being fetched', () => {
    const pass = passOf(2);
    expect(claimSegment(pass, [], 100 * MB, 8 * MB)).toEqual(segment(0, 8));
    pass.connections.add(connection(segment(8, 16)));
    expect(claimSegment(pass, [segment(0, 8)], 100 * MB, 8 * MB)).toEqual(segment(16, 24));
    // A gap is filled up to where it ends.
    expect(claimSegment(pass, [segment(0, 8), segment(20, 30)], 100 * MB, 8 * MB)).toEqual(segment(16, 20));
  });

  it('is none when every byte is written or being fetched', () => {
    const pass = passOf(2);
    pass.connections.add(connection(segment(8, 16)));
    expect(claimSegment(pass, [segment(0, 8)], 16 * MB, 8 * MB)).toBeNull();
  });

  it('is smaller at the end of the file, and never below a megabyte', () => {
    const pass = passOf(4);
    expect(claimSegment(pass, [segment(0, 84)], 100 * MB, 8 * MB)).toEqual(segment(84, 88));
    expect(claimSegment(pass, [segment(0, 98)], 100 * MB, 8 * MB)).toEqual(segment(98, 99));
  });

  it('is the whole file where the server knows no ranges', () => {
    const pass = { ...passOf(4), isRangeless: true };
    expect(claimSegment(pass, [], 100 * MB, 8 * MB)).toEqual(segment(0, 100));
  });

  it('is one that failed on another connection before any behind it, with its failures and without what came meanwhile', () => {
    const pass = passOf(2);
    pass.returned = [segment(40, 48, 1), segment(8, 16, 3)];
    pass.connections.add(connection(segment(16, 24)));
    const done = [segment(0, 10)];
    expect(claimSegment(pass, done, 100 * MB, 8 * MB)).toEqual(segment(10, 16, 3));
    pass.connections.add(connection(segment(10, 16)));
    // The other one lies behind what nobody has fetched yet.
    expect(claimSegment(pass, done, 100 * MB, 8 * MB)).toEqual(segment(24, 32));
    expect(pass.returned).toEqual([segment(40, 48, 1)]);
    expect(claimSegment(pass, [segment(0, 100)], 100 * MB, 8 * MB)).toBeNull();
    expect(pass.returned).toEqual([]);
  });
});

it('a segment has 8 to 64 MiB, a 64th of the file between', () => {
  expect([1, 512, 1024, 4096, 100_000].map((sizeMb) => segmentBytesOf(sizeMb * MB) / MB)).toEqual([8, 8, 16, 64, 64]);
  expect(segmentBytesOf(1024 * MB + 1) / MB).toBe(17);
});
