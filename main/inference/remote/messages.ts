/** A conversation in the form of OpenAI's protocol. */
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ConversationInput, PromptMedia, PromptMessage, PromptPart } from '../../chat-format/messages.ts';
import type { ServerModel } from './server.ts';

/** Servers refuse larger bodies; a photo has some megabytes. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_FILES_BYTES = 96 * 1024 * 1024;

type WireMessage = Readonly<Record<string, unknown>>;
type Abilities = ServerModel['abilities'];

/**
 * The messages with images and sound in them as data. @throws AppError `unsupported` for a file that the model is known not to take,
 * `invalid_input` for files that are too large.
 */
export async function wireMessages(messages: readonly PromptMessage[], abilities: Abilities): Promise<WireMessage[]> {
  const room = { bytes: MAX_FILES_BYTES };
  const wired: WireMessage[] = [];
  for (const message of messages) wired.push(...(await wireMessage(message, abilities, room)));
  return wired;
}

async function wireMessage(
  { role, content }: PromptMessage,
  abilities: Abilities,
  room: { bytes: number },
): Promise<WireMessage[]> {
  if (typeof content === 'string') return [{ role, content }];
  const calls = content.flatMap((part) =>
    part.type === 'tool_call'
      ? { id: part.call.id, type: 'function', function: { name: part.call.name, arguments: part.call.arguments } }
      : [],
  );
  const results: WireMessage[] = [];
  for (const part of content)
    if (part.type === 'tool_result')
      results.push({
        role: 'tool',
        tool_call_id: part.callId,
        name: part.name,
        content: await wireContent(part.parts, abilities, room),
      });
  const rest = content.filter((part) => part.type !== 'tool_call' && part.type !== 'tool_result');
  if (results.length > 0 && rest.length === 0) return results;
  const body = await wireContent(rest, abilities, room);
  const own: WireMessage = {
    role,
    // OpenAI wants null beside calls; some templates fail at an empty text.
    content: calls.length > 0 && body === '' ? null : body,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return [...results, own];
}

/** One text, or a list of parts where there is more than text. Servers without vision know only the first form. */
async function wireContent(
  parts: readonly Exclude<PromptPart, { readonly type: 'tool_call' | 'tool_result' }>[],
  abilities: Abilities,
  room: { bytes: number },
): Promise<unknown> {
  if (parts.every((part) => part.type === 'text')) return parts.map(({ text }) => text).join('');
  const wired: unknown[] = [];
  for (const part of parts)
    wired.push(part.type === 'text' ? { type: 'text', text: part.text } : await wireMedia(part, abilities, room));
  return wired;
}

async function wireMedia(media: PromptMedia, abilities: Abilities, room: { bytes: number }): Promise<unknown> {
  const { type, name, path, mediaType } = media;
  const isTaken = type === 'image' ? abilities.vision : abilities.audio;
  if (isTaken === false)
    throw new AppError('unsupported', `This model cannot read ${name}.`, { reason: 'modality', what: type, name });
  const { size } = await stat(path);
  room.bytes -= size;
  if (size > MAX_FILE_BYTES || room.bytes < 0)
    throw new AppError('invalid_input', `${name} is too large to be sent to a server.`, {
      ...{ reason: 'file_too_large', name, limitBytes: size > MAX_FILE_BYTES ? MAX_FILE_BYTES : MAX_FILES_BYTES },
    });
  const data = (await readFile(path)).toString('base64');
  if (type === 'image') return { type: 'image_url', image_url: { url: `data:${mediaType};base64,${data}` } };
  const format = /wav/i.test(mediaType) ? 'wav' : /mpeg|mp3/i.test(mediaType) ? 'mp3' : (mediaType.split('/')[1] ?? '');
  return { type: 'input_audio', input_audio: { data, format } };
}

/** The tools and the choice among them; empty without tools. @throws AppError `unsupported` where a call cannot be forced. */
export function wireTools(
  { tools = [], toolChoice = 'auto' }: Pick<ConversationInput, 'tools' | 'toolChoice'>,
  forcesCalls: boolean,
): Readonly<Record<string, unknown>> {
  if (tools.length === 0 || toolChoice === 'none') return {};
  const mustCall = toolChoice !== 'auto';
  if (mustCall && !forcesCalls)
    throw new AppError('unsupported', 'This server cannot be told to call a tool; it decides by itself.', {
      reason: 'remote_tool_choice',
    });
  // A choice by name is not known to all servers. One tool, of which a call is required, is the same.
  const offered = typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : tools;
  return {
    tools: offered.map(({ name, description, parameters }) => ({
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
      },
    })),
    tool_choice: mustCall ? 'required' : 'auto',
  };
}
