/** OpenAI's messages, and the conversation that they make. */
import { z } from 'zod';
import { textSchema, toolNameSchema } from '../generation/fields.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ConversationInput, PromptMessage, PromptPart } from '../../chat-format/messages.ts';
import { callIdOf } from '../generation/call-ids.ts';
import { isGiven } from '../generation/given.ts';

export { textSchema };
const partSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['text', 'input_text', 'output_text']), text: textSchema }),
  z.object({ type: z.literal('refusal'), refusal: textSchema }),
  z.object({ type: z.enum(['image_url', 'input_image', 'input_audio', 'video_url', 'file', 'input_file']) }),
]);
export const contentSchema = z
  .union([textSchema, z.array(partSchema).max(1000)], { error: 'expected a text, or a list of parts with their types' })
  .nullish();
export type Content = z.infer<typeof contentSchema>;

const callSchema = z.object({
  id: z.string().max(200).default(''),
  type: z.literal('function').default('function'),
  function: z.object({ name: toolNameSchema, arguments: textSchema.default('{}') }),
});

export const messageSchema = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer']), content: contentSchema }),
    z.object({ role: z.literal('user'), content: contentSchema, name: z.string().max(200).nullish() }),
    z.object({
      role: z.literal('assistant'),
      content: contentSchema,
      reasoning_content: textSchema.nullish(),
      reasoning: textSchema.nullish(),
      tool_calls: z.array(callSchema).max(128).nullish(),
    }),
    z.object({ role: z.literal('tool'), content: contentSchema, tool_call_id: z.string().max(200).default('') }),
  ],
  {
    error:
      'expected the role system, developer, user, assistant or tool; results of the old "functions" are sent as role "tool" of "tools"',
  },
);
export type ChatMessage = z.infer<typeof messageSchema>;

/** @throws AppError `unsupported` for a picture, a sound or a file. */
export function textOf(content: Content, field: string): string {
  if (!isGiven(content)) return '';
  if (typeof content === 'string') return content;
  return content
    .map((part) => {
      if ('text' in part) return part.text;
      if ('refusal' in part) return part.refusal;
      throw new AppError('unsupported', `This model takes text; "${field}" has a part of type "${part.type}".`, {
        ...{ reason: 'media', field },
      });
    })
    .join('');
}

interface SentCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** Collects the messages of a conversation, and the names of its calls, of which results tell the ids alone. */
export function createConversation() {
  const names = new Map<string, string>();
  const messages: PromptMessage[] = [];
  const partOf = (call: SentCall): PromptPart => {
    names.set(call.id, call.name);
    return {
      type: 'tool_call',
      call: { id: callIdOf(call.id), name: call.name, arguments: checkedArguments(call.arguments) },
    };
  };
  const partsOf = ({ content }: PromptMessage): readonly PromptPart[] =>
    typeof content === 'string' ? (content === '' ? [] : [{ type: 'text', text: content }]) : content;

  return {
    messages,
    add: (role: PromptMessage['role'], content: string) => void messages.push({ role, content }),
    /** A call of the assistant's last message, or of one of its own. */
    addCall(call: SentCall): void {
      const last = messages.at(-1);
      const before = last?.role === 'assistant' ? partsOf(last) : null;
      const message: PromptMessage = { role: 'assistant', content: [...(before ?? []), partOf(call)] };
      if (before) messages[messages.length - 1] = message;
      else messages.push(message);
    },
    /** @throws AppError `invalid_input` for the result of a call that nobody made. */
    addResult(id: string, text: string, field: string): void {
      const name = names.get(id);
      if (name === undefined)
        throw new AppError('invalid_input', 'This is the result of a call that no message before it makes.', { field });
      messages.push({
        role: 'tool',
        content: [{ type: 'tool_result', callId: callIdOf(id), name, parts: [{ type: 'text', text }] }],
      });
    },
  };
}

/** Templates read arguments as an object; what some program has cut stays a text in one. */
function checkedArguments(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    // No JSON.
  }
  return JSON.stringify({ input: text });
}

/**
 * The conversation. A last message of the assistant is the beginning of the reply, as in llama-server; with `continues` false it is a
 * message of its own, as in vLLM. @throws AppError `unsupported`, `invalid_input`.
 */
export function readMessages(
  messages: readonly ChatMessage[],
  continues: boolean,
): Pick<ConversationInput, 'messages' | 'begun'> {
  const read = createConversation();
  const last = messages.at(-1);
  const begun =
    continues && last?.role === 'assistant' && (last.tool_calls ?? []).length === 0 && messages.length > 1
      ? {
          reasoning: last.reasoning_content ?? last.reasoning ?? '',
          text: textOf(last.content, `messages.${messages.length - 1}.content`),
        }
      : null;
  for (const [index, message] of (begun ? messages.slice(0, -1) : messages).entries()) {
    const field = `messages.${index}`;
    const text = textOf(message.content, `${field}.content`);
    switch (message.role) {
      case 'system':
      case 'developer':
        read.add('system', text);
        break;
      case 'user':
        read.add('user', text);
        break;
      case 'assistant':
        read.add('assistant', text);
        for (const call of message.tool_calls ?? []) read.addCall({ id: call.id, ...call.function });
        break;
      case 'tool':
        read.addResult(message.tool_call_id, text, `${field}.tool_call_id`);
        break;
      default:
        message satisfies never;
    }
  }
  const isBegun = begun !== null && (begun.text !== '' || begun.reasoning !== '');
  return { messages: read.messages, ...(isBegun && { begun }) };
}
