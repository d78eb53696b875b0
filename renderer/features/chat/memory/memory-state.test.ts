import { describe, expect, it } from 'vitest';
import type { Message, Timing } from '../../../../preload/contract/chat.ts';
import type { ChatMemory } from '../../../../preload/contract/memory.ts';
import { summariesOn, summaryInForce } from '../../../../preload/contract/summary-in-force.ts';
import { boundaries, offerOf } from './memory-state.ts';

const timing: Timing = {
  ...{ promptTokens: 400, reusedTokens: 0, promptMs: 1, generatedTokens: 20, generateMs: 1, firstTokenMs: 1 },
  ...{ contextSize: 1000, omittedMessages: 0, endReason: 'end_of_turn', seed: 1 },
};
const message = (id: string, more: Partial<Message> = {}): Message => ({
  ...{ id, chatId: 'c', parentId: null, role: 'user', parts: [{ type: 'text', text: id }], status: 'complete' },
  ...{ error: null, modelId: null, modelName: null, sampling: null, timing: null, createdAt: 0 },
  ...more,
});
const path = (last: Partial<Timing>, ...ids: string[]): Message[] => [
  ...ids.map((id) => message(id)),
  message('last', { role: 'assistant', timing: { ...timing, ...last } }),
];
const summary = (id: string, untilMessageId: string, isOn = true) => ({
  ...{ id, untilMessageId, text: 'So far.', source: 'model' as const, isOn, modelName: null, updatedAt: 0 },
});
const memory = (...summaries: ReturnType<typeof summary>[]): ChatMemory => ({
  ...{ revision: 0, summaries, running: null, failure: null, automatic: false, findsAgain: true },
});

describe('the memory of a path', () => {
  it('has the summaries that end on it, and of those that are on the furthest counts', () => {
    const shown = path({}, 'a', 'b', 'c', 'd');
    const all = memory(summary('far', 'c'), summary('near', 'a'), summary('off', 'd', false), summary('other', 'x'));
    expect(summariesOn(shown, all.summaries).map(({ summary, messages }) => [summary.id, messages])).toEqual([
      ['near', 1],
      ['far', 3],
      ['off', 4],
    ]);
    expect(summaryInForce(shown, all.summaries)?.summary.id).toBe('far');
    expect(summaryInForce(shown, memory().summaries)).toBeNull();
  });

  it('begins behind what was left out, of which replies without content are none', () => {
    const empty = message('empty', { role: 'assistant', parts: [{ type: 'reasoning', text: 'hm', durationMs: 1 }] });
    const [a, ...rest] = path({ omittedMessages: 2 }, 'a', 'b', 'c', 'd');
    const shown = [a, empty, ...rest].filter((one) => one !== undefined);
    expect(boundaries(shown, memory())).toEqual({ summarized: 0, untold: 3 });
    expect(boundaries(shown, memory(summary('s', 'c')))).toEqual({ summarized: 4, untold: 4 });
    const further = path(
      { omittedMessages: 1, memory: { summarizedMessages: 2, recalledIds: [] } },
      'a',
      'b',
      'c',
      'd',
    );
    expect(boundaries(further, memory(summary('s', 'b')))).toEqual({ summarized: 2, untold: 3 });
  });

  it('draws no line where the middle was cut', () => {
    const cut = path({ omittedMessages: 2, overflow: { policy: 'cut_middle', omittedTokens: 9 } }, 'a', 'b', 'c');
    expect(boundaries(cut, memory()).untold).toBe(0);
  });

  it('offers a summary when the context is nearly full or something was left out, and tells of a new one', () => {
    expect(offerOf(path({ promptTokens: 820 }, 'a', 'b'), memory())).toBeNull();
    expect(offerOf(path({ promptTokens: 830 }, 'a', 'b'), memory())).toEqual({ kind: 'nearly_full', share: 0.85 });
    expect(offerOf(path({ promptTokens: 830 }, 'a'), memory())).toBeNull();
    expect(offerOf(path({ omittedMessages: 2 }, 'a', 'b', 'c'), memory())).toEqual({ kind: 'left_out', messages: 2 });
    const made = memory(summary('s', 'b'));
    expect(offerOf(path({ omittedMessages: 2 }, 'a', 'b', 'c'), made)).toMatchObject({ kind: 'ready' });
    const read = path({ memory: { summarizedMessages: 2, recalledIds: [] } }, 'a', 'b', 'c');
    expect(offerOf(read, made)).toBeNull();
  });
});
