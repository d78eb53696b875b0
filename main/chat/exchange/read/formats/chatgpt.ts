/**
 * ChatGPT's data export: `conversations.json`, alone or in its archive. A conversation has its tree in `mapping`, where every node names its
 * parent, and the shown leaf in `current_node`. Pictures are files of the archive that the pointer names.
 */
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundMessage, FoundNode } from '../chat-builder.ts';
import { codeBlock, mediaTypeOf, type ReadChatValue, type ReadContext } from '../reader.ts';
import { fieldsOf, keyIn, listOf, objectsOf, textIn, timeIn, type Fields } from '../values.ts';

export const isChatGptChat = (value: Fields): boolean => fieldsOf(value['mapping']) !== null;

export const readChatGptChat: ReadChatValue = (value, context) => {
  const title = textIn(value['title']);
  const nodes: FoundNode[] = [];
  let systemPrompt = '';
  for (const [key, one] of Object.entries(fieldsOf(value['mapping']) ?? {})) {
    const node = fieldsOf(one);
    const message = fieldsOf(node?.['message']);
    const content = fieldsOf(message?.['content']);
    if (content?.['content_type'] === 'user_editable_context')
      systemPrompt = [textIn(content['user_profile']), textIn(content['user_instructions'])]
        .filter((text) => text !== '')
        .join('\n\n');
    nodes.push({
      key,
      parentKey: keyIn(node?.['parent']),
      ...(message === null ? { message: null } : foundIn(message, title, context)),
    });
  }
  if (systemPrompt !== '') context.tally.came('system_prompts', title);
  return {
    title,
    nodes,
    systemPrompt,
    leafKey: keyIn(value['current_node']),
    createdAt: timeIn(value['create_time']),
    updatedAt: timeIn(value['update_time']),
    pinned: value['is_starred'] === true,
  };
};

/** A message of its own, parts for the reply below, or nothing. */
function foundIn(message: Fields, title: string, context: ReadContext): Pick<FoundNode, 'message' | 'carried'> {
  const { tally } = context;
  const role = textIn(fieldsOf(message['author'])?.['role']);
  const metadata = fieldsOf(message['metadata']) ?? {};
  const parts = partsOf(fieldsOf(message['content']) ?? {}, context);
  if (role === 'system' || metadata['is_visually_hidden_from_conversation'] === true) {
    if (parts.length > 0) tally.left('hidden_messages', title);
    return { message: null };
  }
  const isStep = role === 'tool' || (role === 'assistant' && !['', 'all'].includes(textIn(message['recipient'])));
  if (isStep) {
    if (parts.length > 0) tally.came('tool_steps', textIn(fieldsOf(message['author'])?.['name']));
    return { message: null, carried: parts };
  }
  if (role === 'assistant' && parts.length > 0 && parts.every(({ type }) => type === 'reasoning'))
    return { message: null, carried: parts };
  if (role !== 'user' && role !== 'assistant') {
    tally.left('unknown_values', role);
    return { message: null };
  }
  const found: FoundMessage = {
    role,
    parts: [...parts, ...(role === 'user' ? attachmentsOf(metadata, parts, context) : [])],
    createdAt: timeIn(message['create_time']),
    modelName: role === 'assistant' ? textIn(metadata['model_slug']) : null,
  };
  return { message: found };
}

function partsOf(content: Fields, context: ReadContext): MessagePart[] {
  const kind = textIn(content['content_type']);
  switch (kind) {
    case 'text':
    case 'multimodal_text':
      return listOf(content['parts']).flatMap((part) => partOf(part, context));
    case 'code': {
      const language = textIn(content['language']);
      return [codeBlock(textIn(content['text']), language === 'unknown' ? '' : language)];
    }
    case 'execution_output':
      return [codeBlock(textIn(content['text']))];
    case 'thoughts': {
      const thoughts = objectsOf(content['thoughts']).map((thought) =>
        [textIn(thought['summary']), textIn(thought['content'])].filter((text) => text !== '').join('\n\n'),
      );
      const text = thoughts.filter((thought) => thought !== '').join('\n\n');
      return text === '' ? [] : [{ type: 'reasoning', text, durationMs: null }];
    }
    case 'tether_quote':
      return [
        {
          type: 'text',
          text: `> ${textIn(content['text']).replaceAll('\n', '\n> ')}\n\n${textIn(content['url'])}\n\n`,
        },
      ];
    case 'tether_browsing_display':
    case 'system_error': {
      const text = textIn(content['result']) || textIn(content['text']);
      return text === '' ? [] : [codeBlock(text)];
    }
    // What the reasoning came to ("Thought for 12 seconds"), and what is told to the model alone.
    case 'reasoning_recap':
    case 'user_editable_context':
    case 'model_editable_context':
    case '':
      return [];
    default:
      context.tally.left('unknown_parts', kind);
      return [];
  }
}

function partOf(part: unknown, context: ReadContext): MessagePart[] {
  if (typeof part === 'string') return part === '' ? [] : [{ type: 'text', text: part }];
  const fields = fieldsOf(part);
  if (fields === null) return [];
  const kind = textIn(fields['content_type']);
  if (kind === 'audio_transcription') return [{ type: 'text', text: textIn(fields['text']) }];
  const pointer = textIn(fields['asset_pointer']);
  if (kind === 'image_asset_pointer' && pointer !== '') {
    const image = fileOfPointer(pointer, context);
    if (image !== null) return [image];
    context.tally.left('images', pointer);
  } else if (kind.startsWith('audio') || kind.startsWith('real_time')) context.tally.left('audio', kind);
  else context.tally.left('unknown_parts', kind);
  return [];
}

/** `file-service://file-ID` and `sediment://file_ID`: the archive has a file whose name begins with that id. */
function fileOfPointer(pointer: string, context: ReadContext): MessagePart | null {
  const id = /\/\/([\w-]{6,})/.exec(pointer)?.[1];
  const bytes = id === undefined ? null : context.fileNamed(id);
  if (id === undefined || bytes === null) return null;
  const mediaType = mediaTypeOf(bytes);
  return mediaType === null ? null : context.keepFile(bytes, `${id}.${mediaType.split('/')[1] ?? ''}`, mediaType);
}

/** Files that were attached beside the parts. Pictures are among the parts as well. */
function attachmentsOf(metadata: Fields, parts: readonly MessagePart[], context: ReadContext): MessagePart[] {
  const hasImages = parts.some(({ type }) => type === 'image');
  return objectsOf(metadata['attachments']).flatMap((attachment) => {
    const name = textIn(attachment['name']);
    const kind = textIn(attachment['mime_type'] ?? attachment['mimeType']);
    if (kind.startsWith('image/') && hasImages) return [];
    const part = fileOfPointer(`//${textIn(attachment['id'])}`, context);
    if (part !== null) return [part];
    context.tally.left(kind.startsWith('image/') ? 'images' : 'files', name);
    return [];
  });
}
