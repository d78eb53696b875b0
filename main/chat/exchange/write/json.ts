/** Chats as JSON, whole: the tree, every part, and the bytes of attached files. docs/chat-format.md describes it. */
import type { MessagePart } from '../../../../preload/contract/message-parts.ts';
import { hearthFormat } from '../read/formats/hearth.ts';
import type { ExportedChat, WriteOptions } from './exported-chat.ts';

/** The first element of the list. */
export const jsonHeader = (exportedAt: number): string =>
  JSON.stringify({ ...hearthFormat, exportedAt: new Date(exportedAt).toISOString() });

/** An element of the list. */
export function* jsonOf({ chat, messages }: ExportedChat, { fileBytes }: WriteOptions): Generator<string> {
  yield `{"type":"chat",${fieldsText(chat)},"messages":[`;
  let isFirst = true;
  for (const { chatId: _chatId, ...message } of messages) {
    yield `${isFirst ? '' : ','}\n${JSON.stringify(message)}`;
    isFirst = false;
  }
  yield ']';
  let files = 0;
  for (const sha256 of new Set(messages.flatMap(({ parts }) => parts.flatMap(filesOf)))) {
    const bytes = fileBytes({ sha256 });
    if (bytes === null) continue;
    yield `${files === 0 ? ',"files":[' : ','}\n{"sha256":"${sha256}","base64":"${Buffer.from(bytes).toString('base64')}"}`;
    files++;
  }
  yield files === 0 ? '}' : ']}';
}

/** The fields of an object without its braces. */
const fieldsText = (fields: object): string => JSON.stringify(fields).slice(1, -1);

function filesOf(part: MessagePart): string[] {
  switch (part.type) {
    case 'attachment':
    case 'image':
    case 'audio':
      return [part.file.sha256];
    case 'tool_result':
      return part.parts.flatMap(filesOf);
    case 'text':
    case 'reasoning':
    case 'tool_call':
    case 'citation':
      return [];
    default:
      return part satisfies never;
  }
}
