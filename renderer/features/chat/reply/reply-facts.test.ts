import { describe, expect, it } from 'vitest';
import type { Message, Timing } from '../../../../preload/contract/chat.ts';
import { endWords, replyFigures } from './reply-facts.ts';

const timing: Timing = {
  promptTokens: 900,
  reusedTokens: 0,
  promptMs: 100,
  generatedTokens: 100,
  generateMs: 2_000,
  firstTokenMs: 340,
  contextSize: 4_096,
  omittedMessages: 0,
  endReason: 'end_of_turn',
  seed: 1,
};

const reply: Message = {
  id: 'm',
  chatId: 'c',
  parentId: null,
  role: 'assistant',
  parts: [{ type: 'text', text: 'Text' }],
  status: 'complete',
  error: null,
  modelId: null,
  modelName: 'Ember',
  sampling: null,
  timing,
  createdAt: 0,
};

describe('reply facts', () => {
  it('gives speed, first token and length', () => {
    expect(replyFigures(reply).map((figure) => figure.value)).toEqual([
      '50.0\u00a0tokens/s',
      '0.3\u00a0s to first token',
      '100 tokens',
    ]);
    expect(replyFigures({ ...reply, timing: { ...timing, generatedTokens: 1 } }).map((figure) => figure.value)).toEqual(
      ['0.3\u00a0s to first token', '1 token'],
    );
    expect(replyFigures({ ...reply, timing: null })).toEqual([]);
    const loaded = { ...reply, timing: { ...timing, firstTokenMs: 4_340, loadMs: 4_000 } };
    expect(replyFigures(loaded).map((figure) => figure.value)).toEqual([
      '50.0\u00a0tokens/s',
      '0.3\u00a0s to first token',
      '4.0\u00a0s to load',
      '100 tokens',
    ]);
  });

  it('say that a template refused the tools, with its own words', () => {
    const figures = replyFigures({ ...reply, timing: { ...timing, toolsRefused: 'Only one call is allowed' } });
    expect(figures.at(-1)).toEqual({
      label:
        'The model’s template refused the tools of this chat (“Only one call is allowed”). The model got them described in words.',
      value: 'tools in words',
    });
  });

  it('counts a continued reply whole, and says how much its last part is', () => {
    const figures = replyFigures({ ...reply, timing: { ...timing, continuedTokens: 1_100 } });
    expect(figures.map(({ value }) => value)).toContain('1,200 tokens, 100 of them since it was continued');
  });

  it('gives the reason for an end only when it is unusual', () => {
    expect(endWords(reply)).toBeNull();
    expect(endWords({ ...reply, status: 'stopped' })).toBe('Stopped. What was written is kept.');
    expect(endWords({ ...reply, timing: { ...timing, endReason: 'context_full' } })).toContain('4,096');
    expect(endWords({ ...reply, timing: { ...timing, endReason: 'max_tokens' } })).toBe('Ended at max tokens.');
    expect(endWords({ ...reply, status: 'interrupted', parts: [] })).toBe(
      'Hearth closed before this reply was written.',
    );
  });

  it('gives the number of accepted drafted tokens, and that a stop string ended the reply', () => {
    const drafted: Message = {
      ...reply,
      timing: {
        ...timing,
        endReason: 'stop_text',
        speculation: { kind: 'lookup', draftedTokens: 80, acceptedTokens: 50 },
      },
    };
    const values = replyFigures(drafted).map((figure) => figure.value);
    expect(values.slice(3)).toEqual(['63% of drafts accepted', 'stop string']);
    expect(endWords(drafted)).toBeNull();
  });
});
