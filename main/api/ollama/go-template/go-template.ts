/**
 * Templates of Ollama's Modelfiles. They are Go templates, and become Jinja here, which is what models bring along and the engine renders.
 * What is translated is what such templates have: fields of messages, tools and calls; if, with, range, variables; comparisons, `and`, `or`,
 * `not`, `len`, `index`, `slice`, `print`, `printf`, `json`, `currentDate`. All else is refused in words. Two differences are known: the
 * keys of a tool's parameters stand in the order of the request, and `<`, `>` and `&` stay as they are in JSON.
 */
import { AppError } from '../../../../preload/wire/errors.ts';
import { parseTemplate } from '../../../chat-format/jinja/jinja.ts';
import { GoTemplateError } from './lexer.ts';
import { parseGoTemplate } from './parser.ts';
import { jinjaOf, reads, untilResponse } from './translate.ts';
import type { Node } from './nodes.ts';
import { SPACE } from './types.ts';

/** The template as Jinja, which it may be already. @throws AppError `invalid_input` with the reason. */
export function readTemplate(text: string, field: string): string {
  // Jinja's statements are no Go, and hardly a template does without one.
  const isJinja = text.includes('{%') || text.includes('{#');
  try {
    if (!isJinja) return translateGoTemplate(text);
    parseTemplate(text);
    return text;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!isJinja && parses(text)) return text;
    const kind = isJinja ? 'Jinja' : 'Go template';
    throw new AppError(
      'invalid_input',
      `"${field}" is no ${kind} that Hearth understands: ${error.message.slice(0, 300)}.`,
      {
        field,
      },
    );
  }
}

function parses(text: string): boolean {
  try {
    parseTemplate(text);
    return true;
  } catch {
    return false;
  }
}

/** @throws GoTemplateError for what is not translated. */
export function translateGoTemplate(source: string): string {
  let nodes: readonly Node[] = parseGoTemplate(source);
  if (reads(nodes, 'messages')) return [...conversation, ...jinjaOf(nodes)].join('\n');
  // Like Ollama, a template that has no place for the reply gets one at its end.
  if (!reads(nodes, 'response'))
    nodes = [
      ...nodes,
      { type: 'output', pipe: { type: 'pipe', commands: [[{ type: 'field', of: 'dot', path: ['Response'] }]] } },
    ];
  return [
    ...conversation,
    '{%- macro turn() %}',
    ...jinjaOf(nodes),
    '{%- endmacro %}',
    '{%- macro last_turn() %}',
    ...jinjaOf(untilResponse(nodes).nodes),
    '{%- endmacro %}',
    ...turns,
  ].join('\n');
}

/** Messages of one role in a row are one, but for results of tools; the system texts together are one text. */
const conversation = [
  `{%- set ${SPACE} = namespace(system='', systems=[], messages=[], prompt='', response='') %}`,
  '{%- for message in messages %}',
  `{%- if message['role'] == 'system' %}{%- set ${SPACE}.systems = ${SPACE}.systems + [message['content']] %}{%- endif %}`,
  `{%- if ${SPACE}.messages and ${SPACE}.messages[-1]['role'] == message['role'] and message['role'] != 'tool' %}`,
  `{%- set ${SPACE}.messages = ${SPACE}.messages[:-1] + [dict(${SPACE}.messages[-1], content=${SPACE}.messages[-1]['content'] ~ '\\n\\n' ~ message['content'])] %}`,
  `{%- else %}{%- set ${SPACE}.messages = ${SPACE}.messages + [message] %}{%- endif %}`,
  '{%- endfor %}',
  `{%- set ${SPACE}.system = ${SPACE}.systems | join('\\n\\n') %}`,
];

const reset = `{%- set ${SPACE}.system = '' %}{%- set ${SPACE}.prompt = '' %}{%- set ${SPACE}.response = '' %}`;

/** The old templates are of one turn: they are written once for each, the last one up to the reply. */
const turns = [
  `{%- set ${SPACE}.system = '' %}`,
  `{%- for message in ${SPACE}.messages %}`,
  "{%- if message['role'] == 'system' %}",
  `{%- if ${SPACE}.prompt or ${SPACE}.response %}{{- turn() }}${reset}{%- endif %}`,
  `{%- set ${SPACE}.system = message['content'] %}`,
  "{%- elif message['role'] == 'user' %}",
  `{%- if ${SPACE}.response %}{{- turn() }}${reset}{%- endif %}`,
  `{%- set ${SPACE}.prompt = message['content'] %}`,
  "{%- elif message['role'] == 'assistant' %}",
  `{%- set ${SPACE}.response = message['content'] %}`,
  '{%- endif %}',
  '{%- endfor %}',
  '{{- last_turn() }}',
];
export { GoTemplateError };
