import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createScratchFolder } from './scratch-folder.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-scratch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it('is made again when it was deleted while the app runs', async () => {
  const states = path.join(temporaryFolder(), 'states');
  const scratch = createScratchFolder(path.join(states, 'scratch'));
  const first = scratch.create() ?? '';
  expect(existsSync(first)).toBe(true);
  rmSync(states, { recursive: true });
  const second = scratch.create() ?? '';
  expect(existsSync(second)).toBe(true);
  await scratch.remove(first);
  await scratch.close();
  expect(existsSync(second)).toBe(false);
});

it('that cannot be made stops nothing', async () => {
  const states = path.join(temporaryFolder(), 'states');
  writeFileSync(states, 'a file');
  const scratch = createScratchFolder(path.join(states, 'scratch'));
  expect(scratch.create()).toBeNull();
  await scratch.remove(null);
  await scratch.close();
});
