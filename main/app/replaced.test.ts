import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listReplaced, removeReplaced } from './replaced.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

it('a replaced file or folder is kept for a week from its replacement, and again when it comes back', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-replaced-'));
  try {
    const names = (): string[] => readdirSync(folder).filter((name) => name !== 'replaced.json');
    for (const name of ['a', 'b']) mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, 'c'), '');
    const build = (current: readonly string[], day: number): void =>
      removeReplaced(folder, (name) => current.includes(name), day * DAY_MS);
    build(['a', 'b', 'c'], 100);
    build(['a'], 130);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect([...listReplaced(folder)].sort()).toEqual(['b', 'c', 'replaced.json']);
    // b is made again, and c is not.
    build(['b'], 135);
    build(['b'], 138);
    expect(names()).toEqual(['a', 'b']);
    build(['b'], 143);
    expect(names()).toEqual(['b']);
    build(['c'], 144);
    expect(names()).toEqual(['b']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a damaged record ends no build: the files of before are kept once more', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-replaced-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'old.js'), '');
  for (const text of ['{"old.js":', 'null']) {
    writeFileSync(path.join(folder, 'replaced.json'), text);
    removeReplaced(folder, () => false, 5);
    expect(readdirSync(folder).sort()).toEqual(['old.js', 'replaced.json']);
    expect(JSON.parse(readFileSync(path.join(folder, 'replaced.json'), 'utf8'))).toEqual({ 'old.js': 5 });
  }
});

it('a record that a killed build left half written goes', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-replaced-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['start.js', 'replaced.json.4711']) writeFileSync(path.join(folder, name), '');
  removeReplaced(folder, () => true);
  expect(readdirSync(folder).sort()).toEqual(['replaced.json', 'start.js']);
});
