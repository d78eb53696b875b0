/** Conversations as OpenAI's API has them, rendered byte by byte as jinja2 does. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConversations } from '../../../test/support/fixture-conversations.ts';
import { fixtureTime, type JinjaCase } from '../../../test/support/jinja-programs.ts';
import { readExactJson } from '../../../preload/wire/json.ts';
import { parseJsonText } from '../../base/json-text.ts';
import { createChatTemplate } from './chat-template.ts';
import { readMessages, readTools, renderAsGiven } from './render-as-given.ts';
import { templateMessage, templateTool } from './tool-prompt.ts';

const root = path.join(import.meta.dirname, '../../..');
/** All 41 templates, where the shared fixtures lie beside the checkout. */
const fullFolder = path.join(root, '../shared/fixtures/templates');
const folder = existsSync(fullFolder) ? fullFolder : path.join(root, 'test/fixtures/templates');
const { tools, conversations } = readConversations(path.join(folder, 'conversations.json'));
const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, { readonly ok?: string; readonly error?: string }>>>
>;

const options = {
  tools: null,
  special: { bos: '<BOS>', eos: '<EOS>' },
  now: () => fixtureTime,
};
const source = (file: string): string => readFileSync(path.join(folder, file), 'utf8');

describe('renderAsGiven', () => {
  it.for(Object.entries(expected))(
    'renders %s as jinja2 does, arguments as text or as an object',
    ([file, answers]) => {
      for (const [name, { ok, error }] of Object.entries(answers)) {
        const { messages: talk = [], withTools = false } = conversations[name] ?? {};
        for (const textArguments of [false, true]) {
          const messages = readMessages(talk.map((one) => templateMessage(one, { textArguments, shortIds: false })));
          const given = { ...options, messages, tools: withTools ? readTools(tools.map(templateTool)) : null };
          if (ok !== undefined)
            expect([name, renderAsGiven(source(file), given)]).toMatchObject([name, { text: ok, refused: null }]);
          else {
            // Where jinja2 refuses, a chat has another form or an error of its own, and either way the refusal is told.
            expect(error).toBeDefined();
            try {
              expect(renderAsGiven(source(file), given).refused).not.toBeNull();
            } catch (failed) {
              expect(failed).toMatchObject({ code: 'template.invalid' });
            }
          }
        }
      }
    },
  );
  it('gives a template what a chat gives it', () => {
    const template = ['messages', 'tools', 'documents', 'add_generation_prompt', 'bos_token', 'eos_token', 'more']
      .map((name) => `${name}={{ ${name} is defined }} `)
      .join('');
    const { text: inChat } = createChatTemplate(template, options.special, options.now).render([
      { role: 'user', content: 'a' },
    ]);
    const asGiven = renderAsGiven(template, { ...options, messages: readMessages([{ role: 'user', content: 'a' }]) });
    expect(asGiven.text).toBe(inChat);
    expect(inChat).toContain('documents=True');
    expect(inChat).toContain('more=False');
  });

  it('writes numbers as jinja2 does of what json.loads reads, with arguments as an object or as text', () => {
    const numbers = readExactJson(
      readFileSync(path.join(root, 'test/fixtures/jinja/numbers.json'), 'utf8'),
    ) as readonly (JinjaCase & { readonly ok: string })[];
    const {
      template = '',
      variables,
      ok,
    } = numbers.find(({ variables: { messages } }) => messages !== undefined) ?? {};
    const text = JSON.stringify(variables?.['messages']);
    const asText = text.replace(
      /"arguments":(\{[^}]*\})/,
      (_, values: string) => `"arguments":${JSON.stringify(values)}`,
    );
    expect(asText).not.toBe(text);
    for (const messages of [text, asText]) {
      const given = {
        messages: readMessages(parseJsonText(messages, 'messages')),
        tools: readTools(variables?.['tools']),
      };
      expect(renderAsGiven(template, { ...options, ...given })).toMatchObject({ text: ok, refused: null });
    }
  });

  it('keeps every field of a message', () => {
    const template =
      '{% for m in messages %}[{{ m.role }}|{{ m.content }}|{{ m.reasoning_content }}|{{ m.name }}]{% endfor %}';
    const messages = readMessages([
      { role: 'user', content: 'a', name: 'Ann' },
      { role: 'assistant', content: null, reasoning_content: 'hm' },
    ]);
    expect(renderAsGiven(template, { ...options, messages }).text).toBe('[user|a||Ann][assistant|None|hm|]');
  });
  it('takes every role that templates know, which a chat has as one of its own', () => {
    const roles = ['ipython', 'function', 'tool_response', 'developer', 'observation'];
    const messages = readMessages(roles.map((role) => ({ role, content: role })));
    const shown = '{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}';
    expect(renderAsGiven(shown, { ...options, messages }).text).toBe(roles.map((role) => `${role}:${role};`).join(''));
    // What a template refuses comes as a chat has it.
    const picky = `{% for m in messages %}{% if m.role not in ['user', 'system'] %}{{ raise_exception('No ' + m.role) }}{% endif %}{% endfor %}${shown}`;
    const { text, refused } = renderAsGiven(picky, { ...options, messages });
    expect(refused).toBe('No ipython');
    expect(text).toContain('<tool_response>\nipython\n</tool_response>');
    expect(text).toContain('user:observation;');
  });
  it('tells of tools that a template leaves out', () => {
    const given = {
      ...options,
      messages: readMessages([{ role: 'user', content: 'a' }]),
      tools: readTools(tools.map(templateTool)),
    };
    expect(renderAsGiven('{{ messages[0].content }}', given)).toEqual({
      text: 'a',
      refused: null,
      leavesToolsOut: true,
    });
    expect(renderAsGiven('{{ messages[0].content }}{{ tools|length }}', given).leavesToolsOut).toBe(false);
  });
  it('names the place of what is no message', () => {
    for (const [value, field] of [
      [{}, 'messages'],
      [[{ role: 'a robot', content: '' }], 'messages.0.role'],
      [[{ role: 'user', content: 1 }], 'messages.0.content'],
      [
        [{ role: 'assistant', tool_calls: [{ function: { name: 'a' } }] }],
        'messages.0.tool_calls.0.function.arguments',
      ],
    ] as const)
      expect(() => readMessages(value)).toThrow(expect.objectContaining({ code: 'invalid_input', data: { field } }));
  });
});
