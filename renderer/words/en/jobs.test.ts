import { describe, expect, it } from 'vitest';
import type { Verification } from '../../../preload/contract/convert.ts';
import type { JobDetail } from '../../../preload/contract/jobs.ts';
import { downloads } from './downloads.ts';
import { jobs } from './jobs.ts';

const verified = (changes: Partial<Extract<JobDetail, { code: 'verified' }>>): string =>
  jobs.detail({
    ...{ code: 'verified', checkedCount: 3, damagedCount: 0, damaged: [], unverifiableCount: 0 },
    ...changes,
  });

describe('the words of a job', () => {
  it('name its subject', () => {
    expect(jobs.title({ kind: 'download', subject: 'Tiny Q4_K_M' })).toBe('Tiny Q4_K_M');
    expect(jobs.title({ kind: 'verify', subject: null })).toBe('Verify all models');
    expect(jobs.title({ kind: 'verify', subject: 'owner/name' })).toBe('Verify owner/name');
    expect(jobs.title({ kind: 'backend', subject: 'cuda' })).toBe('GPU support for NVIDIA (CUDA)');
    expect(jobs.title({ kind: 'backend', subject: null })).toBe('GPU support');
  });

  it('say in one phrase that it runs', () => {
    const say = (job: Partial<Parameters<typeof jobs.atWork>[0]>): string =>
      jobs.atWork({ kind: 'verify', subject: null, state: 'running', ...job });
    expect(say({})).toBe('Verifying all models');
    expect(say({ subject: 'owner/name', state: 'verifying' })).toBe('Verifying owner/name');
    expect(say({ kind: 'move' })).toBe('Moving the models');
    expect(say({ kind: 'limit' })).toBe('Freeing space to stay within the size limit');
    expect(say({ kind: 'backend', subject: 'cuda' })).toBe('Downloading GPU support for NVIDIA (CUDA)');
    expect(say({ state: 'queued' })).toBe('Verify all models: waiting for its turn');
  });

  it('say what the verification of a conversion found', () => {
    const say = (verification: Verification | null): string =>
      jobs.detail({ code: 'converted', sizeBytes: 2_020_000_000, verification });
    const passed: Verification = {
      result: 'passed',
      tokenizer: { textCount: 64, mismatchCount: 0, firstMismatch: null },
      generated: { text: 'x', tokenCount: 16 },
      error: null,
      at: 0,
    };
    expect(say(null)).toBe('Ready, 2.02\u00a0GB. It was not verified.');
    expect(say(passed)).toBe(
      '2.02\u00a0GB. Verified. Its tokenizer divides 64 texts as the original one does. It wrote 16 tokens, as many as were asked for.',
    );
    expect(say({ ...passed, generated: { text: 'x', tokenCount: 6 } })).toContain(
      'It wrote 6 tokens and then ended its reply.',
    );
    const differs = { textCount: 64, mismatchCount: 3, firstMismatch: null };
    expect(say({ ...passed, result: 'failed', tokenizer: differs, generated: null })).toBe(
      '2.02\u00a0GB. The verification failed. Its tokenizer divides 3 of 64 texts otherwise than the original one.',
    );
    expect(say({ ...passed, tokenizer: null })).toContain('could not be compared');
  });

  it('make sentences of it', () => {
    const move = { kind: 'move', subject: null } as const;
    expect(jobs.failed(move)).toBe('The models were not moved');
    expect(jobs.failed({ kind: 'verify', subject: null })).toBe('The models could not be verified');
    expect(jobs.failed({ kind: 'backend', subject: 'cuda' })).toBe('GPU support for NVIDIA (CUDA) was not installed');
    expect(downloads.cancel(jobs.noun(move))).toBe('Cancel the move of the models');
    expect(downloads.logOf(jobs.noun({ kind: 'limit', subject: null }))).toBe('Log of the cleanup for the size limit');
    expect(jobs.ending({ kind: 'verify', subject: null, detail: null })).toBe('Every file is intact');
  });

  it('give the result of a check', () => {
    expect(verified({})).toBe('All 3 files are intact.');
    expect(verified({ checkedCount: 1, unverifiableCount: 1 })).toBe('The file is intact. 1 file cannot be verified.');
    expect(verified({ checkedCount: 0, unverifiableCount: 2 })).toBe('2 files cannot be verified.');
    expect(verified({ damagedCount: 1, damaged: ['o/n/a.gguf'] })).toBe(
      '1 file is damaged: o/n/a.gguf. Download again to repair.',
    );
    expect(verified({ damagedCount: 7, damaged: ['a', 'b', 'c', 'd', 'e'], unverifiableCount: 1 })).toBe(
      '7 files are damaged: a, b, c, d, e and 2 more. Download again to repair. 1 file cannot be verified.',
    );
  });

  it('say what was deleted for the size limit, and when that was not enough', () => {
    const evicted = [{ name: 'o/n/a.gguf', freedBytes: 2_500_000_000 }];
    expect(jobs.detail({ code: 'evicted', count: 1, evicted, remaining: null })).toBe(
      'Deleted o/n/a.gguf (2.50\u00a0GB), unused for longest, to stay within the limit.',
    );
    const remaining = { totalBytes: 9_000_000_000, limitBytes: 5_000_000_000 };
    expect(jobs.detail({ code: 'evicted', count: 4, evicted, remaining })).toMatch(
      /3 more are in the log\. The models still take 9\.00\u00a0GB, more than the limit of 5\.00\u00a0GB:/,
    );
  });

  it('give the result of a job without a model', () => {
    const job = { kind: 'move', subject: null, detail: null } as const;
    expect(jobs.ending(job)).toBe('The models folder was moved');
    expect(jobs.ending({ ...job, detail: { code: 'files_left', count: 1 } })).toBe('1 file stays in the old folder');
    expect(jobs.ending({ kind: 'limit', subject: null, detail: null })).toBe('The models are within the size limit');
  });
});
