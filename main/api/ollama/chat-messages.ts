/** Ollama's messages and tools, and the conversation that they make. */
import { z } from 'zod';
import { MOST_NAME_CHARS, toolNameSchema } from '../generation/fields.ts';
import { imagesSchema, refuseImages, textSchema } from './fields.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ConversationInput, PromptMessage, PromptPart, ToolDefinition } from '../../chat-format/messages.ts';
import { callIdOf } from '../generation/call-ids.ts';
import { isGiven } from '../generation/given.ts';

const callSchema = z.object({
  id: z.string().max(200).nullish(),
  function: z.object({
    name: toolNameSchema,
    // Ollama gives and takes an object; programs that were made for OpenAI send its text.
    arguments: z.union([z.record(z.string(), z.unknown()), textSchema]).nullish(),
  }),
});

export const messageSchema = z.object({
  role: z
    .string()
    .max(20)
    .toLowerCase()
    .pipe(z.enum(['system', 'user', 'assistant', 'tool'])),
  content: textSchema.nullish(),
  /** The reasoning of an earlier reply, which no model is given again. */
  thinking: textSchema.nullish(),
  images: imagesSchema.nullish(),
  tool_calls: z.array(callSchema).max(128).nullish(),
  tool_name: z.string().max(MOST_NAME_CHARS).nullish(),
  tool_call_id: z.string().max(200).nullish(),
});
export type ChatMessage = z.infer<typeof messageSchema>;

export const toolSchema = z.object({
  type: z.string().max(40).nullish(),
  function: z.object({
    name: toolNameSchema,
    description: z.string().max(100_000).nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

interface MadeCall {
  readonly id: string;
  readonly name: string;
  isAnswered: boolean;
}

/**
 * The messages as the engine takes them. A result belongs to the call of its id, else to the first call of its name that has no result
 * yet, else to the first call without one: Ollama's programs mostly send no id, and some not even the calls.
 * @throws AppError `unsupported` for an image, `invalid_input` for arguments that are no object.
 */
function readMessages(messages: readonly ChatMessage[]): PromptMessage[] {
  let made: MadeCall[] = [];
  return messages.map((message, at): PromptMessage => {
    refuseImages(message.images, `messages.${at}.images`);
    const content = message.content ?? '';
    switch (message.role) {
      case 'system':
      case 'user':
        return { role: message.role, content };
      case 'assistant': {
        const calls = (message.tool_calls ?? []).map((call, index): Extract<PromptPart, { type: 'tool_call' }> => ({
          type: 'tool_call',
          call: {
            id: callIdOf(call.id || `call ${at} ${index}`),
            name: call.function.name,
            arguments: argumentsOf(call.function.arguments, `messages.${at}.tool_calls.${index}.function.arguments`),
          },
        }));
        if (calls.length === 0) return { role: 'assistant', content };
        made = calls.map(({ call: { id, name } }) => ({ id, name, isAnswered: false }));
        return {
          role: 'assistant',
          content: [...(content === '' ? [] : [{ type: 'text' as const, text: content }]), ...calls],
        };
      }
      case 'tool': {
        const call = callOfResult(made, message);
        if (call) call.isAnswered = true;
        const name = call?.name ?? (message.tool_name || 'tool');
        const callId = call?.id ?? callIdOf(message.tool_call_id || `result ${at}`);
        return {
          role: 'tool',
          content: [{ type: 'tool_result', callId, name, parts: [{ type: 'text', text: content }] }],
        };
      }
      default:
        return message.role satisfies never;
    }
  });
}

function callOfResult(made: readonly MadeCall[], { tool_call_id, tool_name }: ChatMessage): MadeCall | undefined {
  const open = made.filter(({ isAnswered }) => !isAnswered);
  if (tool_call_id) {
    const id = callIdOf(tool_call_id);
    const same = made.find((call) => call.id === id);
    if (same) return same;
  }
  return tool_name ? open.find(({ name }) => name === tool_name) : open[0];
}

function argumentsOf(value: Readonly<Record<string, unknown>> | string | null | undefined, field: string): string {
  if (!isGiven(value) || value === '') return '{}';
  if (typeof value === 'object') return JSON.stringify(value);
  try {
    const read: unknown = JSON.parse(value);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return value;
  } catch {
    // Told below.
  }
  throw new AppError('invalid_input', `"${field}" is not valid: expected an object.`, { field });
}

/** The conversation. Like Ollama, the model goes on with an assistant's message that stands last. Throws as `readMessages`. */
export function readConversation(messages: readonly ChatMessage[]): Pick<ConversationInput, 'messages' | 'begun'> {
  const last = messages.at(-1);
  const text = last?.content ?? '';
  const isBegun =
    last?.role === 'assistant' && (last.tool_calls ?? []).length === 0 && text !== '' && messages.length > 1;
  if (!isBegun) return { messages: readMessages(messages) };
  return { messages: readMessages(messages.slice(0, -1)), begun: { reasoning: last.thinking ?? '', text } };
}

export function readTools(tools: readonly z.infer<typeof toolSchema>[]): ToolDefinition[] {
  return tools.map(({ function: { name, description, parameters } }) => ({
    name,
    ...(isGiven(description) && description !== '' && { description }),
    ...(isGiven(parameters) && { parameters }),
  }));
}
