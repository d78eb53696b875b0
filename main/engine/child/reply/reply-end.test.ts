import { describe, expect, it } from 'vitest';
import { endReasonOf } from './reply-end.ts';

const limits = { maxTokens: 10, roomTokens: 100, stop: ['END'] };

describe('endReasonOf', () => {
  it('lets a reply continue below its limits', () => {
    expect(endReasonOf(limits, false, null, 9)).toBeNull();
    expect(endReasonOf({ ...limits, maxTokens: Infinity }, false, null, 99)).toBeNull();
  });
  it('ends it at the caller’s maximum and at the edge of the context, which counts where both are met', () => {
    expect(endReasonOf(limits, false, null, 10)).toBe('max_tokens');
    expect(endReasonOf({ ...limits, roomTokens: 10 }, false, null, 10)).toBe('context_full');
    expect(endReasonOf({ ...limits, maxTokens: Infinity }, false, null, 100)).toBe('context_full');
  });
  it('tells the caller’s stop texts from those that end a turn', () => {
    expect(endReasonOf(limits, false, 'END', 3)).toBe('stop_text');
    expect(endReasonOf(limits, false, '\n### User:', 3)).toBe('end_of_turn');
  });
  it('is stopped before all else', () => {
    expect(endReasonOf(limits, true, 'END', 10)).toBe('stopped');
  });
});
