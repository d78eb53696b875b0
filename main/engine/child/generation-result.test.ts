import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import type { PreparedReply } from './prepare-reply.ts';
import { createGenerationClock, generationResult, type GenerationOutcome } from './generation-result.ts';
import { hashTokens } from './token-hash.ts';

function setup(): { clock: ReturnType<typeof createGenerationClock>; at: (ms: number) => void } {
  let now = 1000;
  const clock = createGenerationClock(() => now);
  return { clock, at: (ms) => (now = 1000 + ms) };
}

describe('the clock of a generation', () => {
  it('counts the wait, the prompt and the text, and a pause as wait', () => {
    const { clock, at } = setup();
    at(100);
    clock.started(true);
    clock.firstToken(1350, 0);
    at(2000);
    clock.done();
    at(9000);
    expect(clock.times(400)).toEqual({ queuedMs: 500, promptMs: 250, generateMs: 1250 });
  });
  it('takes a pause off the time in which it was', () => {
    const { clock, at } = setup();
    at(100);
    clock.started(false);
    at(500);
    expect(clock.times(150)).toEqual({ queuedMs: 150, promptMs: 250, generateMs: 0 });
    clock.firstToken(1600, 200);
    at(1000);
    expect(clock.times(300)).toEqual({ queuedMs: 300, promptMs: 300, generateMs: 300 });
  });
  it('counts no wait for a reply that had its slot at once: its template was rendered meanwhile', () => {
    const { clock, at } = setup();
    at(100);
    clock.started(false);
    at(300);
    expect(clock.times(0)).toEqual({ queuedMs: 0, promptMs: 200, generateMs: 0 });
  });
  it('counts a generation that was stopped in the queue as wait', () => {
    const { clock, at } = setup();
    at(700);
    expect(clock.times(0)).toEqual({ queuedMs: 700, promptMs: 700, generateMs: 0 });
  });
});

describe('the result of a generation', () => {
  const times = { promptMs: 1, queuedMs: 2, generateMs: 3 };
  const call = { id: 'abcdefghi', name: 'add', arguments: '{}' };
  const resultOf = (events: { calls?: object[]; stopText?: string }, outcome: Partial<GenerationOutcome>): object =>
    generationResult(
      {
        prompt: { tokens: [1, 2, 3], omittedMessages: 0, makeUp: {} },
        seed: 7,
        events: { calls: [], stopText: null, reasoningTokens: 0, ...events },
      } as unknown as PreparedReply,
      512,
      { times, endReason: 'end_of_turn', ...outcome },
    );

  it('has zeros for what did not happen, and no keys for what there was none of', () => {
    expect(resultOf({}, { endReason: 'stopped' })).toEqual({
      ...{ promptTokens: 3, omittedMessages: 0, makeUp: {}, contextSize: 512, seed: 7 },
      ...{ reusedTokens: 0, restoredTokens: 0, generatedTokens: 0, endReason: 'stopped' },
      ...{ ...times, reasoningTokens: 0, promptHash: hashTokens([1, 2, 3] as Token[]) },
    });
  });
  it('names calls as the reason of an end that the model chose, and of no other', () => {
    expect(resultOf({ calls: [call] }, {})).toMatchObject({ endReason: 'tool_calls', toolCalls: [call] });
    expect(resultOf({ calls: [call] }, { endReason: 'max_tokens' })).toMatchObject({ endReason: 'max_tokens' });
  });
  it('has the stop text only where it is the reason', () => {
    expect(resultOf({ stopText: 'END' }, { endReason: 'stop_text' })).toMatchObject({ stopText: 'END' });
    expect(resultOf({ stopText: '### User:' }, {})).not.toHaveProperty('stopText');
  });
});
