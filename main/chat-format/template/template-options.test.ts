import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureTime } from '../../../test/support/jinja-programs.ts';
import { createReasoningSplitter } from '../reply/reasoning.ts';
import { createChatTemplate } from './chat-template.ts';
import { checkTemplateOptions, type TemplateOptions } from './template-options.ts';

interface Case {
  readonly template: string;
  readonly options: TemplateOptions;
  /** As jinja2 renders it: test/support/jinja-fixtures.ts. */
  readonly text: string;
}

const folder = path.join(import.meta.dirname, '../../../test/fixtures/templates');
const cases = JSON.parse(readFileSync(path.join(folder, 'options.json'), 'utf8')) as readonly Case[];
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello there' },
] as const;
const special = { bos: '<BOS>', eos: '<EOS>' };

describe('variables of a request', () => {
  it.each(cases)('reach the template as in jinja2: $template $options', ({ template, options, text }) => {
    const source = readFileSync(path.join(folder, template), 'utf8');
    const chat = createChatTemplate(source, special, () => fixtureTime);
    expect(chat.render(messages, [], options)).toEqual({ text, toolsRefused: null });
    // The reader of the reply goes by the prompt: an answer without reasoning is one.
    const splitter = createReasoningSplitter(text, source);
    const isOpen = text.trimEnd().endsWith('<think>');
    expect(splitter.inReasoning()).toBe(isOpen);
    const read = [splitter.push('Hi, you.'), splitter.end()];
    expect(read.map(({ content }) => content).join('')).toBe(isOpen ? '' : 'Hi, you.');
  });

  it('switch the reasoning of Qwen3 and DeepSeek off and on', () => {
    const endOf = (template: string, options: string): string =>
      cases.find((one) => one.template === template && JSON.stringify(one.options) === options)?.text.slice(-22) ?? '';
    expect(endOf('Qwen-Qwen3-0.6B.jinja', '{"enable_thinking":false}')).toContain('<think>\n\n</think>');
    expect(endOf('Qwen-Qwen3-0.6B.jinja', '{"enable_thinking":true}')).not.toContain('think>');
    expect(endOf('deepseek-ai-DeepSeek-V3.1.jinja', '{"thinking":true}')).toMatch(/<think>$/);
  });

  it.each([
    ['a name that the template has for itself', { messages: 'x' }],
    ['tools', { tools: true }],
    ['a function', { strftime_now: 'x' }],
    ['what begins the reply', { add_generation_prompt: false }],
    ['no name', { 'a b': 1 }],
    ['an empty name', { '': 1 }],
    ['a number that is none', { a: Number.NaN }],
    ['a list', { a: [1] as unknown as string }],
    ['nothing', { a: null as unknown as string }],
    ['a long text', { a: 'x'.repeat(20_001) }],
    ['very many', Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`a${index}`, index]))],
  ])('are refused: %s', (_, options: TemplateOptions) => {
    expect(() => checkTemplateOptions(options)).toThrow(expect.objectContaining({ code: 'invalid_input' }) as Error);
  });

  it('are taken with whatever name and value else', () => {
    checkTemplateOptions({ enable_thinking: false, reasoning_effort: 'high', _n1: -0.5 });
    checkTemplateOptions({});
  });
});
