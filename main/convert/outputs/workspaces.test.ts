import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorkspaces } from './workspaces.ts';

let root = '';
beforeEach(() => (root = mkdtempSync(path.join(os.tmpdir(), 'hearth-workspaces-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('sweeps what no job keeps, and nothing that a job of an earlier process goes on with', async () => {
  const earlier = createWorkspaces(root);
  const [kept, left] = [earlier.newId(), earlier.newId()];
  for (const id of [kept, left]) writeFileSync(path.join(await earlier.make(id), 'half'), '1');
  const workspaces = createWorkspaces(root);
  workspaces.keep(kept);
  await workspaces.sweep();
  expect(readdirSync(root)).toEqual([kept]);
  expect(readdirSync(path.join(root, kept))).toEqual(['half']);
});

it('takes no path for an id', async () => {
  mkdirSync(path.join(root, 'a'));
  await expect(createWorkspaces(root).make('../a')).rejects.toThrow();
  await expect(createWorkspaces(root).remove('../a')).rejects.toThrow();
});
