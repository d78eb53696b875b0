import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog, logLevels } from './log.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
const now = (): number => Date.UTC(2026, 10, 27, 12, 30, 5, 7);

describe('the log file', () => {
  it('holds time, level and text, one entry after the other, and stack lines stand in', () => {
    const echoed: string[] = [];
    const log = createLog({
      folder: path.join(temporaryFolder(), 'logs'),
      now,
      echo: (level, text) => echoed.push(`${level} ${text}`),
    });
    log.info('Started.');
    log.error('It failed.\n    at here\n    at there\n');
    const lines = [
      '2026-11-27T12:30:05.007Z info  Started.',
      '2026-11-27T12:30:05.007Z error It failed.',
      '      at here',
      '      at there',
    ];
    expect(readFileSync(log.file, 'utf8')).toBe(`${lines.join('\n')}\n`);
    expect(echoed).toEqual(['info Started.', 'error It failed.\n    at here\n    at there']);
    expect(log.tail(100)).toEqual(lines);
    expect(log.tail(1)).toEqual(['      at there']);
    if (process.platform !== 'win32') expect(statSync(log.file).mode & 0o777).toBe(0o600);
  });

  it('takes secrets out before an entry is cut, so that none loses the sign by which it is known', () => {
    const log = createLog({ folder: temporaryFolder() });
    const address = 'https://user:hunter2hunter2hunter2@host.test/';
    // An entry ends after 4,000 characters: here within the password.
    log.info(`${'x'.repeat(4000 - 'https://user:hunter2hunter2'.length)} ${address}`);
    const entry = readFileSync(log.file, 'utf8');
    expect(entry.length).toBeGreaterThan(3950);
    expect(entry).not.toContain('hunter2');
  });

  it('holds what is as grave as its level or graver', () => {
    for (const [index, level] of logLevels.entries()) {
      const log = createLog({ folder: temporaryFolder(), level });
      for (const each of logLevels) log[each](`of ${each}`);
      expect(log.tail(10).map((line) => line.split(' of ')[1])).toEqual(logLevels.slice(0, index + 1));
    }
  });

  it('is set aside when it has grown, and the oldest goes', () => {
    const folder = temporaryFolder();
    const log = createLog({ folder, maxBytes: 1000, fileCount: 3, now });
    const entry = (number: number): string => `${number} ${'x'.repeat(160)}`;
    for (let number = 1; number <= 40; number++) log.info(entry(number));
    expect(readdirSync(folder).sort()).toEqual(['hearth.1.log', 'hearth.2.log', 'hearth.log']);
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).size).toBeLessThan(1000 + 250);
    const numbers = (name: string): number[] =>
      [...readFileSync(path.join(folder, name), 'utf8').matchAll(/info {2}(\d+)/g)].map(([, number]) => Number(number));
    const kept = ['hearth.2.log', 'hearth.1.log', 'hearth.log'].flatMap(numbers);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 40 - kept.length + 1 + index));
    // The newest lines are found over the edge of two files.
    expect(log.tail(8).map((line) => Number(/info {2}(\d+)/.exec(line)?.[1]))).toEqual(kept.slice(-8));
  });

  it('goes on from where another start ended', () => {
    const folder = temporaryFolder();
    createLog({ folder, maxBytes: 100 }).info('x'.repeat(200));
    createLog({ folder, maxBytes: 100 }).info('after');
    expect(readdirSync(folder).sort()).toEqual(['hearth.1.log', 'hearth.log']);
  });

  it('goes on in one file where something stands in the way of setting it aside', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'hearth.4.log/full'), { recursive: true });
    const log = createLog({ folder, maxBytes: 10 });
    log.info('the first of them');
    log.info('the second');
    expect(log.tail(1)[0]).toMatch(/the second$/);
  });

  it('holds no character that steers a terminal or begins a line of its own', () => {
    const echoed: string[] = [];
    const log = createLog({ folder: temporaryFolder(), echo: (_level, text) => echoed.push(text) });
    log.warn('one\u001b[2J two\r2026-01-01 error three\u2028four\0five\nsix');
    expect(echoed).toEqual(['one\ufffd[2J two\ufffd2026-01-01 error three\ufffdfour\ufffdfive\nsix']);
    expect(log.tail(2).at(-1)).toBe('  six');
  });

  it('that cannot be written stops nobody', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), '');
    const log = createLog({ folder: path.join(folder, 'file/logs') });
    expect(() => log.error('nowhere to go')).not.toThrow();
    expect(log.tail(5)).toEqual([]);
  });

  it('cuts an entry that has no end', () => {
    const log = createLog({ folder: temporaryFolder() });
    log.warn('long '.repeat(10_000));
    expect(log.tail(1)[0]?.length).toBeLessThan(4100);
  });

  it('has no secrets in its file nor in its echo', () => {
    const echoed: string[] = [];
    const log = createLog({ folder: temporaryFolder(), echo: (_, text) => echoed.push(text) });
    log.warn('no to hf_abcdefghijklmnop at socks5://bob:hunter2@proxy');
    expect(echoed).toEqual(['no to hf_… at socks5://…@proxy']);
    expect(readFileSync(log.file, 'utf8')).not.toMatch(/abcd|hunter/);
  });
});
