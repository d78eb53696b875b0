import { describe, expect, it } from 'vitest';
import { createReasoningSplitter } from '../../../chat-format/reply/reasoning.ts';
import { replyStart } from './reply-start.ts';

const tag = { open: '<think>', close: '</think>' };
const same = (text: string): string => text;
const start = (prompt: string, reasoning: string, text: string): string =>
  replyStart(prompt, { reasoning, text }, tag, same);

describe('the beginning of a reply', () => {
  it('is the text itself after a plain prompt', () => {
    expect(start('<|im_start|>assistant\n', '', 'Once upon')).toBe('Once upon');
  });

  // As in Qwen3's own output: its chat template writes past turns as <think>\n…\n</think>\n\n before the text.
  it('has the reasoning between the marks of the model', () => {
    expect(start('<|im_start|>assistant\n', 'Hm.', 'Yes')).toBe('<think>\nHm.\n</think>\n\nYes');
    expect(start('<|im_start|>assistant\n', 'Hm, so', '')).toBe('<think>\nHm, so');
  });

  it('does not open what the prompt has opened, and closes it before a text', () => {
    expect(start('<｜Assistant｜><think>\n', 'Hm.', 'Yes')).toBe('Hm.\n</think>\n\nYes');
    expect(start('<｜Assistant｜><think>\n', '', 'Yes')).toBe('</think>\n\nYes');
  });

  it('is in channels for gpt-oss', () => {
    expect(start('<|start|>assistant', 'Hm.', 'Yes')).toBe(
      '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes',
    );
  });

  it('hides the texts of the message, and not the marks', () => {
    const hide = (text: string): string => `[${text}]`;
    expect(replyStart('assistant\n', { reasoning: 'a', text: 'b' }, tag, hide)).toBe('<think>\n[a]\n</think>\n\n[b]');
  });

  it.each([
    ['<|im_start|>assistant\n', 'Hm.', 'Yes'],
    ['<|im_start|>assistant\n', 'Hm, so', ''],
    ['<think>\n', 'Hm.', 'Yes'],
    ['<|start|>assistant', 'Hm.', 'Yes'],
    ['<|start|>assistant', 'Hm, so', ''],
  ])(
    'is read as what it was made of, and what follows belongs to the same text (%j, %j, %j)',
    (prompt, thoughts, text) => {
      const splitter = createReasoningSplitter(prompt);
      const read = splitter.push(start(prompt, thoughts, text));
      expect([read.reasoning.trim(), read.content]).toEqual([thoughts, text]);
      const next = splitter.push(' more');
      expect(text === '' ? next.reasoning : next.content).toBe(' more');
    },
  );
});
