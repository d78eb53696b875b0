/** A conversation in the form of OpenAI's API, rendered by a chat template as transformers does: for looking at what a template makes of it. */
import { z } from 'zod';
import { AppError } from '../../../preload/wire/errors.ts';
import { readExactObject } from '../../../preload/wire/json.ts';
import { parseTemplate } from '../jinja/jinja.ts';
import { isFailure } from '../jinja/values/errors.ts';
import type { LocalTime } from '../jinja/format/strftime.ts';
import type { ToolDefinition } from '../messages.ts';
import { createChatTemplate } from './chat-template.ts';
import { templateVariables, type SpecialText } from './template-variables.ts';
import type { TemplateMessage } from './flatten.ts';

const callSchema = z.looseObject({
  id: z.string().optional(),
  function: z.looseObject({
    name: z.string(),
    /** JSON text, as OpenAI writes it, or the object itself, as templates want it. */
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
  }),
});
const messageSchema = z.looseObject({
  /** Templates know more than OpenAI's, such as Llama's `ipython`. */
  role: z.string().regex(/^\w{1,40}$/),
  content: z.union([z.string(), z.null(), z.array(z.looseObject({ type: z.string() }))]).optional(),
  tool_calls: z.array(callSchema).optional(),
  tool_call_id: z.string().optional(),
  name: z.string().optional(),
  reasoning_content: z.string().nullish(),
});
const toolSchema = z.looseObject({
  function: z.looseObject({
    name: z.string(),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
});

export type GivenMessage = z.infer<typeof messageSchema>;
export type GivenTool = z.infer<typeof toolSchema>;

/** Messages as OpenAI's API has them. @throws AppError `invalid_input` with the place. */
export const readMessages = (value: unknown): GivenMessage[] => check(z.array(messageSchema), value, 'messages');
/** Tools as OpenAI's API has them. @throws AppError `invalid_input` with the place. */
export const readTools = (value: unknown): GivenTool[] => check(z.array(toolSchema), value, 'tools');

function check<Of>(schema: z.ZodType<Of>, value: unknown, field: 'messages' | 'tools'): Of {
  const read = schema.safeParse(value);
  // The value itself: templates print fields in the order in which they were written.
  if (read.success) return value as Of;
  const [issue] = read.error.issues;
  const place = [field, ...(issue?.path ?? [])].map(String).join('.');
  throw new AppError('invalid_input', `${place} must be ${formOf(field, issue?.path ?? [])}.`, { field: place });
}

/** What the value at a place of the messages or the tools must be. */
function formOf(field: 'messages' | 'tools', path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (last === undefined)
    return field === 'messages' ? 'a list of messages: [{"role": "user", "content": "…"}]' : 'a list of tools';
  if (typeof last === 'number') return 'an object';
  switch (last) {
    case 'role':
      return 'one word: system, developer, user, assistant, tool, or another that the template knows';
    case 'content':
      return 'a text, null, or a list of parts that each have a type';
    case 'tool_calls':
      return 'a list of calls';
    case 'function':
      return 'an object with the name of the function';
    case 'arguments':
      return 'an object, or the JSON text of one';
    case 'parameters':
      return 'a JSON schema: an object';
    default:
      return 'a text';
  }
}

export interface AsGiven {
  readonly text: string;
  /** Why the text is not the template's own: it refused this conversation, and a chat would get this in its place. Null: it is. */
  readonly refused: string | null;
  /** The template has nothing to say of the tools; a chat would get them in words. */
  readonly leavesToolsOut: boolean;
}

export interface RenderAsGivenOptions {
  readonly messages: readonly GivenMessage[];
  /** Null: no tools. */
  readonly tools: readonly GivenTool[] | null;
  readonly special: SpecialText;
  readonly now: () => LocalTime;
}

/**
 * Renders the messages with every field that they have. What the template refuses is rendered as a chat does it: a system text before the
 * first message, tools in words.
 * @throws AppError `template.invalid` for a source that is no template, or where the fallback fails as well.
 */
export function renderAsGiven(source: string, options: RenderAsGivenOptions): AsGiven {
  const { messages, tools, special, now } = options;
  const leavesToolsOut = tools !== null && tools.length > 0 && !/\btools\b/.test(source);
  try {
    const text = parseTemplate(source).render(templateVariables(messages.map(withObjects), tools, special), { now });
    return { text, refused: null, leavesToolsOut };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const chat = createChatTemplate(source, special, now);
    const { text } = chat.render(messages.map(plainMessage), (tools ?? []).map(definitionOf));
    return { text, refused: error.message, leavesToolsOut };
  }
}

/** The message with the arguments of calls as objects, which templates want. Text that is no JSON object stays. */
function withObjects(message: GivenMessage): object {
  if (!message.tool_calls) return message;
  return {
    ...message,
    tool_calls: message.tool_calls.map((call) => {
      const given = call.function.arguments;
      const values = typeof given === 'string' ? (readExactObject(given) ?? given) : given;
      return { ...call, function: { ...call.function, arguments: values } };
    }),
  };
}

/** Arguments as the engine has them; none where the text is no JSON object. */
function argumentsOf(given: string | Record<string, unknown>): string {
  if (typeof given !== 'string') return JSON.stringify(given);
  return readExactObject(given) ? given : '{}';
}

/** The engine's roles; what a tool returns has others in some templates. */
const plainRoles: Readonly<Record<string, TemplateMessage['role'] | undefined>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
  ipython: 'tool',
  tool_response: 'tool',
};

function plainMessage({ role, content, tool_calls, tool_call_id, name }: GivenMessage): TemplateMessage {
  const texts =
    typeof content === 'string'
      ? [content]
      : (content ?? []).map((part) => (typeof part['text'] === 'string' ? part['text'] : ''));
  return {
    role: plainRoles[role] ?? 'user',
    content: texts.join(''),
    ...(tool_calls
      ? {
          toolCalls: tool_calls.map((call) => ({
            id: call.id ?? '',
            name: call.function.name,
            arguments: argumentsOf(call.function.arguments),
          })),
        }
      : {}),
    ...(tool_call_id === undefined ? {} : { toolCallId: tool_call_id }),
    ...(name === undefined ? {} : { toolName: name }),
  };
}

/** A tool of OpenAI's API as the engine has it. */
export const definitionOf = ({ function: { name, description, parameters } }: GivenTool): ToolDefinition => ({
  name,
  ...(description === undefined ? {} : { description }),
  ...(parameters === undefined ? {} : { parameters }),
});
