import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../preload/contract/engine.ts';
import { backendWords } from './backend-words.ts';

const cuda: Backend = { id: 'cuda', installed: false, available: true, sizeBytes: 539_000_000, problem: null };

describe('backendWords', () => {
  it('says how much a download takes, and why one would not help', () => {
    expect(backendWords(cuda)).toContain('(539\u00a0MB)');
    expect(backendWords({ ...cuda, sizeBytes: null })).not.toContain('(');
    expect(backendWords({ ...cuda, problem: { code: 'no_nvidia_gpu' } })).toMatch(
      /^This computer has no NVIDIA GPU\. /,
    );
    expect(backendWords({ ...cuda, available: false })).toBe('Not available for this computer.');
  });

  it('says why an installed one cannot be used', () => {
    expect(backendWords({ ...cuda, installed: true })).toBe('Models can run on the graphics card.');
    const problem = { code: 'does_not_start', detail: 'NoBinaryFoundError' } as const;
    expect(backendWords({ ...cuda, installed: true, problem })).toMatch(
      /^It does not start on this computer: [^:]+\.$/,
    );
  });
});
