/**
 * LM Studio's `*.conversation.json`: messages with `versions`, of which `currentlySelected` is shown. A reply is a list of steps: blocks of
 * content, one of them styled as thinking, and notes for developers.
 */
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundNode } from '../chat-builder.ts';
import { codeBlock, replyParts, type ReadChatValue, type ReadContext } from '../reader.ts';
import { fieldsOf, objectsOf, textIn, timeIn, type Fields } from '../values.ts';

export const isLmStudioChat = (value: Fields): boolean =>
  objectsOf(value['messages']).some((message) => Array.isArray(message['versions']));

export const readLmStudioChat: ReadChatValue = (value, context) => {
  const title = textIn(value['name']);
  const systemPrompt = textIn(value['systemPrompt']);
  if (systemPrompt !== '') context.tally.came('system_prompts', title);
  const createdAt = timeIn(value['createdAt']);
  const nodes: FoundNode[] = [];
  let parentKey: string | null = null;
  objectsOf(value['messages']).forEach((message, index) => {
    const versions = objectsOf(message['versions']);
    const above = parentKey;
    versions.forEach((version, number) => {
      const role = version['role'] === 'user' ? 'user' : version['role'] === 'system' ? 'system' : 'assistant';
      nodes.push({
        key: `${index}.${number}`,
        parentKey: above,
        message: {
          role,
          parts: version['type'] === 'multiStep' ? stepsOf(version, context) : contentOf(version, role, context),
          createdAt,
          modelName: role === 'assistant' ? modelOf(version) : null,
        },
      });
    });
    const selected = Number(message['currentlySelected'] ?? 0);
    if (versions.length > 0) parentKey = `${index}.${versions[selected] === undefined ? 0 : selected}`;
  });
  return { title, nodes, systemPrompt, leafKey: parentKey, createdAt, pinned: value['pinned'] === true };
};

function modelOf(version: Fields): string {
  const named = textIn(fieldsOf(version['senderInfo'])?.['senderName']);
  if (named !== '') return named;
  const info = objectsOf(version['steps']).map((step) => fieldsOf(step['genInfo']));
  return textIn(info.find((one) => one !== null)?.['identifier']);
}

function contentOf(holder: Fields, role: 'user' | 'system' | 'assistant', context: ReadContext): MessagePart[] {
  return objectsOf(holder['content']).flatMap((part): MessagePart[] => {
    switch (part['type']) {
      case 'text':
        return role === 'assistant' ? replyParts(textIn(part['text'])) : [{ type: 'text', text: textIn(part['text']) }];
      case 'file': {
        const isImage = part['fileType'] === 'image';
        context.tally.left(isImage ? 'images' : 'files', textIn(part['fileIdentifier']));
        return [];
      }
      case 'toolCallRequest':
        context.tally.came('tool_steps', textIn(part['name']));
        return [codeBlock(`${textIn(part['name'])}\n${JSON.stringify(part['parameters'] ?? {}, null, 2)}`)];
      case 'toolCallResult':
        return [codeBlock(textIn(part['content']))];
      default:
        context.tally.left('unknown_parts', textIn(part['type']));
        return [];
    }
  });
}

function stepsOf(version: Fields, context: ReadContext): MessagePart[] {
  return objectsOf(version['steps']).flatMap((step): MessagePart[] => {
    switch (step['type']) {
      case 'contentBlock': {
        const parts = contentOf(step, 'assistant', context);
        if (fieldsOf(step['style'])?.['type'] !== 'thinking') return parts;
        const text = parts.map((part) => (part.type === 'text' || part.type === 'reasoning' ? part.text : '')).join('');
        return [{ type: 'reasoning', text, durationMs: null }];
      }
      // Notes for developers, and the state of a tool that a content block has as well.
      case 'debugInfoBlock':
      case 'toolStatus':
      case 'status':
        return [];
      default:
        context.tally.left('unknown_parts', textIn(step['type']));
        return [];
    }
  });
}
