import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatInteger,
  formatMoment,
  formatParameters,
  formatPercent,
  formatProbability,
  formatRelativeDate,
  formatTokenRate,
} from './format.ts';

describe('formatBytes', () => {
  it('counts in decimal units and keeps three figures', () => {
    expect(formatBytes(0)).toBe('0\u00a0B');
    expect(formatBytes(999)).toBe('999\u00a0B');
    expect(formatBytes(1000)).toBe('1.00\u00a0kB');
    expect(formatBytes(4_368_438_976)).toBe('4.37\u00a0GB');
    expect(formatBytes(12_345_678)).toBe('12.3\u00a0MB');
    expect(formatBytes(812_345_678)).toBe('812\u00a0MB');
  });

  it('moves to the next unit where rounding would write 1000', () => {
    expect(formatBytes(999_600)).toBe('1.00\u00a0MB');
    expect(formatBytes(9_996_000)).toBe('10.0\u00a0MB');
    expect(formatBytes(99_960_000)).toBe('100\u00a0MB');
  });

  it('gives 0 B for a number that is no size', () => {
    expect(formatBytes(Number.NaN)).toBe('0\u00a0B');
    expect(formatBytes(-5)).toBe('0\u00a0B');
  });
});

describe('counts', () => {
  it('shortens like the Hub does', () => {
    expect(formatCount(950)).toBe('950');
    expect(formatCount(1000)).toBe('1K');
    expect(formatCount(1234)).toBe('1.2K');
    expect(formatCount(34_400)).toBe('34K');
    expect(formatCount(999_700)).toBe('1M');
    expect(formatParameters(7_615_616_512)).toBe('7.6B');
    expect(formatParameters(494_032_768)).toBe('494M');
  });

  it('groups thousands', () => {
    expect(formatInteger(32768)).toBe('32,768');
    expect(formatInteger(512)).toBe('512');
  });

  it('says neither 0 nor 100 percent for something in between', () => {
    expect(formatPercent(0.0001)).toBe('1%');
    expect(formatPercent(0.9999)).toBe('99%');
    expect(formatPercent(1)).toBe('100%');
    expect(formatPercent(0)).toBe('0%');
  });
});

describe('times', () => {
  it('names the two largest units', () => {
    expect(formatDuration(40)).toBe('40\u00a0ms');
    expect(formatDuration(400)).toBe('0.4\u00a0s');
    expect(formatDuration(12_400)).toBe('12\u00a0s');
    expect(formatDuration(80_000)).toBe('1\u00a0min 20\u00a0s');
    expect(formatDuration(120_000)).toBe('2\u00a0min');
    expect(formatDuration(7_500_000)).toBe('2\u00a0h 5\u00a0min');
    expect(formatDuration(59_700)).toBe('1\u00a0min');
  });

  it('counts days by the calendar and not by 24 hours', () => {
    const now = new Date(2025, 2, 12, 9, 0).getTime();
    expect(formatRelativeDate(now - 20_000, now)).toBe('just now');
    expect(formatRelativeDate(now - 300_000, now)).toBe('5\u00a0min ago');
    expect(formatRelativeDate(new Date(2025, 2, 12, 6, 0).getTime(), now)).toBe('3\u00a0h ago');
    expect(formatRelativeDate(new Date(2025, 2, 11, 23, 0).getTime(), now)).toBe('yesterday');
    expect(formatRelativeDate(new Date(2025, 2, 8, 10, 0).getTime(), now)).toBe('4 days ago');
    expect(formatRelativeDate(new Date(2025, 0, 3).getTime(), now)).toBe('Jan 3');
    expect(formatRelativeDate(new Date(2023, 0, 3).getTime(), now)).toBe('Jan 3, 2023');
  });

  it('writes the time of a log in the same way with and without its day', () => {
    const at = new Date(2025, 2, 12, 2, 48, 4).getTime();
    expect(formatClock(at)).toBe('02:48:04');
    expect(formatMoment(at)).toBe('March 12, 2025 at 02:48:04');
  });

  it('gives no rate without tokens or time', () => {
    expect(formatTokenRate(46, 2000)).toBe('23.0\u00a0tokens/s');
    expect(formatTokenRate(10, 0)).toBe('');
  });
});

describe('formatProbability', () => {
  it('has a decimal where it matters', () => {
    expect([1, 0.998, 0.994, 0.734, 0.0994, 0.004, 0.0004, 0].map(formatProbability)).toEqual([
      '100%',
      '99.8%',
      '99%',
      '73%',
      '9.9%',
      '0.4%',
      'under 0.1%',
      'under 0.1%',
    ]);
  });
});
