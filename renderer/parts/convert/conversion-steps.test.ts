import { describe, expect, it } from 'vitest';
import { stepsOf } from './conversion-steps.ts';

describe('the steps of a conversion', () => {
  it('are done, now or later, by the phase that the job is in', () => {
    const phases = ['checking', 'downloading', 'converting', 'verifying'] as const;
    const detail = { code: 'conversion', phase: 'converting', phases, name: 'a', index: 1, count: 9 } as const;
    expect(stepsOf({ detail })).toEqual([
      { phase: 'checking', state: 'done' },
      { phase: 'downloading', state: 'done' },
      { phase: 'converting', state: 'now' },
      { phase: 'verifying', state: 'later' },
    ]);
  });

  it('are unknown before the job has begun', () => {
    expect(stepsOf({ detail: null })).toEqual([]);
  });
});
