/** OpenAI's messages and tools, and the conversation that they make. */
import { z } from 'zod';
import { AppError } from '../../../preload/wire/errors.ts';
import type { PromptMessage, PromptPart, ToolChoice, ToolDefinition } from '../../chat-format/messages.ts';
import { callIdOf } from '../generation/call-ids.ts';

const MAX_TEXT = 8_000_000;
const text = z.string().max(MAX_TEXT);
const textPart = z.object({
  type: z.enum(['text', 'input_text', 'output_text', 'refusal']),
  text: text.optional(),
  refusal: text.optional(),
});
const mediaPart = z.object({ type: z.enum(['image_url', 'input_audio', 'file']) });
const contentSchema = z.union([text, z.array(z.union([textPart, mediaPart])).max(1000)]).nullish();
const toolName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.-]+$/, 'expected letters, digits, _ . and -');

const callSchema = z.object({
  id: z.string().max(200).default(''),
  type: z.literal('function').default('function'),
  function: z.object({ name: toolName, arguments: text.default('{}') }),
});

export const messageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: contentSchema }),
  z.object({ role: z.literal('user'), content: contentSchema, name: z.string().max(200).optional() }),
  z.object({
    role: z.literal('assistant'),
    content: contentSchema,
    reasoning_content: text.nullish(),
    tool_calls: z.array(callSchema).max(128).nullish(),
  }),
  z.object({ role: z.literal('tool'), content: contentSchema, tool_call_id: z.string().max(200).default('') }),
]);
export type ChatMessage = z.infer<typeof messageSchema>;

export const toolSchema = z.object({
  type: z.literal('function'),
  function: z.object({
    name: toolName,
    description: z.string().max(100_000).nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
});
export const toolChoiceSchema = z.union([
  z.enum(['auto', 'none', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: toolName }) }),
]);

type Content = z.infer<typeof contentSchema>;

/** @throws AppError `unsupported` for a picture, a sound or a file. */
function textOf(content: Content, at: number): string {
  if (content == null) return '';
  if (typeof content === 'string') return content;
  return content
    .map((part) => {
      if (!('text' in part || 'refusal' in part))
        throw new AppError(
          'unsupported',
          `Hearth's models take text; message ${at + 1} has a part of type ${part.type}.`,
          {
            ...{ reason: 'media', field: `messages.${at}.content` },
          },
        );
      return 'text' in part ? part.text : part.refusal;
    })
    .join('');
}

/** The messages as the engine takes them. @throws AppError `unsupported`, `invalid_input` for the result of a call that nobody made. */
export function readMessages(messages: readonly ChatMessage[]): PromptMessage[] {
  const names = new Map<string, string>();
  return messages.map((message, at): PromptMessage => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: textOf(message.content, at) };
      case 'user':
        return { role: 'user', content: textOf(message.content, at) };
      case 'assistant': {
        const content = textOf(message.content, at);
        const calls = (message.tool_calls ?? []).map((call): PromptPart => {
          names.set(call.id, call.function.name);
          return {
            type: 'tool_call',
            call: { id: callIdOf(call.id), name: call.function.name, arguments: call.function.arguments || '{}' },
          };
        });
        if (calls.length === 0) return { role: 'assistant', content };
        return {
          role: 'assistant',
          content: [...(content === '' ? [] : [{ type: 'text' as const, text: content }]), ...calls],
        };
      }
      case 'tool': {
        const name = names.get(message.tool_call_id);
        if (name === undefined)
          throw new AppError(
            'invalid_input',
            `Message ${at + 1} is the result of a call that no message before it makes.`,
            {
              field: `messages.${at}.tool_call_id`,
            },
          );
        const parts = [{ type: 'text' as const, text: textOf(message.content, at) }];
        return {
          role: 'tool',
          content: [{ type: 'tool_result', callId: callIdOf(message.tool_call_id), name, parts }],
        };
      }
      default:
        return message satisfies never;
    }
  });
}

export function readTools(tools: readonly z.infer<typeof toolSchema>[]): ToolDefinition[] {
  return tools.map(({ function: { name, description, parameters } }) => ({
    name,
    ...(description != null && { description }),
    ...(parameters != null && { parameters }),
  }));
}

export function readToolChoice(choice: z.infer<typeof toolChoiceSchema> | null | undefined): ToolChoice {
  return typeof choice === 'object' && choice !== null ? { name: choice.function.name } : (choice ?? 'auto');
}
