/** Tools, calls and results in the form of a prompt: for the model's template, or in plain words where that does not know tools. */
import { AppError } from '../../../preload/wire/errors.ts';
import { readExactJson } from '../../../preload/wire/json.ts';
import type { TemplateMessage } from './flatten.ts';
import type { ConversationInput, ToolDefinition } from '../messages.ts';

/** The form of a forced call. Calls in other forms are recognized in a reply, but not forced. */
export type ToolForm = 'hermes' | 'llama' | 'mistral';

/** The form for a model with this template; `hermes` is also the form in `withPlainTools`. */
export function toolFormOf(template: string | null): ToolForm {
  if (template === null || template.includes('<tool_call>')) return 'hermes';
  if (template.includes('[TOOL_CALLS]')) return 'mistral';
  return template.includes('<|python_tag|>') || /["']parameters\\?["']\s*:/.test(template) ? 'llama' : 'hermes';
}

/** Dialects take fewer; a name in a namespace of OpenAI's is joined of two. */
const MOST_NAME_CHARS = 400;

/** The tools of a request; none with the choice `none`. @throws AppError `invalid_input`. */
export function toolsOf({ tools = [], toolChoice = 'auto' }: ConversationInput): readonly ToolDefinition[] {
  const refuse = (message: string): AppError => new AppError('invalid_input', message, { field: 'tools' });
  const names = new Set<string>();
  for (const { name } of tools) {
    if (!/^[\w.-]+$/.test(name) || name.length > MOST_NAME_CHARS)
      throw refuse(
        `The name of a tool must be 1 to ${MOST_NAME_CHARS} letters, digits, _, - or dots: ${name.slice(0, 80)}`,
      );
    if (names.has(name)) throw refuse(`Two tools are named ${name}.`);
    names.add(name);
  }
  if (toolChoice === 'required' && tools.length === 0) throw refuse('A call is required, and there are no tools.');
  if (typeof toolChoice === 'object' && !names.has(toolChoice.name))
    throw refuse(`The tool that must be called, ${toolChoice.name.slice(0, 80)}, is not among the tools.`);
  return toolChoice === 'none' ? [] : tools;
}

/** The tools of which one must be called; null where a call is optional. */
export function requiredTools(input: ConversationInput): readonly ToolDefinition[] | null {
  const { toolChoice = 'auto' } = input;
  if (toolChoice === 'auto' || toolChoice === 'none') return null;
  return toolsOf(input).filter(({ name }) => toolChoice === 'required' || name === toolChoice.name);
}

/** A tool as templates expect it, with all its properties: some templates read them without a check. */
export function templateTool({ name, description = '', parameters }: ToolDefinition): object {
  return {
    type: 'function',
    function: { name, description, parameters: parameters ?? { type: 'object', properties: {} } },
  };
}

export interface MessageStyle {
  /** Arguments are JSON text rather than an object. */
  readonly textArguments: boolean;
  /** Ids are nine letters and digits, derived from the given ones: Mistral's templates refuse others. */
  readonly shortIds: boolean;
}

/** A message as templates expect it. */
export function templateMessage(message: TemplateMessage, { textArguments, shortIds }: MessageStyle): object {
  const { role, content, toolCalls, toolCallId, toolName } = message;
  const idOf = (id: string): string => (shortIds ? shortId(id) : id);
  return {
    role,
    content,
    ...(toolCalls && toolCalls.length > 0
      ? {
          tool_calls: toolCalls.map(({ id, name, arguments: values }) => ({
            id: idOf(id),
            type: 'function',
            function: { name, arguments: textArguments ? values : readExactJson(values) },
          })),
        }
      : {}),
    ...(toolCallId === undefined ? {} : { tool_call_id: idOf(toolCallId) }),
    ...(toolName === undefined ? {} : { name: toolName }),
  };
}

function shortId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let hash = 0n;
  for (const letter of id) hash = (hash * 1_000_003n + BigInt(letter.codePointAt(0) ?? 0)) % 36n ** 9n;
  return hash.toString(36).padStart(9, '0');
}

/** Whether a conversation has tools, calls or results. */
export function speaksOfTools(messages: readonly TemplateMessage[], tools: readonly ToolDefinition[]): boolean {
  return tools.length > 0 || messages.some(({ role, toolCalls }) => role === 'tool' || (toolCalls?.length ?? 0) > 0);
}

/**
 * The same conversation without tools in its form: they are described in the system text, calls and answers are text between the
 * marks of the Hermes models.
 */
export function withPlainTools(
  messages: readonly TemplateMessage[],
  tools: readonly ToolDefinition[],
): readonly TemplateMessage[] {
  if (!speaksOfTools(messages, tools)) return messages;
  const told = messages.flatMap((message, index): TemplateMessage[] => {
    if (message.role === 'tool') {
      if (messages[index - 1]?.role === 'tool') return [];
      // Results in a row become one message: many templates require that user and assistant alternate.
      const next = messages.findIndex(({ role }, at) => at > index && role !== 'tool');
      const answers = messages.slice(index, next < 0 ? undefined : next);
      const content = answers.map((one) => `<tool_response>\n${one.content}\n</tool_response>`).join('\n');
      return [{ role: 'user', content }];
    }
    const { role, content, toolCalls = [] } = message;
    const calls = toolCalls.map(
      ({ name, arguments: values }) =>
        `<tool_call>\n${JSON.stringify({ name, arguments: readExactJson(values) })}\n</tool_call>`,
    );
    return [{ role, content: [content, ...calls].filter((part) => part !== '').join('\n') }];
  });
  if (tools.length === 0) return told;
  const guide = `These functions can be called:
<tools>
${tools.map((tool) => JSON.stringify(templateTool(tool))).join('\n')}
</tools>
To call one, write its name and its arguments as JSON, like this, and end there:
<tool_call>
{"name": "the name", "arguments": {"an argument": "its value"}}
</tool_call>`;
  const system = told.find(({ role }) => role === 'system');
  if (!system) return [{ role: 'system', content: guide }, ...told];
  return told.map((message) =>
    message === system ? { ...message, content: `${system.content}\n\n${guide}` } : message,
  );
}
