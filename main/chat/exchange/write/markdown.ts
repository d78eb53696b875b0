/** A chat as Markdown: the shown path, with the text as the model wrote it. */
import type { MessagePart } from '../../../../preload/contract/message-parts.ts';
import {
  authorOf,
  partText,
  shownPath,
  timeText,
  titleOfExport,
  type ExportedChat,
  type WriteOptions,
} from './exported-chat.ts';

/** The lines of the file. */
export function* markdownOf(exported: ExportedChat, options: WriteOptions): Generator<string> {
  const { labels } = options;
  const { chat } = exported;
  yield `# ${titleOfExport(exported, labels).replaceAll(/\s+/g, ' ')}\n\n`;
  yield `${timeText(chat.createdAt)}\n`;
  if (chat.systemPrompt.trim() !== '') yield `\n## ${labels.system}\n\n${quoted(chat.systemPrompt)}\n`;
  for (const message of shownPath(exported)) {
    yield `\n## ${authorOf(message, labels).replaceAll(/\s+/g, ' ')}\n`;
    for (const part of message.parts) {
      const text = partIn(part, options);
      if (text !== '') yield `\n${text}\n`;
    }
  }
}

function partIn(part: MessagePart, { reasoning, labels }: WriteOptions): string {
  const text = partText(part, labels);
  if (part.type === 'reasoning') return reasoning && text !== '' ? quoted(`**${labels.reasoning}**\n\n${text}`) : '';
  if (part.type !== 'text' || part.name === undefined) return text;
  return `**${part.name}**\n\n${fenced(text)}`;
}

const quoted = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');

/** Within more backticks than the text has. */
function fenced(text: string): string {
  const longest = (text.match(/`{3,}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
