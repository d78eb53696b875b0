/** A chat as plain text: the shown path. */
import {
  authorOf,
  partText,
  shownPath,
  timeText,
  titleOfExport,
  type ExportedChat,
  type WriteOptions,
} from './exported-chat.ts';

export function* plainTextOf(exported: ExportedChat, { labels, reasoning }: WriteOptions): Generator<string> {
  const { chat } = exported;
  yield `${titleOfExport(exported, labels)}\n${timeText(chat.createdAt)}\n`;
  if (chat.systemPrompt.trim() !== '') yield `\n${labels.system}:\n${chat.systemPrompt}\n`;
  for (const message of shownPath(exported)) {
    yield `\n${authorOf(message, labels)}:\n`;
    for (const part of message.parts) {
      if (part.type === 'reasoning') {
        if (reasoning && part.text !== '') yield `(${labels.reasoning})\n${part.text}\n\n`;
        continue;
      }
      if (part.type === 'text' && part.name !== undefined) yield `[${part.name}]\n`;
      const text = partText(part, labels);
      if (text !== '') yield `${text}\n`;
    }
  }
}
