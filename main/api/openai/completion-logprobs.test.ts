import { expect, it } from 'vitest';
import { createLegacyLogprobs } from './completion-logprobs.ts';

const token = (text: string, logprob: number, others: readonly [string, number][] = []) => ({
  ...{ id: 0, text, logprob },
  alternatives: others.map(([other, value]) => ({ id: 0, text: other, logprob: value })),
});

// The form of https://platform.openai.com/docs/api-reference/completions/object, as lm-eval-harness reads it.
it('begins with the prompt’s tokens where they are told, the first without a probability', () => {
  const logprobs = createLegacyLogprobs('a🙂b', true);
  expect(logprobs.take([{ id: 1, text: 'a', logprob: null }, token('🙂', -2, [['x', -1]])])).toEqual({
    tokens: ['a', '🙂'],
    token_logprobs: [null, -2],
    top_logprobs: [null, { x: -1, '🙂': -2 }],
    text_offset: [0, 1],
  });
  // Python counts characters, and the next piece goes on from there.
  expect(logprobs.take([token('b', -1), token('c', -3)]).text_offset).toEqual([2, 3]);
});

it('begins behind the prompt otherwise', () => {
  expect(createLegacyLogprobs('a🙂b', false).take([token('c', -1)]).text_offset).toEqual([3]);
});

it('keeps the likelier of two tokens with the same text, whatever the text is', () => {
  const { top_logprobs } = createLegacyLogprobs('', false).take([
    token('constructor', -1, [
      ['__proto__', -0.5],
      ['constructor', -0.7],
    ]),
  ]);
  expect(JSON.stringify(top_logprobs)).toBe('[{"__proto__":-0.5,"constructor":-0.7}]');
});
