import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { busyBetween, cpuTimeOf, freeCores, watchBusyCores } from './busy-cores.ts';

describe('cores that others keep busy', () => {
  const before = { busyMs: 1000, totalMs: 10_000, ownMs: 500 };
  it('are those that are busy without this app’s own work', () => {
    expect(busyBetween(before, { busyMs: 5000, totalMs: 14_000, ownMs: 500 }, 4)).toBe(4);
    expect(busyBetween(before, { busyMs: 3000, totalMs: 14_000, ownMs: 1500 }, 4)).toBe(1);
    expect(busyBetween(before, { busyMs: 2000, totalMs: 14_000, ownMs: 9000 }, 4)).toBe(0);
    expect(busyBetween(before, before, 4)).toBe(0);
  });
  it('leave at least one for a model, and count as taken from three quarters on', () => {
    expect([0, 0.5, 0.75, 1, 1.7, 1.8, 9].map((busy) => freeCores(4, busy))).toEqual([4, 4, 3, 3, 3, 2, 1]);
  });
  it.skipIf(process.platform !== 'linux')('do not count the time of a child, as the system counts it', () => {
    const spent = (): number => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    const begun = cpuTimeOf(process.pid);
    const from = spent();
    while (spent() - from < 200);
    const read = cpuTimeOf(process.pid);
    // The system counts in steps of 10 ms.
    expect(read).toBeGreaterThan(spent() - 30);
    expect(read).toBeLessThan(spent() + 30);
    expect(read - begun).toBeGreaterThan(150);
    expect(cpuTimeOf(2 ** 30)).toBe(0);
  });
  it('are not told before a first reading, not even while the app starts', async () => {
    const other = spawn(process.execPath, ['-e', 'console.log(); for (;;);'], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void other.kill('SIGKILL'));
    await once(other.stdout, 'data');
    const meter = watchBusyCores(() => []);
    onTestFinished(meter.stop);
    // The other one has a core, or the share of one that a busy machine leaves it, as those that keep it busy do.
    expect(await meter.cores()).toBeGreaterThan(0.3);
  });
  it('are not waited for after the end', async () => {
    const meter = watchBusyCores(() => []);
    const asked = meter.cores();
    meter.stop();
    expect(await asked).toBe(0);
  });
  it('are read from the system', async () => {
    const other = spawn(process.execPath, ['-e', 'for (;;);']);
    const meter = watchBusyCores(() => [], 20);
    onTestFinished(() => {
      meter.stop();
      other.kill('SIGKILL');
    });
    await expect.poll(() => meter.cores(), { timeout: 50_000 }).toBeGreaterThan(0.3);
  });
});
