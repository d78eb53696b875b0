/** Stores the chats that a reading left in a file. They are hidden until all are there, so that a killed app leaves none of them. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { ImportEvent } from '../../../preload/contract/exchange.ts';
import type { MessagePart } from '../../../preload/contract/message-parts.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { hasOrigin, putChatOrigin } from '../../store/chat-origins.ts';
import { hasChat, isShown, getChat, markChatDeleted, putChat } from '../../store/chats.ts';
import type { Files } from '../../store/files.ts';
import { listMessages, putMessage } from '../../store/messages.ts';
import { transaction, type Store } from '../../store/store.ts';
import type { HiddenChats } from '../hidden-chats.ts';
import { newChatRow } from '../tree.ts';
import { importLimits, type ExchangedMessage, type ReadChat } from './exchanged-chat.ts';
import { digestOf } from './read/chat-builder.ts';

export interface ImportOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'putFile' | 'settle' | 'deleteUnnamed'>;
  readonly chats: HiddenChats;
  readonly now: () => number;
}

export interface ImportOrder {
  readonly importId: string;
  /** With `chats.jsonl` and `files/`. */
  readonly folder: string;
  readonly chatCount: number;
  readonly skipDuplicates: boolean;
}

/** Messages and characters of one transaction, which holds main's thread: the index of words takes most of the time. */
const SLICE_MESSAGES = 100;
const SLICE_CHARS = 100_000;
const PROGRESS_MS = 100;

/** The chats that a reading left in `folder`. */
export async function* readLines(folder: string): AsyncGenerator<ReadChat> {
  const file = createReadStream(path.join(folder, 'chats.jsonl'), 'utf8');
  try {
    for await (const line of createInterface({ input: file, crlfDelay: Infinity }))
      if (line !== '') yield JSON.parse(line) as ReadChat;
  } finally {
    file.destroy();
  }
}

/** Says of each chat whether it is here already, or came before in the same file. */
export function createDuplicates(store: Store): (read: ReadChat) => boolean {
  const seen = new Set<string>();
  return ({ digest, sourceId }) => {
    if (seen.has(digest)) return true;
    seen.add(digest);
    return hasOrigin(store, digest) || (sourceId !== null && isSameHere(store, sourceId, digest));
  };
}

/** Whether the chat that was exported is still here as it was. */
function isSameHere(store: Store, chatId: string, digest: string): boolean {
  if (!isShown(store, chatId)) return false;
  const messages = listMessages(store, chatId);
  const places = new Map(messages.map(({ id }, index) => [id, index]));
  const { systemPrompt } = getChat(store, chatId);
  const exchanged = messages.map((message) => ({
    ...message,
    parent: message.parentId === null ? null : (places.get(message.parentId) ?? null),
  }));
  return digestOf({ systemPrompt, messages: exchanged }) === digest;
}

/**
 * Stores the chats, and shows them when all are there. The end of the generator by its reader, and every error, takes back what was stored.
 * @throws AppError `disk.full` and others of the store.
 */
export async function* importChats(options: ImportOptions, order: ImportOrder): AsyncGenerator<ImportEvent> {
  const { store, chats } = options;
  const isDuplicate = createDuplicates(store);
  const added: string[] = [];
  let skippedChats = 0;
  let isShownAll = false;
  let told = 0;
  chats.beginHidden();
  try {
    for await (const read of readLines(order.folder)) {
      if (order.skipDuplicates && isDuplicate(read)) skippedChats++;
      else await storeChat(options, order, read, added);
      if (options.now() - told < PROGRESS_MS) continue;
      told = options.now();
      yield { type: 'progress', doneChats: added.length + skippedChats, chatCount: order.chatCount };
    }
    if (added.length > 0) chats.reveal(added);
    isShownAll = true;
    yield { type: 'end', addedChats: added.length, skippedChats, firstChatId: added[0] ?? null };
  } finally {
    if (!isShownAll && added.length > 0) takeBack(options, added);
  }
}

/** A full disk may refuse that as well: the chats stay hidden then, and the next start deletes them. */
function takeBack({ store, chats }: ImportOptions, added: readonly string[]): void {
  try {
    chats.discard(added.filter((chatId) => hasChat(store, chatId)));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function storeChat(options: ImportOptions, order: ImportOrder, read: ReadChat, added: string[]): Promise<void> {
  const { store, files } = options;
  const { messages, leaf, ...fields } = read.chat;
  const fresh = newChatRow(
    {
      modelId: fields.modelId,
      systemPrompt: fields.systemPrompt,
      sampling: fields.sampling,
      contextPolicy: fields.contextPolicy,
    },
    options.now(),
  );
  const chat = { ...fresh, ...fields };
  const holds = await storeFiles(options, order.folder, messages);
  const ids = messages.map(() => randomUUID());
  try {
    transaction(store, () => {
      putChat(store, chat);
      markChatDeleted(store, chat.id, options.now());
    });
    added.push(chat.id);
    for (const slice of slices(messages)) {
      transaction(store, () => {
        for (const at of slice) {
          const message = messages[at];
          if (message === undefined) continue;
          const { parent, ...stored } = message;
          const parentId = parent === null ? null : (ids[parent] ?? null);
          putMessage(store, { ...stored, id: ids[at] ?? '', chatId: chat.id, parentId });
        }
      });
      await nextTurn();
    }
    transaction(store, () => {
      putChat(store, { ...chat, leafId: leaf === null ? null : (ids[leaf] ?? null) });
      putChatOrigin(store, {
        chatId: chat.id,
        importId: order.importId,
        digest: read.digest,
        updatedAt: chat.updatedAt,
      });
    });
  } finally {
    files.settle(holds);
  }
}

/** The places of messages, as many at a time as one transaction stores. */
function* slices(messages: readonly ExchangedMessage[]): Generator<readonly number[]> {
  let slice: number[] = [];
  let chars = 0;
  for (const [at, { parts }] of messages.entries()) {
    slice.push(at);
    for (const part of parts) if (part.type === 'text' || part.type === 'reasoning') chars += part.text.length;
    if (slice.length < SLICE_MESSAGES && chars < SLICE_CHARS) continue;
    yield slice;
    [slice, chars] = [[], 0];
  }
  if (slice.length > 0) yield slice;
}

/** Stores the files that messages name, and returns the holds on them. */
async function storeFiles(
  { files }: ImportOptions,
  folder: string,
  messages: readonly ExchangedMessage[],
): Promise<string[]> {
  const named = new Set(messages.flatMap(({ parts }) => parts.flatMap(hashOf)));
  const holds: string[] = [];
  for (const sha256 of named) {
    const bytes = createReadStream(path.join(folder, 'files', sha256));
    holds.push((await files.putFile(bytes, { maxBytes: importLimits.attachmentBytes, sha256 })).hold);
  }
  return holds;
}

function hashOf(part: MessagePart): string[] {
  if (part.type === 'tool_result') return part.parts.flatMap(hashOf);
  return part.type === 'attachment' || part.type === 'image' || part.type === 'audio' ? [part.file.sha256] : [];
}
