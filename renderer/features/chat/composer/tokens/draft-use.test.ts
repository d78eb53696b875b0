import { describe, expect, it } from 'vitest';
import { replyReserveTokens } from '../../../../../preload/contract/defaults.ts';
import type { ContextUse } from '../context-parts.ts';
import { draftFit, contextOfNext } from './draft-use.ts';

const part = (key: ContextUse['parts'][number]['key'], tokens: number) => ({ key, tokens, label: key, percent: 0 });
const after: ContextUse = {
  usedTokens: 300,
  contextSize: 1000,
  parts: [part('system', 100), part('history', 150), part('reply', 50), part('free', 700)],
};
const next = { draftTokens: 100, systemTokens: 0, contextSize: 1000 };
const shape = (use: ContextUse | null) => use?.parts.map(({ key, tokens, percent }) => [key, tokens, percent]);

describe('the context of the next message', () => {
  it('has it between the reply and what is free', () => {
    const use = contextOfNext(after, next);
    expect(shape(use)).toEqual([
      ['system', 100, 10],
      ['history', 150, 15],
      ['reply', 50, 5],
      ['draft', 100, 10],
      ['free', 600, 60],
    ]);
    expect(use?.usedTokens).toBe(400);
  });

  it('is what it was after the last reply while nothing is typed', () => {
    expect(contextOfNext(after, { ...next, draftTokens: 0 })).toBe(after);
    expect(contextOfNext(after, { ...next, draftTokens: 0, contextSize: null })).toBe(after);
  });

  it('of a new chat has the system prompt and the message', () => {
    expect(shape(contextOfNext(null, { ...next, systemTokens: 40 }))).toEqual([
      ['system', 40, 4],
      ['draft', 100, 10],
      ['free', 860, 86],
    ]);
    expect(contextOfNext(null, { ...next, contextSize: null })).toBeNull();
  });

  it('follows the size of the loaded model, and is full where it is too small', () => {
    const use = contextOfNext(after, { ...next, contextSize: 350 });
    expect([use?.usedTokens, use?.contextSize, use?.parts.at(-1)?.tokens]).toEqual([400, 350, 0]);
    expect(use?.parts.reduce((sum, { percent }) => sum + percent, 0)).toBe(100);
  });
});

describe('whether it fits', () => {
  const most = 1000 - replyReserveTokens(1000);
  const fit = (draftTokens: number, policy: 'roll' | 'cut_middle' | 'stop' = 'roll') =>
    draftFit(contextOfNext(after, { ...next, draftTokens }), { draftTokens, systemTokens: 0 }, policy);

  it('is told with what will happen otherwise', () => {
    expect(fit(0)).toEqual({ kind: 'fits' });
    expect(fit(most - 300)).toEqual({ kind: 'fits' });
    expect(fit(most - 299)).toEqual({ kind: 'leaves_out', policy: 'roll' });
    expect(fit(most - 299, 'cut_middle')).toEqual({ kind: 'leaves_out', policy: 'cut_middle' });
    expect(fit(most - 100)).toMatchObject({ kind: 'leaves_out' });
    // The system prompt stays whatever is left out.
    expect(fit(most - 99)).toEqual({ kind: 'too_long', overTokens: 1 });
    expect(fit(699, 'stop')).toEqual({ kind: 'fits' });
    expect(fit(700, 'stop')).toMatchObject({ kind: 'refused' });
    expect(fit(5000, 'stop')).toMatchObject({ kind: 'too_long' });
  });

  it('is not said where nothing is known', () => {
    expect(draftFit(null, { draftTokens: 10_000, systemTokens: 0 }, 'roll')).toEqual({ kind: 'fits' });
  });
});
