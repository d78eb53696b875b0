/**
 * Open WebUI's export: a list of chats whose tree is in `chat.history.messages`, by id, with the shown leaf in `currentId`. Reasoning stands in
 * the text, in an element `details` of the type `reasoning` with its lines quoted.
 */
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundNode } from '../chat-builder.ts';
import { partOfDataUrl, replyParts, type ReadChatValue, type ReadContext } from '../reader.ts';
import { fieldsOf, keyIn, objectsOf, textIn, timeIn, type Fields } from '../values.ts';

const inner = (value: Fields): Fields => fieldsOf(value['chat']) ?? value;
const history = (value: Fields): Fields | null => fieldsOf(fieldsOf(inner(value)['history'])?.['messages']);

export const isOpenWebUiChat = (value: Fields): boolean => history(value) !== null;

export const readOpenWebUiChat: ReadChatValue = (value, context) => {
  const chat = inner(value);
  const title = textIn(chat['title']) || textIn(value['title']);
  const systemPrompt = textIn(chat['system']) || textIn(fieldsOf(chat['params'])?.['system']);
  if (systemPrompt !== '') context.tally.came('system_prompts', title);
  const nodes = Object.entries(history(value) ?? {}).map(([key, one]): FoundNode => {
    const message = fieldsOf(one) ?? {};
    const parentKey = keyIn(message['parentId']);
    const role = textIn(message['role']);
    if (role !== 'user' && role !== 'assistant') {
      context.tally.left(role === 'system' ? 'hidden_messages' : 'unknown_values', role);
      return { key, parentKey, message: null };
    }
    const text = textIn(message['content']);
    return {
      key,
      parentKey,
      message: {
        role,
        parts: [...filesOf(message, context), ...(role === 'user' ? [{ type: 'text' as const, text }] : partsOf(text))],
        createdAt: timeIn(message['timestamp']),
        modelName: role === 'user' ? null : textIn(message['modelName']) || textIn(message['model']),
      },
    };
  });
  return {
    title,
    nodes,
    systemPrompt,
    leafKey: keyIn(fieldsOf(chat['history'])?.['currentId']),
    createdAt: timeIn(value['created_at']) ?? timeIn(chat['timestamp']),
    updatedAt: timeIn(value['updated_at']),
    pinned: value['pinned'] === true,
  };
};

const reasoning =
  /<details\s[^<>]{0,200}type="reasoning"([^<>]{0,200})>\s*(?:<summary>[^<]{0,500}<\/summary>)?([\s\S]*?)<\/details>\s*/g;

/** The text of a reply with its reasoning as parts. */
function partsOf(text: string): MessagePart[] {
  if (!text.includes('type="reasoning"')) return replyParts(text);
  const parts: MessagePart[] = [];
  let from = 0;
  for (const match of text.matchAll(reasoning)) {
    parts.push({ type: 'text', text: text.slice(from, match.index) });
    const seconds = Number(/duration="(\d{1,7})"/.exec(match[0].slice(0, 500))?.[1] ?? NaN);
    parts.push({
      type: 'reasoning',
      text: unescaped((match[2] ?? '').replaceAll(/^[ \t]*(?:>|&gt;) ?/gm, '').trim()),
      durationMs: Number.isNaN(seconds) ? null : seconds * 1000,
    });
    from = match.index + match[0].length;
  }
  return [...parts, { type: 'text', text: text.slice(from) }];
}

/** Open WebUI escapes what stands in the element. */
function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&');
}

function filesOf(message: Fields, context: ReadContext): MessagePart[] {
  return objectsOf(message['files']).flatMap((file) => {
    const name = textIn(file['name']) || 'image';
    const part = partOfDataUrl(textIn(file['url']), name, context);
    if (part !== null) return [part];
    context.tally.left(file['type'] === 'image' ? 'images' : 'files', name);
    return [];
  });
}
