import { describe, expect, it } from 'vitest';
import { noteLength, samplesOf, speedCourse } from './speed-line.ts';

const steady = Array.from({ length: 21 }, (_, index) => ({ atMs: index * 100, length: index * 5 }));

describe('speedCourse', () => {
  it('is flat for a steady reply', () => {
    const course = speedCourse(steady, 10);
    expect(course).toHaveLength(10);
    for (const speed of course) expect(speed).toBeCloseTo(50);
  });

  it('shows where it slowed, and loses no text', () => {
    const samples = [...steady, { atMs: 4_000, length: 100 }, { atMs: 4_100, length: 140 }];
    const course = speedCourse(samples, 41);
    expect(course[25]).toBeCloseTo(0);
    expect(course[40]).toBeCloseTo(400);
    expect(course.reduce((sum, speed) => sum + speed * 0.1, 0)).toBeCloseTo(140);
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
