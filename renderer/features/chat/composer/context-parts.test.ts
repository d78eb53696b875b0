import { describe, expect, it } from 'vitest';
import type { Message, Timing } from '../../../../preload/contract/chat.ts';
import { contextUse, omittedWords, reusedWords } from './context-parts.ts';

const timing: Timing = {
  promptTokens: 900,
  reusedTokens: 0,
  promptMs: 100,
  generatedTokens: 100,
  generateMs: 2_000,
  firstTokenMs: 340,
  contextSize: 4_000,
  omittedMessages: 0,
  endReason: 'end_of_turn',
  seed: 1,
};
const reply = { timing } as Message;

describe('contextUse', () => {
  it('orders the parts as they are in the context and fills it exactly', () => {
    const makeUp = { systemTokens: 200, historyTokens: 600, messageTokens: 60, templateTokens: 40 };
    const use = contextUse({ timing: { ...timing, makeUp } } as Message);
    expect(use?.parts.map((part) => [part.key, part.tokens])).toEqual([
      ['system', 200],
      ['history', 600],
      ['message', 60],
      ['template', 40],
      ['reply', 100],
      ['free', 3000],
    ]);
    expect(use?.parts.reduce((sum, part) => sum + part.percent, 0)).toBe(100);
    expect(use).toMatchObject({ usedTokens: 1000, contextSize: 4000 });
  });

  it('has one part for the prompt when its origins are unknown, and leaves out empty parts', () => {
    expect(contextUse(reply)?.parts.map((part) => part.key)).toEqual(['prompt', 'reply', 'free']);
    const makeUp = { systemTokens: 0, historyTokens: 0, messageTokens: 860, templateTokens: 40 };
    const use = contextUse({ timing: { ...timing, makeUp } } as Message);
    expect(use?.parts.map((part) => part.key)).toEqual(['message', 'template', 'reply', 'free']);
  });

  it('is never more than full, and null when nothing was reported', () => {
    expect(contextUse({ timing: { ...timing, contextSize: 950 } } as Message)?.usedTokens).toBe(950);
    expect(contextUse({ timing: null } as Message)).toBeNull();
    expect(contextUse(undefined)).toBeNull();
  });
});

describe('words about the context', () => {
  it('says what the model did not see, and how much', () => {
    expect(omittedWords(timing)).toBeNull();
    expect(omittedWords(null)).toBeNull();
    expect(omittedWords({ ...timing, omittedMessages: 1 })).toContain('The first message was left out');
    expect(
      omittedWords({ ...timing, omittedMessages: 4, overflow: { policy: 'roll', omittedTokens: 1200 } }),
    ).toContain('The first 4 messages were left out of this reply (1,200 tokens)');
    expect(omittedWords({ ...timing, overflow: { policy: 'roll', omittedTokens: 80, reserveTokens: 128 } })).toContain(
      'The beginning of the conversation was left out (80 tokens): 128 of 4,000 tokens are kept free for the reply.',
    );
    expect(
      omittedWords({ ...timing, omittedMessages: 2, overflow: { policy: 'cut_middle', omittedTokens: 1 } }),
    ).toContain('The middle of the conversation was left out (1 token)');
  });

  it('says how many tokens were cached', () => {
    expect(reusedWords(timing)).toBeNull();
    expect(reusedWords({ ...timing, reusedTokens: 850 })).toContain('850 of 900 tokens');
  });
});
