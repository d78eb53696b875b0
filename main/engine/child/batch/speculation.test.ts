import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createLookupDrafter } from './speculation.ts';

/** Whether drafts were on before each of 200 tokens, which take so long each without and with drafts. */
function run(withoutMs: number, withMs: number): boolean[] {
  const drafter = createLookupDrafter();
  drafter.begin([], true);
  const states: boolean[] = [];
  let now = 0;
  for (let token = 0; token < 200; token++) {
    states.push(drafter.isOn());
    now += drafter.isOn() ? withMs : withoutMs;
    drafter.wrote(now);
  }
  return states;
}

describe('speculative decoding', () => {
  it('is tried after a stretch without it, stays on when it is faster, and goes off when it is not', () => {
    expect(run(10, 5).slice(0, 20)).not.toContain(true);
    expect(run(10, 5).at(-1)).toBe(true);
    const slower = run(10, 12);
    expect(slower).toContain(true);
    expect(slower.at(-1)).toBe(false);
    expect(run(10, 10).at(-1)).toBe(false);
  });
  it('stays off for a reply that does not allow it', () => {
    const drafter = createLookupDrafter();
    drafter.begin([], false);
    for (let token = 0; token < 200; token++) drafter.wrote(token);
    expect(drafter.isOn()).toBe(false);
  });

  it('counts the drafts of one reply, although a sequence counts those of all', async () => {
    const drafter = createLookupDrafter();
    const counted = { validated: 0, refuted: 0, used: 0 };
    const sequence = { tokenPredictions: counted } as unknown as LlamaContextSequence;
    const write = async (validated: number, refuted: number, used: number): Promise<unknown> => {
      const stateTokens = [1, 2, 3] as Token[];
      drafter.begin(stateTokens, true);
      await drafter.predictor.reset({ targetSequence: sequence, stateTokens, evaluateOptions: {} });
      for (let token = 0; token < 28; token++) drafter.wrote(token);
      await drafter.predictor.predictTokens();
      counted.validated += validated;
      counted.refuted += refuted;
      counted.used += used;
      return drafter.counts(sequence);
    };
    expect(await write(10, 4, 9)).toEqual({ draftedTokens: 14, acceptedTokens: 9 });
    expect(await write(3, 0, 2)).toEqual({ draftedTokens: 3, acceptedTokens: 2 });
    drafter.begin([], false);
    expect(drafter.counts(sequence)).toBeNull();
  });
});
