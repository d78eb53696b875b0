/**
 * Jan's folders of threads: `thread.json` with the title and the assistants, and `messages.jsonl` with a message in each line. Messages of
 * several threads may come in one file or one archive; they are joined by the thread's id.
 */
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundChat, FoundNode } from '../chat-builder.ts';
import { partOfDataUrl, replyParts, type ReadContext } from '../reader.ts';
import { fieldsOf, keyIn, objectsOf, textIn, timeIn, type Fields } from '../values.ts';

export const isJanMessage = (value: Fields): boolean =>
  value['object'] === 'thread.message' && keyIn(value['thread_id']) !== null;
export const isJanThread = (value: Fields): boolean => value['object'] === 'thread' && keyIn(value['id']) !== null;

/** The chat of a thread; `thread` is null where only its messages came. */
export function readJanThread(thread: Fields | null, messages: readonly Fields[], context: ReadContext): FoundChat {
  const title = textIn(thread?.['title']);
  const [assistant] = objectsOf(thread?.['assistants']);
  const systemPrompt = textIn(assistant?.['instructions']);
  if (systemPrompt !== '') context.tally.came('system_prompts', title);
  const threadModel = textIn(fieldsOf(assistant?.['model'])?.['id']);
  let parentKey: string | null = null;
  const nodes = messages.map((message, index): FoundNode => {
    const role = message['role'] === 'user' ? 'user' : message['role'] === 'system' ? 'system' : 'assistant';
    const key = keyIn(message['id']) ?? `at ${index}`;
    const node: FoundNode = {
      key,
      parentKey,
      message: {
        role,
        parts: partsOf(message, role, context),
        createdAt: timeIn(message['created_at']),
        modelName: role === 'assistant' ? textIn(fieldsOf(message['metadata'])?.['model_id']) || threadModel : null,
      },
    };
    parentKey = key;
    return node;
  });
  return {
    title,
    nodes,
    systemPrompt,
    leafKey: parentKey,
    createdAt: timeIn(thread?.['created']),
    updatedAt: timeIn(thread?.['updated']),
  };
}

function partsOf(message: Fields, role: string, context: ReadContext): MessagePart[] {
  for (const attachment of objectsOf(message['attachments']))
    context.tally.left('files', textIn(attachment['name']) || textIn(attachment['file_id']));
  return objectsOf(message['content']).flatMap((part): MessagePart[] => {
    const text = textIn(fieldsOf(part['text'])?.['value']);
    switch (part['type']) {
      case 'text':
        return role === 'assistant' ? replyParts(text) : [{ type: 'text', text }];
      case 'reasoning':
        return [{ type: 'reasoning', text, durationMs: null }];
      case 'image_url': {
        const image = partOfDataUrl(textIn(fieldsOf(part['image_url'])?.['url']), 'image', context);
        if (image !== null) return [image];
        context.tally.left('images');
        return [];
      }
      default:
        context.tally.left('unknown_parts', textIn(part['type']));
        return [];
    }
  });
}
