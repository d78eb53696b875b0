/** Real templates, byte by byte as jinja2 renders them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConversations } from '../../../test/support/fixture-conversations.ts';
import { fixtureTime } from '../../../test/support/jinja-programs.ts';
import type { ToolDefinition } from '../messages.ts';
import { createChatTemplate } from '../template/chat-template.ts';
import type { TemplateMessage } from '../template/flatten.ts';
import { templateMessage, templateTool } from '../template/tool-prompt.ts';
import { parseTemplate } from './jinja.ts';
import { isFailure } from './values/errors.ts';

type Expected = Readonly<Record<string, Readonly<Record<string, { readonly ok?: string; readonly error?: string }>>>>;

const root = path.join(import.meta.dirname, '../../..');
const ownFolder = path.join(root, 'test/fixtures/templates');
/** All 41 templates, where the shared fixtures lie beside the checkout. */
const fullFolder = path.join(root, '../shared/fixtures/templates');
const special = { bos: '<BOS>', eos: '<EOS>' };
const now = (): typeof fixtureTime => fixtureTime;

function differences(folder: string): { readonly tried: number; readonly different: readonly unknown[] } {
  const { tools, conversations } = readConversations(path.join(folder, 'conversations.json'));
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
  let tried = 0;
  const different: unknown[] = [];
  for (const [file, answers] of Object.entries(expected)) {
    const template = parseTemplate(readFileSync(path.join(folder, file), 'utf8'));
    for (const [name, { ok, error }] of Object.entries(answers)) {
      const { messages = [], withTools = false } = conversations[name] ?? {};
      tried++;
      const own = ((): { ok?: string; error?: string } => {
        try {
          const variables = {
            messages: messages.map((message) => templateMessage(message, { textArguments: false, shortIds: false })),
            tools: withTools ? tools.map(templateTool) : null,
            add_generation_prompt: true,
            bos_token: special.bos,
            eos_token: special.eos,
          };
          return { ok: template.render(variables, { now }) };
        } catch (failed) {
          if (!isFailure(failed)) throw failed;
          return { error: failed.kind };
        }
      })();
      if (own.ok !== ok || own.error !== error) different.push({ file, name, ok, error, own });
    }
  }
  return { tried, different };
}

describe('templates of models', () => {
  it('come out as jinja2 renders them, and are refused where it refuses them', () => {
    const { tried, different } = differences(ownFolder);
    expect(different).toEqual([]);
    expect(tried).toBe(11 * 18);
  });

  it.skipIf(!existsSync(fullFolder))('come out the same for all that the field has', () => {
    const { tried, different } = differences(fullFolder);
    expect(different).toEqual([]);
    expect(tried).toBe(41 * 18);
  });
});

describe('tools', () => {
  const templateOf = (name: string): ReturnType<typeof createChatTemplate> =>
    createChatTemplate(readFileSync(path.join(ownFolder, `${name}.jinja`), 'utf8'), special, now);
  const tool: ToolDefinition = { name: 'add', parameters: { type: 'object', properties: {} } };

  it('are text where a template cannot render its own form of them, which it says', () => {
    const template = templateOf('llama-cpp-deepseek-r1');
    expect(template.toolProblem()).toEqual({
      why: 'invalid',
      detail: 'Object of type generator is not JSON serializable (line 12)',
    });
    expect(template.render([{ role: 'user', content: 'Hi' }], [tool]).text).toContain('<tools>\n{"type":"function"');
  });

  it('are text without a word where a template has no form of them', () => {
    const template = templateOf('microsoft-Phi-3.5-mini-instruct');
    expect(template.toolProblem()).toBeNull();
    expect(template.render([{ role: 'user', content: 'Hi' }], [tool]).text).toContain('<tools>\n{"type":"function"');
  });

  it('are in the form of the template where it has one that works', () => {
    for (const name of ['Qwen-Qwen3-0.6B', 'own-key-value-tags', 'GigaChat3-10B-A1.8B', 'own-function-tags'])
      expect([name, templateOf(name).toolProblem()]).toEqual([name, null]);
  });

  it('get their arguments as an object, unless that comes out as Python prints it', () => {
    const talk: TemplateMessage[] = [
      { role: 'user', content: 'Sum?' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'abcdefghi', name: 'add', arguments: '{"a":1}' }] },
    ];
    const calls = (form: string): string =>
      `{{ tools[0].function.name if tools }}{% for m in messages %}{% for c in m.tool_calls or [] %}{% set a = c.function.arguments %}${form}{% endfor %}{% endfor %}`;
    const own =
      '{% if a is mapping %}{% for k, v in a|items %}<{{ k }}={{ v }}>{% endfor %}{% else %}{{ a }}{% endif %}';
    expect(createChatTemplate(calls(own), special, now).render(talk, [tool]).text).toBe('add<a=1>');
    expect(createChatTemplate(calls('{{ a }}'), special, now).render(talk, [tool]).text).toBe('add{"a":1}');
    expect(createChatTemplate(calls('{{ a|tojson }}'), special, now).render(talk, [tool]).text).toBe('add{"a": 1}');
  });
});
