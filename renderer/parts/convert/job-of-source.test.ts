import { expect, it } from 'vitest';
import type { Job } from '../../../preload/contract/jobs.ts';
import { worksOn } from './job-of-source.ts';

const job = (changes: Partial<Job>): Job => ({
  ...{ id: '1', kind: 'adapter', subject: 'pirate', repoId: '', revision: '', files: [], state: 'running' },
  ...{ doneBytes: 0, totalBytes: 0, segments: [], detail: null, bytesPerSecond: 0, secondsLeft: null },
  ...{ error: null, modelId: null, createdAt: 1 },
  ...changes,
});
const folder = { kind: 'folder', folderId: '1' } as const;
const repository = { kind: 'hub', repoId: 'owner/pirate', revision: 'main' } as const;

it('finds the job of a folder by the name that it was made with', () => {
  expect(worksOn(job({}), folder, 'pirate')).toBe(true);
  expect(worksOn(job({ kind: 'convert', subject: 'my pirate Q4_K_M' }), folder, 'my pirate')).toBe(true);
  expect(worksOn(job({ kind: 'convert', subject: 'my pirate Q4_K_M' }), folder, 'my')).toBe(false);
  expect(worksOn(job({ subject: 'other' }), folder, 'pirate')).toBe(false);
  expect(worksOn(job({ repoId: 'owner/pirate' }), folder, 'pirate')).toBe(false);
});

it('finds the job of a repository by the repository', () => {
  expect(worksOn(job({ repoId: 'owner/pirate', subject: 'any' }), repository, 'pirate')).toBe(true);
  expect(worksOn(job({}), repository, 'pirate')).toBe(false);
});

it('finds no work of another kind, and none that is over', () => {
  expect(worksOn(job({ kind: 'quantize' }), folder, 'pirate')).toBe(false);
  expect(worksOn(job({ state: 'done' }), folder, 'pirate')).toBe(false);
});
