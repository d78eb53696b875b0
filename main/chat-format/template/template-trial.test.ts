import { expect, it, onTestFinished } from 'vitest';
import { clockOf } from './template-trial.ts';

it.each(['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles'])(
  'a time is the one that was written, whatever its zone and that of the computer: %s',
  (zone) => {
    const before = process.env['TZ'];
    onTestFinished(() => {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    });
    process.env['TZ'] = zone;
    const midnight = { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 0 };
    for (const text of ['2026-01-01', '2026-01-01 00:00', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00-08:00'])
      expect(clockOf(text)()).toEqual(midnight);
    expect(clockOf('2024-12-31T23:59:58.125+14:00')()).toEqual({
      ...{ year: 2024, month: 12, day: 31, hour: 23, minute: 59, second: 58, microsecond: 125_000 },
    });
  },
);

it.each(['', '31.01.2026', '2026-1-31', '2026-13-01', '2026-01-31T25:00', 'now'])('%j is no time', (text) => {
  expect(() => clockOf(text)).toThrow(expect.objectContaining({ code: 'invalid_input' }) as Error);
});
