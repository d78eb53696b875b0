/** Makes a chat of what a format's reader found: bounds every text, orders the tree, and counts what is mended or left out. */
import { createHash } from 'node:crypto';
import type { Message } from '../../../../preload/contract/chat.ts';
import {
  MAX_PARTS,
  MAX_TEXT_LENGTH,
  type FileFacts,
  type MessagePart,
} from '../../../../preload/contract/message-parts.ts';
import { titleOfChat } from '../../title.ts';
import { importLimits, type ExchangedChat, type ExchangedMessage } from '../exchanged-chat.ts';
import type { Tally } from './tally.ts';

/** A message as a reader found it. */
export interface FoundMessage {
  readonly role: Message['role'];
  readonly parts: readonly MessagePart[];
  readonly createdAt: number | null;
  readonly modelName?: string | null;
  /** Fields that only Hearth's own exports have. */
  readonly own?: Pick<Message, 'status' | 'error' | 'modelId' | 'sampling' | 'timing'>;
}

/** A place in the tree of a format. Without a message it is left out, and its children hang on its parent. */
export interface FoundNode {
  readonly key: string;
  readonly parentKey: string | null;
  readonly message: FoundMessage | null;
  /** Parts that the next reply below begins with, such as its reasoning; a reply of its own where none follows. */
  readonly carried?: readonly MessagePart[];
}

export interface FoundChat {
  readonly title: string;
  readonly nodes: readonly FoundNode[];
  /** The last message of the shown path. Null: the last of the list. */
  readonly leafKey: string | null;
  readonly systemPrompt?: string;
  readonly createdAt?: number | null;
  readonly updatedAt?: number | null;
  readonly pinned?: boolean;
  /** Its id where it was exported by Hearth. */
  readonly sourceId?: string;
  /** Fields that only Hearth's own exports have. */
  readonly own?: Pick<ExchangedChat, 'modelId' | 'sampling' | 'contextPolicy'>;
}

const MAX_TITLE_CHARS = 200;
const MAX_SYSTEM_CHARS = 200_000;
const MAX_NAME_CHARS = 200;

/** The chat; null where it has no message that can be stored, or too many. What it counts is in `tally`. */
export function buildChat(found: FoundChat, tally: Tally, now: number): ExchangedChat | null {
  if (found.nodes.length > importLimits.messagesPerChat) {
    tally.left('huge_chats', found.title);
    return null;
  }
  const times = found.nodes.flatMap(({ message }) => message?.createdAt ?? []);
  const createdAt = found.createdAt ?? times.reduce((least, time) => Math.min(least, time), Infinity);
  const begun = Number.isFinite(createdAt) ? createdAt : now;
  const tree = placed(found, tally, begun);
  const { messages } = tree;
  if (messages.length === 0 && found.nodes.length > 0) {
    tally.left('empty_chats', found.title);
    return null;
  }
  const latest = times.reduce((most, time) => Math.max(most, time), begun);
  const named = cleanLine(found.title, MAX_TITLE_CHARS);
  const [first] = messages;
  return {
    title: named !== '' ? named : first ? titleOfChat(first) : '',
    pinned: found.pinned ?? false,
    systemPrompt: clean(found.systemPrompt ?? '', tally).slice(0, MAX_SYSTEM_CHARS),
    createdAt: begun,
    updatedAt: Math.max(found.updatedAt ?? latest, begun),
    modelId: found.own?.modelId ?? null,
    sampling: found.own?.sampling ?? null,
    contextPolicy: found.own?.contextPolicy ?? 'roll',
    ...tree,
  };
}

interface Placed {
  readonly messages: readonly ExchangedMessage[];
  readonly leaf: number | null;
}

/** The nodes with a message, each after its parent. */
function placed(found: FoundChat, tally: Tally, begun: number): Placed {
  const nodes = new Map<string, FoundNode>();
  for (const node of found.nodes) if (!nodes.has(node.key)) nodes.set(node.key, node);
  const hasChild = new Set<string>();
  for (const { parentKey } of nodes.values()) if (parentKey !== null) hasChild.add(parentKey);
  const messages: ExchangedMessage[] = [];
  /** What the children of a node hang on, and the parts that they begin with. */
  const places = new Map<string, { readonly at: number | null; readonly carried: readonly MessagePart[] }>();
  const top = { at: null, carried: [] };

  /** The place of the stored message; null where it has nothing that can be stored. */
  function store(message: FoundMessage, parent: number | null): number | null {
    const stored = storedMessage(message, parent, tally, begun);
    return stored === null ? null : messages.push(stored) - 1;
  }

  function put(node: FoundNode): void {
    const above = node.parentKey === null ? top : (places.get(node.parentKey) ?? top);
    let { carried } = above;
    if (node.carried !== undefined) carried = [...carried, ...node.carried];
    let { message } = node;
    // Nothing follows that could begin with them.
    if (message === null && carried.length > 0 && !hasChild.has(node.key))
      message = { role: 'assistant', parts: [], createdAt: null };
    if (message === null) return void places.set(node.key, { at: above.at, carried });
    const takes = message.role === 'assistant';
    let { at } = above;
    if (!takes && carried.length > 0) at = store({ role: 'assistant', parts: carried, createdAt: null }, at) ?? at;
    const whole = takes ? { ...message, parts: [...carried, ...message.parts] } : message;
    places.set(node.key, { at: store(whole, at) ?? at, carried: [] });
  }

  for (const first of nodes.values()) {
    // The ancestors that have no place yet, nearest first. A way that comes back to itself ends there.
    const way: FoundNode[] = [];
    const onWay = new Set<string>();
    let node: FoundNode | undefined = first;
    while (node !== undefined && !places.has(node.key)) {
      way.push(node);
      onWay.add(node.key);
      const { parentKey }: FoundNode = node;
      if (parentKey === null) break;
      const parent = nodes.get(parentKey);
      if (parent === undefined || onWay.has(parentKey)) {
        tally.left('broken_links', found.title);
        way[way.length - 1] = { ...node, parentKey: null };
        break;
      }
      node = parent;
    }
    for (const one of way.reverse()) put(one);
  }
  const leaf = found.leafKey === null ? undefined : places.get(found.leafKey)?.at;
  countVersions(messages, tally);
  return { messages, leaf: leaf ?? (messages.length === 0 ? null : messages.length - 1) };
}

function countVersions(messages: readonly ExchangedMessage[], tally: Tally): void {
  const parents = new Set<number | null>();
  for (const { parent } of messages) {
    if (parents.has(parent)) tally.came('versions');
    parents.add(parent);
  }
}

function storedMessage(
  message: FoundMessage,
  parent: number | null,
  tally: Tally,
  begun: number,
): ExchangedMessage | null {
  const parts = boundedParts(message.parts, tally);
  // An empty reply of Hearth's own has a status or an error to show.
  if (parts.length === 0 && message.own === undefined) {
    tally.left('empty_messages');
    return null;
  }
  tally.came('messages');
  for (const { type } of parts) {
    if (type === 'reasoning') tally.came('reasoning');
    else if (type === 'attachment' || type === 'image' || type === 'audio') tally.came('files');
  }
  const modelName = cleanLine(message.modelName ?? '', MAX_NAME_CHARS);
  if (modelName !== '') tally.came('models', modelName);
  return {
    role: message.role,
    parent,
    parts,
    status: 'complete',
    error: null,
    modelId: null,
    sampling: null,
    timing: null,
    ...message.own,
    modelName: modelName === '' ? null : modelName,
    createdAt: message.createdAt ?? begun,
  };
}

/** The parts within the limits of a message. Empty texts are no parts. */
function boundedParts(parts: readonly MessagePart[], tally: Tally): MessagePart[] {
  let left = MAX_TEXT_LENGTH;
  const bounded: MessagePart[] = [];
  for (const part of parts) {
    if (bounded.length >= MAX_PARTS) {
      tally.left('unknown_parts', part.type);
      continue;
    }
    if (part.type !== 'text' && part.type !== 'reasoning') {
      bounded.push(part);
      continue;
    }
    const text = clean(part.text, tally);
    if (text.trim() === '') continue;
    if (text.length > left) tally.left('long_texts', text);
    // A cut between the halves of a character leaves half of it.
    const kept = text.length > left ? text.slice(0, left).toWellFormed() : text;
    left -= kept.length;
    if (kept !== '') bounded.push({ ...part, text: kept });
  }
  return bounded;
}

/** Well-formed text without the null character, at which some programs end a text. */
function clean(text: string, tally: Tally): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  tally.left('bad_characters', text);
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** One line without controls. */
function cleanLine(text: string, maxChars: number): string {
  return text
    .slice(0, maxChars * 4)
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, maxChars)
    .toWellFormed();
}

/** A hash of the chat's words and tree, which an export and a second import have as well. */
export function digestOf({ messages, systemPrompt }: Pick<ExchangedChat, 'messages' | 'systemPrompt'>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([systemPrompt]));
  for (const { role, parent, parts } of messages)
    hash.update(JSON.stringify([role, parent, ...parts.filter(hasWords).map(wordsOf)]));
  return hash.digest('hex');
}

/** An empty text is not stored by an import. */
const hasWords = (part: MessagePart): boolean =>
  (part.type !== 'text' && part.type !== 'reasoning') || part.text.trim() !== '';

/** What of a part tells two chats apart. */
function wordsOf(part: MessagePart): unknown {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [part.type, part.text];
    case 'attachment':
    case 'image':
    case 'audio':
      return [part.type, part.file.sha256];
    case 'tool_call':
      return [part.type, part.name, part.arguments];
    case 'tool_result':
      return [part.type, part.name, part.parts.map(wordsOf)];
    case 'citation':
      return [part.type, part.quote];
    default:
      return part satisfies never;
  }
}

/** A part for a stored file, by its kind of bytes. */
export function filePart(file: FileFacts): MessagePart {
  if (file.mediaType.startsWith('image/')) return { type: 'image', file, width: null, height: null };
  if (file.mediaType.startsWith('audio/')) return { type: 'audio', file, durationMs: null };
  return { type: 'attachment', file };
}
