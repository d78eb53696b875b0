import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { lockBuilds } from './build-lock.ts';

it('a second build waits for the first, and says so', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-build-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const onWait = vi.fn();
  const release = lockBuilds(folder, onWait);
  expect(onWait).not.toHaveBeenCalled();
  expect(() => lockBuilds(folder, onWait, 10)).toThrow('Another build has run');
  expect(onWait).toHaveBeenCalledTimes(1);
  release?.();
  const again = lockBuilds(folder, onWait);
  expect(again).not.toBeNull();
  again?.();
  expect(onWait).toHaveBeenCalledTimes(1);
});

it('where nothing can be locked, builds go on without', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-build-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'build.lock'), 'this is no database, and longer than the header of one'.repeat(10));
  expect(lockBuilds(folder, () => {})).toBeNull();
});
