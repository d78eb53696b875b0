/** Converts a conversation into messages for a model's prompt. */
import type { Message } from '../../preload/contract/chat.ts';
import {
  textOf,
  type AudioPart,
  type ImagePart,
  type MessagePart,
  type TextPart,
} from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readExactObject } from '../../preload/wire/json.ts';
import type { PromptMessage, PromptPart } from '../chat-format/messages.ts';

/** The path of the file with this hash. */
export type PathOfFile = (sha256: string) => string;

/** Whether a message has content for a model. A reply that failed, was stopped early, or has only reasoning has none. */
export function hasContent({ parts }: Pick<Message, 'parts'>): boolean {
  return parts.some((part) => !isAside(part) && (part.type !== 'text' || part.text !== ''));
}

/**
 * The system prompt and the messages in the engine's form. Reasoning and citations are left out, because models are not trained to read
 * them again.
 * @throws AppError `unsupported` for an attachment, with its name in the facts; `invalid_input` for a call whose arguments are not a
 * JSON object.
 */
export function promptMessages(systemPrompt: string, history: readonly Message[], pathOf: PathOfFile): PromptMessage[] {
  const system: PromptMessage[] = systemPrompt.trim() === '' ? [] : [{ role: 'system', content: systemPrompt }];
  return [...system, ...history.map((message) => promptMessage(message, pathOf))];
}

function promptMessage(message: Message, pathOf: PathOfFile): PromptMessage {
  const parts = message.parts.filter((part) => !isAside(part));
  if (parts.every((part) => part.type === 'text')) return { role: message.role, content: textOf(message) };
  return { role: message.role, content: parts.map((part) => promptPart(part, pathOf)) };
}

function isAside(part: MessagePart): part is Extract<MessagePart, { readonly type: 'reasoning' | 'citation' }> {
  return part.type === 'reasoning' || part.type === 'citation';
}

function promptPart(
  part: Exclude<MessagePart, { readonly type: 'reasoning' | 'citation' }>,
  pathOf: PathOfFile,
): PromptPart {
  switch (part.type) {
    case 'text':
    case 'image':
    case 'audio':
      return textOrMedia(part, pathOf);
    case 'attachment':
      throw new AppError('unsupported', `Hearth cannot read attachments yet: ${part.file.name}.`, {
        reason: 'attachments',
        what: 'attachment',
        name: part.file.name,
      });
    case 'tool_call':
      return {
        type: 'tool_call',
        call: { id: part.callId, name: part.name, arguments: argumentsOf(part.name, part.arguments) },
      };
    case 'tool_result': {
      const { callId, name, parts } = part;
      return { type: 'tool_result', callId, name, parts: parts.map((one) => textOrMedia(one, pathOf)) };
    }
    default:
      return part satisfies never;
  }
}

function textOrMedia(
  part: TextPart | ImagePart | AudioPart,
  pathOf: PathOfFile,
): Extract<PromptPart, { readonly type: 'text' | 'image' | 'audio' }> {
  if (part.type === 'text') return part;
  const { sha256, name, mediaType } = part.file;
  return { type: part.type, path: pathOf(sha256), name, mediaType };
}

function argumentsOf(name: string, text: string): string {
  if (readExactObject(text)) return text;
  throw new AppError('invalid_input', `The arguments of the call of ${name} are not a JSON object.`, {
    field: 'arguments',
  });
}
