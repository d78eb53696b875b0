import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../chat-format/jinja/jinja.ts';
import { readTemplate, translateGoTemplate } from './go-template.ts';

const fixtures = path.join(import.meta.dirname, '../../../../test/fixtures/go-templates');
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(fixtures, name), 'utf8'));

interface Message {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly { readonly id: string; readonly function: object }[];
  readonly tool_name?: string;
  readonly tool_call_id?: string;
}
interface Input {
  readonly messages: readonly Message[];
  readonly tools?: readonly object[];
  readonly think?: boolean;
  readonly level?: string;
}
const { inputs, cases } = read('cases.json') as {
  inputs: Record<string, Input>;
  cases: { name: string; template: string }[];
};
/** By Go itself; see make.go.txt. */
const expected = read('expected.json') as Record<string, Record<string, string>>;

/** The conversation as the engine gives it to a template. */
function variablesOf({ messages, tools, think, level }: Input) {
  return {
    messages: messages.map(({ tool_name, tool_calls, ...message }) => ({
      ...message,
      ...(tool_calls && { tool_calls: tool_calls.map((call) => ({ type: 'function', ...call })) }),
      ...(tool_name !== undefined && { name: tool_name }),
    })),
    tools: tools ?? null,
    add_generation_prompt: true,
    ...(think !== undefined && { enable_thinking: think }),
    ...(level !== undefined && { reasoning_effort: level }),
  };
}
const noon = () => ({ year: 2026, month: 1, day: 31, hour: 12, minute: 0, second: 0, microsecond: 0 });

describe.each(cases)('$name', ({ name, template }) => {
  it.each(Object.keys(inputs))('says of "%s" what Go does', (input) => {
    const jinja = parseTemplate(translateGoTemplate(template));
    expect(jinja.render(variablesOf(inputs[input] as Input), { now: noon })).toBe(expected[name]?.[input]);
  });
});

it.each([
  ['{{ template "x" . }}', /template/],
  ['{{ .Messages.First }}', /\.First/],
  ['{{ range .Messages }}{{ .Nothing }}{{ end }}', /\.Nothing/],
  ['{{ range .Messages }}{{ . }}{{ end }}', /only fields/],
  ['{{ urlquery .System }}{{ .Response }}', /urlquery/],
  ['{{ printf "%x" .System }}{{ .Response }}', /%x/],
  ['{{ if .System }}{{ .Response }}', /no end/],
  ['{{ .Response }}{{ end }}', /ends nothing/],
  ['{{ .Response', /no end/],
  ['{{ /* never ended }}', /no end/],
  ['{{ $x = 1 }}{{ .Response }}', /\$x/],
  ['{{ "\\q" }}{{ .Response }}', /escape/],
  ['{{ (.System }}{{ .Response }}', /\)/],
  ['{{ range .System }}{{ end }}{{ .Response }}', /no list/],
  [`${'{{ if .System }}'.repeat(200)}{{ .Response }}${'{{ end }}'.repeat(200)}`, /deeply/],
  [`{{ ${'('.repeat(200)}.System${')'.repeat(200)} }}{{ .Response }}`, /deeply/],
  ['{{ len }}{{ .Response }}', /len/],
  ['{% if x %}', /Jinja/],
])('refuses %s in words', (template, reason) => {
  expect(() => readTemplate(template, 'template')).toThrow(
    expect.objectContaining({ code: 'invalid_input', message: expect.stringMatching(reason) as string }),
  );
});

it('takes Jinja as it is', () => {
  for (const jinja of [
    '{% for message in messages %}{{ message.content }}{% endfor %}',
    "{{ bos_token + messages[0]['content'] }}",
  ])
    expect(readTemplate(jinja, 'template')).toBe(jinja);
});
