/** Lists of messages: ShareGPT's `conversations` of `from` and `value`, and OpenAI's `messages` of `role` and `content`. */
import type { Message } from '../../../../../preload/contract/chat.ts';
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundChat, FoundMessage } from '../chat-builder.ts';
import { codeBlock, partOfDataUrl, replyParts, type ReadChatValue, type ReadContext } from '../reader.ts';
import { fieldsOf, keyIn, listOf, objectsOf, textIn, timeIn, type Fields } from '../values.ts';

const turnsOf = (value: Fields): readonly Fields[] =>
  objectsOf(value['conversations'] ?? value['conversation'] ?? value['items']);

export const isShareGptChat = (value: Fields): boolean =>
  turnsOf(value).some((turn) => typeof turn['from'] === 'string' && 'value' in turn);
export const isOpenAiMessage = (value: Fields): boolean =>
  typeof value['role'] === 'string' && ('content' in value || 'tool_calls' in value);
export const isOpenAiChat = (value: Fields): boolean => objectsOf(value['messages']).some(isOpenAiMessage);

/** Names of the speakers, in the data sets that use this form. */
const speakers: Readonly<Record<string, 'user' | 'assistant' | 'system' | 'tool'>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  model: 'assistant',
  assistant: 'assistant',
  function_call: 'tool',
  observation: 'tool',
  function_response: 'tool',
  tool: 'tool',
  system: 'system',
};

export const readShareGptChat: ReadChatValue = (value, context) => {
  const messages = turnsOf(value).flatMap((turn): Said[] => {
    const speaker = textIn(turn['from']).toLowerCase();
    const role = speakers[speaker];
    const text = textIn(turn['value']);
    if (role === undefined) {
      context.tally.left('unknown_values', speaker);
      return [];
    }
    if (role === 'tool') {
      context.tally.came('tool_steps', speaker);
      return [{ role, parts: [codeBlock(text)], at: null }];
    }
    return [{ role, parts: role === 'assistant' ? replyParts(text) : [{ type: 'text', text }], at: null }];
  });
  return chatOf(messages, { system: textIn(value['system']), model: textIn(value['model']), value }, context);
};

export const readOpenAiChat: ReadChatValue = (value, context) =>
  chatOf(
    objectsOf(value['messages']).flatMap((message) => said(message, context)),
    { system: '', model: textIn(value['model']), value },
    context,
  );

/** The chat of messages that stand by themselves in a list. */
export function readOpenAiMessages(messages: readonly Fields[], context: ReadContext): FoundChat {
  const all = messages.flatMap((message) => said(message, context));
  return chatOf(all, { system: '', model: '', value: {} }, context);
}

interface Said {
  readonly role: Message['role'];
  readonly parts: readonly MessagePart[];
  readonly at: number | null;
}

function said(message: Fields, context: ReadContext): Said[] {
  const role = textIn(message['role']);
  const at = timeIn(message['timestamp'] ?? message['created_at'] ?? message['created']);
  const parts = contentOf(message['content'], role, context);
  switch (role) {
    case 'system':
    case 'developer':
      return [{ role: 'system', parts, at }];
    case 'user':
      return [{ role, parts, at }];
    case 'tool':
    case 'function': {
      context.tally.came('tool_steps', textIn(message['name']));
      const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return [{ role: 'tool', parts: [codeBlock(text)], at }];
    }
    case 'assistant':
    case 'model': {
      const reasoning = textIn(message['reasoning_content'] ?? message['reasoning'] ?? message['thinking']);
      const calls = objectsOf(message['tool_calls']).map((one) => {
        const call = fieldsOf(one['function']) ?? {};
        context.tally.came('tool_steps', textIn(call['name']));
        const given = call['arguments'];
        return codeBlock(`${textIn(call['name'])}\n${typeof given === 'string' ? given : JSON.stringify(given ?? {})}`);
      });
      const thought: MessagePart[] = reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning, durationMs: null }];
      return [{ role: 'assistant', parts: [...thought, ...parts, ...calls], at }];
    }
    default:
      context.tally.left('unknown_values', role);
      return [];
  }
}

function contentOf(content: unknown, role: string, context: ReadContext): MessagePart[] {
  if (typeof content === 'string')
    return role === 'assistant' ? replyParts(content) : [{ type: 'text', text: content }];
  return listOf(content).flatMap((one): MessagePart[] => {
    if (typeof one === 'string') return [{ type: 'text', text: one }];
    const part = fieldsOf(one) ?? {};
    switch (part['type']) {
      case 'text':
      case 'input_text':
      case 'output_text':
        return [{ type: 'text', text: textIn(part['text']) }];
      case 'image_url':
      case 'input_image': {
        const given = part['image_url'];
        const image = partOfDataUrl(textIn(fieldsOf(given)?.['url'] ?? given), 'image', context);
        if (image !== null) return [image];
        context.tally.left('images');
        return [];
      }
      case 'input_audio':
        context.tally.left('audio');
        return [];
      case 'file':
        context.tally.left('files', textIn(fieldsOf(part['file'])?.['filename']));
        return [];
      default:
        context.tally.left('unknown_parts', textIn(part['type']));
        return [];
    }
  });
}

/** Instructions at the beginning are the chat's; steps of tools are part of the reply after them. */
function chatOf(
  messages: readonly Said[],
  { system, model, value }: { readonly system: string; readonly model: string; readonly value: Fields },
  context: ReadContext,
): FoundChat {
  const title = textIn(value['title']) || textIn(value['name']);
  const begin = messages.findIndex(({ role }) => role !== 'system');
  const opening = begin < 0 ? messages : messages.slice(0, begin);
  const texts = opening.flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')));
  const systemPrompt = [system, ...texts].filter((text) => text !== '').join('\n\n');
  if (systemPrompt !== '') context.tally.came('system_prompts', title);
  const rest = messages.slice(opening.length);
  const nodes = rest.map(({ role, parts, at }, index) => {
    // A reply that only calls tools, and what they answer, begin the reply that follows.
    const follows = rest[index + 1]?.role;
    const isStep = role === 'tool' || (role === 'assistant' && follows === 'tool');
    const message: FoundMessage = {
      role,
      parts,
      createdAt: at,
      modelName: role === 'assistant' ? model : null,
    };
    return {
      key: String(index),
      parentKey: index === 0 ? null : String(index - 1),
      ...(isStep ? { message: null, carried: parts } : { message }),
    };
  });
  return {
    title,
    nodes,
    systemPrompt,
    leafKey: nodes.length === 0 ? null : (keyIn(nodes.length - 1) ?? null),
    createdAt: timeIn(value['created_at'] ?? value['created'] ?? value['timestamp']),
  };
}
