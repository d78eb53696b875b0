/** Turns messages of parts into messages of one text each, as the chat templates of text models take them. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { PromptMessage, PromptPart, TextOrigin, ToolCall } from '../messages.ts';

/** A message for the chat template of a text model. */
export interface TemplateMessage {
  readonly role: PromptMessage['role'];
  readonly content: string;
  /** Texts in `content`, in their order, that are of another origin than the rest. */
  readonly asides?: readonly { readonly origin: TextOrigin; readonly text: string }[];
  /** Of an assistant's message. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a tool's message, whose content is the result of the call. */
  readonly toolCallId?: string;
  readonly toolName?: string;
}

/**
 * The same conversation in text. Texts of a message are joined as they are; each result of a tool is a message of its own.
 * @throws AppError `unsupported` for an image or audio, with `what` and `name` in its facts: nothing is left out in silence.
 */
export function flatten(messages: readonly PromptMessage[]): TemplateMessage[] {
  return messages.flatMap(({ role, content }): TemplateMessage[] => {
    if (typeof content === 'string') return [{ role, content }];
    const texts: string[] = [];
    const asides: { origin: TextOrigin; text: string }[] = [];
    const toolCalls: ToolCall[] = [];
    const results: TemplateMessage[] = [];
    for (const part of content) {
      switch (part.type) {
        case 'text':
          texts.push(part.text);
          if (part.origin !== undefined) asides.push({ origin: part.origin, text: part.text.trim() });
          break;
        case 'tool_call':
          toolCalls.push(part.call);
          break;
        case 'tool_result':
          results.push({
            role: 'tool',
            content: part.parts.map((one) => (one.type === 'text' ? one.text : refuse(one))).join(''),
            toolCallId: part.callId,
            toolName: part.name,
          });
          break;
        case 'image':
        case 'audio':
          return refuse(part);
        default:
          return part satisfies never;
      }
    }
    // A message of results alone has no text of its own.
    if (results.length > 0 && texts.length === 0 && toolCalls.length === 0) return results;
    const own = {
      ...(asides.length > 0 ? { asides } : {}),
      ...(toolCalls.length > 0 ? { toolCalls } : {}),
    };
    return [{ role, content: texts.join(''), ...own }, ...results];
  });
}

function refuse(part: Extract<PromptPart, { readonly type: 'image' | 'audio' }>): never {
  const what = part.type === 'image' ? 'images' : 'audio';
  throw new AppError('unsupported', `This model does not take ${what}: ${part.name}.`, {
    reason: 'modality',
    what: part.type,
    name: part.name,
  });
}
