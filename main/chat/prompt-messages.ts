/** Converts a conversation into messages for a model's prompt. */
import type { Message } from '../../preload/contract/chat.ts';
import {
  isAside,
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

/** Texts of Hearth beside those of the conversation. */
export interface Asides {
  /** Of the messages before the first of the history. It is told with the system prompt, which is never left out. */
  readonly summary: string | null;
  /** Quotes of left-out messages. They are told with the question, so that what stands before it stays as the engine has evaluated it. */
  readonly recalled: string | null;
}

/**
 * The system prompt and the messages in the engine's form. Reasoning and citations are left out, because models are not trained to read
 * them again.
 * @throws AppError `unsupported` for an attachment, with its name in the facts; `invalid_input` for a call whose arguments are not a
 * JSON object.
 */
export function promptMessages(
  systemPrompt: string,
  history: readonly Message[],
  pathOf: PathOfFile,
  { summary, recalled }: Asides = { summary: null, recalled: null },
): PromptMessage[] {
  const messages = history.map((message) => promptMessage(message, pathOf));
  const question = messages.at(-1);
  if (recalled !== null && question) messages[messages.length - 1] = withRecalled(question, recalled);
  return [...systemMessages(systemPrompt, summary), ...messages];
}

function systemMessages(systemPrompt: string, summary: string | null): PromptMessage[] {
  const isEmpty = systemPrompt.trim() === '';
  if (summary === null) return isEmpty ? [] : [{ role: 'system', content: systemPrompt }];
  const text: PromptPart = { type: 'text', text: `Summary of the conversation so far:\n${summary}`, origin: 'summary' };
  const own: PromptPart[] = isEmpty ? [] : [{ type: 'text', text: `${systemPrompt}\n\n` }];
  return [{ role: 'system', content: [...own, text] }];
}

function withRecalled(question: PromptMessage, recalled: string): PromptMessage {
  const parts: readonly PromptPart[] =
    typeof question.content === 'string' ? [{ type: 'text', text: question.content }] : question.content;
  return {
    ...question,
    content: [{ type: 'text', text: recalled, origin: 'recalled' }, { type: 'text', text: '\n\n' }, ...parts],
  };
}

function promptMessage(message: Message, pathOf: PathOfFile): PromptMessage {
  const parts = message.parts.filter((part) => !isAside(part));
  const isText = (part: (typeof parts)[number]): part is TextPart => part.type === 'text';
  if (!parts.every(isText)) return { role: message.role, content: parts.map((part) => promptPart(part, pathOf)) };
  if (parts.every(({ name }) => name === undefined)) return { role: message.role, content: textOf(message) };
  // Between empty lines, as the message's text has them.
  const texts = parts.filter(({ text }) => text !== '');
  const content = texts.flatMap((part, index): PromptPart[] => {
    const isApart = index > 0 && (part.name !== undefined || texts[index - 1]?.name !== undefined);
    return [
      ...(isApart ? [{ type: 'text', text: '\n\n' } as const] : []),
      { type: 'text', text: part.text, ...(part.name === undefined ? {} : { origin: 'files' }) },
    ];
  });
  return { role: message.role, content };
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
  if (part.type === 'text') return { type: 'text', text: part.text };
  const { sha256, name, mediaType } = part.file;
  return { type: part.type, path: pathOf(sha256), name, mediaType };
}

function argumentsOf(name: string, text: string): string {
  if (readExactObject(text)) return text;
  throw new AppError('invalid_input', `The arguments of the call of ${name} are not a JSON object.`, {
    field: 'arguments',
  });
}
