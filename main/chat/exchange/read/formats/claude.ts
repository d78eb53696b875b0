/**
 * Claude's data export: `conversations.json`, alone or in its archive. Messages lie in a list; newer exports name the parent of each, the
 * first with an id of zeros. Of attachments there is the text that was read from them, of other files the name alone.
 */
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundNode } from '../chat-builder.ts';
import { codeBlock, type ReadChatValue, type ReadContext } from '../reader.ts';
import { keyIn, objectsOf, textIn, timeIn, type Fields } from '../values.ts';

export const isClaudeChat = (value: Fields): boolean => Array.isArray(value['chat_messages']);

/** The parent of a first message. */
const noParent = /^0{8}-0{4}-[04]0{3}-[08]0{3}-0{12}$/;

export const readClaudeChat: ReadChatValue = (value, context) => {
  const messages = objectsOf(value['chat_messages']);
  const nodes = messages.map((message, index): FoundNode => {
    const parent = keyIn(message['parent_message_uuid']);
    const before = index === 0 ? null : (keyIn(messages[index - 1]?.['uuid']) ?? `at ${index - 1}`);
    const isUser = message['sender'] === 'human' || message['sender'] === 'user';
    return {
      key: keyIn(message['uuid']) ?? `at ${index}`,
      parentKey: parent === null ? before : noParent.test(parent) ? null : parent,
      message: {
        role: isUser ? 'user' : 'assistant',
        parts: [...attachedTexts(message, context), ...partsOf(message, context)],
        createdAt: timeIn(message['created_at']),
        modelName: isUser ? null : textIn(message['model'] ?? value['model']),
      },
    };
  });
  return {
    title: textIn(value['name']),
    nodes,
    leafKey: keyIn(value['current_leaf_message_uuid']),
    createdAt: timeIn(value['created_at']),
    updatedAt: timeIn(value['updated_at']),
    pinned: value['is_starred'] === true,
  };
};

function attachedTexts(message: Fields, context: ReadContext): MessagePart[] {
  for (const file of objectsOf(message['files']))
    context.tally.left(
      /\.(png|jpe?g|gif|webp)$/i.test(textIn(file['file_name'])) ? 'images' : 'files',
      textIn(file['file_name']),
    );
  return objectsOf(message['attachments']).flatMap((attachment): MessagePart[] => {
    const name = fileName(textIn(attachment['file_name']));
    const text = textIn(attachment['extracted_content']);
    if (text !== '') return [{ type: 'text', text, name }];
    context.tally.left('files', name);
    return [];
  });
}

/** A name as the contract takes it. Pasted texts have none. */
function fileName(name: string): string {
  const plain = name
    .toWellFormed()
    .replaceAll(/[/\\\p{Cc}]/gu, '_')
    .slice(0, 200)
    .toWellFormed();
  return plain === '' ? 'Pasted text' : plain;
}

function partsOf(message: Fields, context: ReadContext): MessagePart[] {
  const content = objectsOf(message['content']);
  if (content.length === 0) return [{ type: 'text', text: textIn(message['text']) }];
  return content.flatMap((part): MessagePart[] => {
    switch (part['type']) {
      case 'text':
        return [{ type: 'text', text: textIn(part['text']) }];
      case 'thinking':
        return [{ type: 'reasoning', text: textIn(part['thinking']), durationMs: null }];
      case 'tool_use':
        context.tally.came('tool_steps', textIn(part['name']));
        return [codeBlock(`${textIn(part['name'])}\n${JSON.stringify(part['input'] ?? {}, null, 2)}`)];
      case 'tool_result': {
        const text = objectsOf(part['content'])
          .map((one) => textIn(one['text']))
          .filter((one) => one !== '')
          .join('\n');
        return text === '' ? [] : [codeBlock(text)];
      }
      case 'token_budget':
        return [];
      default:
        context.tally.left('unknown_parts', textIn(part['type']));
        return [];
    }
  });
}
