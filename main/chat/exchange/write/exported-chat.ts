/** What every form of an export is made of. */
import type { ExportFormat, ExportLabels } from '../../../../preload/contract/exchange.ts';
import type { Message } from '../../../../preload/contract/chat.ts';
import type { FileFacts, MessagePart } from '../../../../preload/contract/message-parts.ts';
import type { ChatRow } from '../../../store/chats.ts';

export interface ExportedChat {
  readonly chat: ChatRow;
  /** All messages, in the order they were written. */
  readonly messages: readonly Message[];
}

export interface WriteOptions {
  readonly format: ExportFormat;
  readonly reasoning: boolean;
  readonly labels: ExportLabels;
  /** The bytes of an attached file; null where it is gone or too large, which the export counts. */
  readonly fileBytes: (file: Pick<FileFacts, 'sha256'>) => Uint8Array | null;
}

/** The messages of the shown path, first to last. */
export function shownPath({ chat, messages }: ExportedChat): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: Message[] = [];
  // As long as the chat at most: a database that was mended may have links that lead in a circle.
  for (let at = chat.leafId; at !== null && path.length < messages.length;) {
    const message = byId.get(at);
    if (message === undefined) break;
    path.push(message);
    at = message.parentId;
  }
  return path.reverse();
}

/** Who wrote a message, as a heading. */
export function authorOf({ role, modelName }: Message, labels: ExportLabels): string {
  switch (role) {
    case 'user':
      return labels.user;
    case 'assistant':
      return modelName ?? labels.assistant;
    case 'system':
      return labels.system;
    case 'tool':
      return labels.tool;
    default:
      return role satisfies never;
  }
}

/** The title; where there is none, the words for that. */
export const titleOfExport = ({ chat }: ExportedChat, labels: ExportLabels): string =>
  chat.title.trim() === '' ? labels.untitled : chat.title;

/** `2026-11-29 10:05` by this computer's clock. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A part as text, for the forms that are read by people; `quote` marks what is not the message's own text. */
export function partText(part: MessagePart, labels: ExportLabels): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text;
    case 'attachment':
    case 'image':
    case 'audio':
      return `[${labels.file}: ${part.file.name}]`;
    case 'tool_call':
      return `[${labels.tool}: ${part.name} ${part.arguments}]`;
    case 'tool_result':
      return part.parts.map((one) => partText(one, labels)).join('\n');
    case 'citation':
      return `[${part.source.kind === 'file' ? part.source.name : part.source.url}]`;
    default:
      return part satisfies never;
  }
}
