import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isLocked, tryLock, type LockTime } from './file-lock.ts';

const AT_MS = 1_700_000_000_000;
let file: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  file = join(folder, '.locks/models--owner--name/x.hearth.lock');
  await mkdir(dirname(file), { recursive: true });
});

/** The lock of another computer, which its holder updated at `AT_MS`. No process here has its number, which says nothing. */
async function putLock(owner: object = { pid: 2 ** 22 + 1, host: 'elsewhere', id: 'theirs' }): Promise<void> {
  await writeFile(file, JSON.stringify(owner));
  await touch(AT_MS);
}
const touch = (atMs: number): Promise<void> => utimes(file, new Date(atMs), new Date(atMs));

/** The lock of a killed process of this computer, where there is none. */
async function putDead(number: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const owner = { pid: 2 ** 22 + 1, host: hostname(), id: `dead ${String(number)}` };
  await writeFile(file, JSON.stringify(owner), { flag: 'wx' });
}

/** The time `ageMs` after the holder's last update; `meanwhile` is what happens while the lock is watched. */
function at(ageMs: number, meanwhile: () => Promise<void> = () => Promise.resolve()): LockTime & { pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => AT_MS + ageMs,
    sleep(ms) {
      pauses.push(ms);
      return meanwhile();
    },
  };
}

describe('the lock of another computer', () => {
  it.each([0, 29_999, 30_000, -30_000])('is alive %i ms after its last update, without a wait', async (ageMs) => {
    await putLock();
    const time = at(ageMs);
    expect(await isLocked(file, time)).toBe(true);
    expect(await tryLock(file, time)).toBeNull();
    expect(time.pauses).toEqual([]);
  });

  // A clock that was set back leaves updates in the future.
  it.each([30_001, -30_001, 1e9])('is dead after %i ms when nobody updates it while it is watched', async (ageMs) => {
    await putLock();
    const time = at(ageMs);
    expect(await isLocked(file, time)).toBe(false);
    const lock = await tryLock(file, time);
    expect(lock).not.toBeNull();
    // Longer than two updates of its holder take.
    expect(Math.min(...time.pauses)).toBeGreaterThan(2_000);
    expect(await readFile(file, 'utf8')).toContain(`"pid":${process.pid}`);
    await lock?.release();
    await expect(readdir(dirname(dirname(file)))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is alive when its holder updates it while it is watched', async () => {
    await putLock();
    const time = at(40_000, () => touch(AT_MS + 40_000));
    expect(await isLocked(file, time)).toBe(true);
    await touch(AT_MS);
    expect(await tryLock(file, time)).toBeNull();
    expect(await readFile(file, 'utf8')).toContain('theirs');
  });

  it('that a third one takes over while it is watched is theirs, and stays', async () => {
    await putLock();
    // The same time, as file systems with a coarse clock have it.
    const time = at(40_000, () => putLock({ pid: 2, host: 'third', id: 'thirds' }));
    expect(await tryLock(file, time)).toBeNull();
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ id: 'thirds' });
    expect(await readdir(dirname(file))).toEqual(['x.hearth.lock']);
  });

  it('that is released while it is watched is free at the next try', async () => {
    await putLock();
    expect(
      await tryLock(
        file,
        at(40_000, () => rm(file)),
      ),
    ).toBeNull();
    expect(await tryLock(file, at(40_000))).not.toBeNull();
  });
});

describe('a lock of our own', () => {
  it('keeps everybody else out until it is released, and is released once', async () => {
    const lock = await tryLock(file);
    expect(await tryLock(file)).toBeNull();
    expect(await isLocked(file)).toBe(true);
    await lock?.release();
    expect(await isLocked(file)).toBe(false);
    const next = await tryLock(file);
    await lock?.release();
    expect(await isLocked(file)).toBe(true);
    await next?.release();
  });

  it('is updated while it is held', async () => {
    const lock = await tryLock(file);
    await touch(AT_MS);
    await expect.poll(async () => (await stat(file)).mtimeMs, { interval: 20 }).toBeGreaterThan(AT_MS);
    expect(lock?.lost.aborted).toBe(false);
    await lock?.release();
  });

  it('says when another one took it, and leaves it to them', async () => {
    const lock = await tryLock(file);
    const lost = new Promise((resolve) => lock?.lost.addEventListener('abort', resolve));
    await putLock({ pid: 2, host: 'elsewhere', id: 'theirs' });
    await lost;
    await lock?.release();
    expect(await readFile(file, 'utf8')).toContain('theirs');
    expect((await stat(file)).mtimeMs).toBe(AT_MS);
  });
});

describe('the lock of another process of this computer', () => {
  // What the system answers to a signal for a process of another user, and for none.
  it.each([
    ['EPERM', true],
    ['ESRCH', false],
  ])('whose process answers a signal with %s is held: %s', async (code, isHeld) => {
    const asked: unknown[] = [];
    const kill = vi.spyOn(process, 'kill').mockImplementation((...args) => {
      asked.push(args);
      throw Object.assign(new Error(code), { code });
    });
    onTestFinished(() => kill.mockRestore());
    await putLock({ pid: 4321, host: hostname(), id: 'theirs' });
    expect(await isLocked(file, at(0))).toBe(isHeld);
    const lock = await tryLock(file, at(0));
    expect(lock === null).toBe(isHeld);
    await lock?.release();
    // Signal 0 ends nobody.
    expect(new Set(asked.map(String))).toEqual(new Set(['4321,0']));
  });
});

it.each([
  ['free', 0],
  ['left by killed processes', 30],
])('is held once in this process, however many take it at the same moment: %s', async (_what, deadCount) => {
  let holders = 0;
  let deadLeft: number = deadCount;
  const lost: boolean[] = [];
  const taker = async (): Promise<void> => {
    for (let taken = 0; taken < 40;) {
      const lock = await tryLock(file);
      if (lock === null) continue;
      taken++;
      expect(++holders).toBe(1);
      await setImmediate();
      holders--;
      lost.push(
        await lock.assertHeld().then(
          () => false,
          () => true,
        ),
      );
      await lock.release();
      if (deadLeft-- > 0) await putDead(deadLeft).catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: 4 }, taker));
  expect(lost.filter(Boolean)).toEqual([]);
  expect(lost).toHaveLength(160);
  await (await tryLock(file))?.release();
  await expect(readdir(dirname(dirname(file)))).rejects.toMatchObject({ code: 'ENOENT' });
});
