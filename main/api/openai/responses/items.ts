/** The items of `/v1/responses`, and the conversation that they make. */
import { z } from 'zod';
import type { PromptMessage } from '../../../chat-format/messages.ts';
import { contentSchema, createConversation, textOf, textSchema } from '../chat-messages.ts';

const id = z.string().max(200).nullish();
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const callId = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const namespace = z.string().max(200).nullish();
const outputSchema = contentSchema.unwrap().unwrap();
const reasoningParts = z
  .array(z.object({ type: z.enum(['summary_text', 'reasoning_text', 'text']), text: textSchema }))
  .max(1000)
  .nullish();

/**
 * What OpenAI's own tools did. An agent whose conversation began with a model of OpenAI sends it along with every later turn; what came of it
 * is in the messages behind it, so it is left out, as reasoning is.
 */
const hostedTypes = [
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'tool_search_call',
  'tool_search_output',
] as const;

const itemTypes = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('message'),
      ...{ id, status },
      role: z.enum(['user', 'assistant', 'system', 'developer']),
      content: contentSchema,
    }),
    z.object({
      type: z.literal('function_call'),
      ...{ id, status, call_id: callId, name, namespace },
      arguments: textSchema,
    }),
    z.object({ type: z.literal('function_call_output'), ...{ id, status, call_id: callId }, output: outputSchema }),
    z.object({
      type: z.literal('custom_tool_call'),
      ...{ id, status, call_id: callId, name, namespace },
      input: textSchema,
    }),
    z.object({ type: z.literal('custom_tool_call_output'), ...{ id, status, call_id: callId }, output: outputSchema }),
    z.object({
      type: z.literal('reasoning'),
      ...{ id, status, summary: reasoningParts, content: reasoningParts },
      encrypted_content: textSchema.nullish(),
    }),
    z.object({ type: z.enum(hostedTypes), id }),
    // An item of an answer that was stored here: programs made with the AI SDK send these for what they were answered.
    z.object({ type: z.literal('item_reference'), id: z.string().min(1).max(200) }),
  ],
  {
    error:
      'expected an item of the type message, function_call, function_call_output, custom_tool_call, custom_tool_call_output, reasoning or item_reference',
  },
);
/** Only messages may leave out what they are. */
export const itemSchema = z.preprocess(
  (item) =>
    typeof item === 'object' && item !== null && 'role' in item && !('type' in item)
      ? { type: 'message', ...item }
      : item,
  itemTypes,
);
/** An item of a request. */
export type GivenItem = z.infer<typeof itemTypes>;
export type InputItem = Exclude<GivenItem, { readonly type: 'item_reference' }>;

/** An item with the id by which lists name it. */
export type StoredItem = InputItem & { readonly id: string };

/** A tool as the item of its call names it. */
export interface CalledTool {
  readonly name: string;
  readonly namespace?: string | null | undefined;
}

/**
 * The conversation of items, in order. Reasoning of earlier turns is left out, as the templates of the models do. `toldName` is the name
 * under which the model knows the tool of a call.
 * @throws AppError `unsupported` for pictures and files, `invalid_input` for results of calls that nobody made.
 */
export function conversationOf(
  instructions: string | null,
  items: readonly InputItem[],
  toldName: (call: CalledTool) => string,
): readonly PromptMessage[] {
  const read = createConversation();
  if (instructions !== null && instructions !== '') read.add('system', instructions);
  for (const [index, item] of items.entries()) {
    const field = `input.${index}`;
    switch (item.type) {
      case 'message': {
        const role = item.role === 'developer' ? 'system' : item.role;
        read.add(role, textOf(item.content, `${field}.content`));
        break;
      }
      case 'function_call':
        read.addCall({ id: item.call_id, name: toldName(item), arguments: item.arguments });
        break;
      case 'custom_tool_call':
        read.addCall({ id: item.call_id, name: toldName(item), arguments: JSON.stringify({ input: item.input }) });
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        read.addResult(item.call_id, textOf(item.output, `${field}.output`), `${field}.call_id`);
        break;
      case 'reasoning':
      case 'web_search_call':
      case 'file_search_call':
      case 'code_interpreter_call':
      case 'image_generation_call':
      case 'tool_search_call':
      case 'tool_search_output':
        break;
      default:
        item satisfies never;
    }
  }
  return read.messages;
}
