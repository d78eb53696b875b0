import { describe, expect, it } from 'vitest';
import { noteLength, samplesOf, speedCourse } from './speed-line.ts';

const steady = Array.from({ length: 21 }, (_, index) => ({ atMs: index * 100, length: index * 5 }));

describe('speedCourse', () => {
  it('is flat for a steady reply', () => {
    const course = speedCourse(steady, 10);
    expect(course).toHaveLength(10);
    for (const speed of course) expect(speed).toBeCloseTo(50);
  });

  it('shows where it slowed', () => {
    // 50 characters a second for 4 s, nothing for 4 s, 50 a second for 4 s; windows of 1.5 s around 0.5, 1.5, … 11.5 s.
    const written = (from: number, length: number): { atMs: number; length: number }[] =>
      Array.from({ length: 41 }, (_, index) => ({ atMs: from + index * 100, length: length + index * 5 }));
    const course = speedCourse([...written(0, 0), ...written(8_000, 200)], 12);
    const expected = [50, 50, 50, 41.667, 8.333, 0, 0, 8.333, 41.667, 50, 50, 50];
    expect(course).toHaveLength(12);
    for (const [index, speed] of expected.entries()) expect(course[index]).toBeCloseTo(speed, 2);
  });

  it('makes no spike of a stall and the burst after it', () => {
    // 50 characters a second for 4 s. What belongs to the 400 ms after 2 s arrives at once, in the last 10 ms of them.
    const samples = Array.from({ length: 41 }, (_, index) => ({ atMs: index * 100, length: index * 5 })).filter(
      ({ atMs }) => atMs <= 2_000 || atMs >= 2_400,
    );
    const course = speedCourse([...samples.slice(0, 21), { atMs: 2_390, length: 100 }, ...samples.slice(21)]);
    // A window of 1 s misses at most the stall's 19.5 characters, or has as many more.
    expect(Math.min(...course)).toBeGreaterThanOrEqual(50 - 19.5);
    expect(Math.max(...course)).toBeLessThanOrEqual(50 + 19.5);
  });

  it('draws nothing for a short reply', () => {
    expect(speedCourse(steady.slice(0, 5))).toEqual([]);
    expect(speedCourse(steady.map(({ atMs, length }) => ({ atMs: atMs / 10, length })))).toEqual([]);
    expect(speedCourse([])).toEqual([]);
  });
});

describe('noteLength', () => {
  it('keeps each length once, and the course of a long reply within bounds', () => {
    for (let index = 0; index < 5_000; index++) noteLength('m', Math.floor(index / 2), index);
    const samples = samplesOf('m');
    expect(samples.length).toBeLessThanOrEqual(2_000);
    expect(samples[0]).toEqual({ atMs: 0, length: 0 });
    expect(samples.at(-1)?.length).toBe(2_499);
  });

  it('drops old replies', () => {
    for (let index = 0; index < 60; index++) noteLength(`reply ${index}`, 1, index);
    expect(samplesOf('reply 0')).toEqual([]);
    expect(samplesOf('reply 59')).toHaveLength(1);
  });
});
