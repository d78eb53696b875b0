/** Reads all chats of a file, whatever program wrote it: an archive, JSON, JSON Lines, or GPT4All's own form. Told by content, not by name. */
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { ExchangeFormat } from '../../../../preload/contract/exchange.ts';
import { AppError, isAppError } from '../../../../preload/wire/errors.ts';
import { importLimits, type ReadChat, type ReadReport } from '../exchanged-chat.ts';
import { buildChat, digestOf, type FoundChat } from './chat-builder.ts';
import { isChatGptChat, readChatGptChat } from './formats/chatgpt.ts';
import { isClaudeChat, readClaudeChat } from './formats/claude.ts';
import { isGpt4AllChat, readGpt4AllChat } from './formats/gpt4all.ts';
import { checkHearthHeader, isHearthChat, isHearthHeader, readHearthChat } from './formats/hearth.ts';
import { isJanMessage, isJanThread, readJanThread } from './formats/jan.ts';
import { isKoboldCppStory, readKoboldCppStory } from './formats/koboldcpp.ts';
import { isLmStudioChat, readLmStudioChat } from './formats/lm-studio.ts';
import {
  isOpenAiChat,
  isOpenAiMessage,
  isShareGptChat,
  readOpenAiChat,
  readOpenAiMessages,
  readShareGptChat,
} from './formats/messages.ts';
import { isOpenWebUiChat, readOpenWebUiChat } from './formats/open-webui.ts';
import { jsonValues } from './json-values.ts';
import type { ReadChatValue, ReadContext } from './reader.ts';
import { createTally, type Tally } from './tally.ts';
import { fieldsOf, keyIn, objectsOf, textIn, type Fields } from './values.ts';
import { isZip, openZip, type ZipArchive } from './zip-archive.ts';

/** The forms that have a whole chat in one value, the most telling first. */
const chatForms: readonly {
  readonly format: ExchangeFormat;
  readonly is: (value: Fields) => boolean;
  readonly read: ReadChatValue;
}[] = [
  { format: 'hearth', is: isHearthChat, read: readHearthChat },
  { format: 'chatgpt', is: isChatGptChat, read: readChatGptChat },
  { format: 'claude', is: isClaudeChat, read: readClaudeChat },
  { format: 'open_webui', is: isOpenWebUiChat, read: readOpenWebUiChat },
  { format: 'lm_studio', is: isLmStudioChat, read: readLmStudioChat },
  { format: 'koboldcpp', is: isKoboldCppStory, read: readKoboldCppStory },
  { format: 'sharegpt', is: isShareGptChat, read: readShareGptChat },
  { format: 'messages', is: isOpenAiChat, read: readOpenAiChat },
];

export interface ReadOptions {
  readonly file: string;
  readonly keepFile: ReadContext['keepFile'];
  readonly now: number;
  /** Gets each chat as it is read. */
  readonly onChat: (chat: ReadChat) => void;
}

/**
 * Reads the file. Answers what it found beside the chats.
 * @throws AppError `invalid_input` for a file that is none of the forms, or beyond the limits.
 */
export async function readChats(options: ReadOptions): Promise<ReadReport> {
  const { file } = options;
  const tally = createTally();
  const beginning = firstBytes(file);
  if (isZip(beginning)) {
    const archive = openZip(file);
    try {
      const gather = createGathering(options, tally, filesOfArchive(archive));
      await readArchive(archive, gather, tally);
      gather.end();
    } finally {
      archive.close();
    }
  } else {
    const gather = createGathering(options, tally, () => null);
    if (isGpt4AllChat(beginning)) gather.bytes(wholeFile(file));
    else await readJson(createReadStream(file), gather, tally);
    gather.end();
  }
  return tally.report();
}

function firstBytes(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(64);
    return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(handle);
  }
}

function wholeFile(file: string): Buffer {
  const { size } = statSync(file);
  if (size > importLimits.valueBytes)
    throw new AppError('invalid_input', 'The chat is too large.', { reason: 'import_value_too_large', field: 'file' });
  return readFileSync(file);
}

/** Finds an attached file by a part of its name. */
function filesOfArchive(archive: ZipArchive): (part: string) => Uint8Array | null {
  const others = archive.entries.filter(({ name }) => !/\.(json|jsonl|chat|html)$/i.test(name));
  return (part) => {
    const entry = others.find(({ name }) => name.includes(part));
    return entry === undefined ? null : archive.read(entry, importLimits.attachmentBytes);
  };
}

async function readArchive(archive: ZipArchive, gather: Gathering, tally: Tally): Promise<void> {
  for (const entry of archive.entries) {
    if (/\.chat$/i.test(entry.name)) {
      const bytes = archive.read(entry, importLimits.valueBytes);
      if (bytes === null || !isGpt4AllChat(Buffer.from(bytes))) tally.left('other_files', entry.name);
      else gather.bytes(Buffer.from(bytes));
      continue;
    }
    if (!/\.jsonl?$/i.test(entry.name)) {
      // Attached files are found when a message names them.
      if (!/\.(png|jpe?g|gif|webp|wav|mp3|dat)$/i.test(entry.name)) tally.left('other_files', entry.name);
      continue;
    }
    try {
      const found = await readJson(archive.stream(entry), gather, tally, entry.name);
      if (found === 0) tally.left('other_files', entry.name);
    } catch (error) {
      // One bad file of many; a file that is made to do harm ends the whole.
      if (!isAppError(error, 'invalid_input') || error.data['reason'] !== 'import_not_json') throw error;
      tally.left('other_files', entry.name);
    }
  }
}

/** Returns how many values were chats or parts of them. */
async function readJson(
  pieces: AsyncIterable<Uint8Array>,
  gather: Gathering,
  tally: Tally,
  entryName?: string,
): Promise<number> {
  let found = 0;
  gather.begin();
  for await (const { value, list } of jsonValues(pieces, () => tally.left('cut_off', entryName))) {
    const fields = fieldsOf(value);
    if (fields !== null && gather.value(fields, list)) found++;
    // In an archive, files about the account and the like are no chats: they count as one file.
    else if (Array.isArray(value) && gather.list(value)) found++;
    else if (entryName === undefined) tally.left('unknown_values', JSON.stringify(value).slice(0, 60));
  }
  gather.endOfFile();
  return found;
}

interface Gathering {
  /** A file begins. */
  begin(): void;
  /** Takes a value: false where it is no chat and no part of one. */
  value(value: Fields, list: number): boolean;
  /** Takes a list of messages that is a line of its own. */
  list(values: readonly unknown[]): boolean;
  /** Takes a whole file of GPT4All. */
  bytes(bytes: Buffer): void;
  endOfFile(): void;
  /** Nothing follows. @throws AppError `invalid_input` when there was no chat. */
  end(): void;
}

/** Gathers the chats of all files of an import: some forms spread one over several values. */
function createGathering(
  { keepFile, now, onChat }: ReadOptions,
  tally: Tally,
  fileNamed: ReadContext['fileNamed'],
): Gathering {
  const context: ReadContext = { tally, keepFile, fileNamed };
  let chats = 0;
  let seen = 0;
  /** Messages by themselves, of the list that is being read. */
  let alone: { readonly list: number; readonly messages: Fields[] } | null = null;
  const threads = new Map<string, Fields>();
  const threadMessages = new Map<string, Fields[]>();

  function add(format: ExchangeFormat, found: FoundChat | null): void {
    if (found === null) return;
    seen++;
    const chat = buildChat(found, tally, now);
    if (chat === null) return;
    if (++chats > importLimits.chats)
      throw new AppError('invalid_input', 'The file has too many chats.', {
        reason: 'import_too_many_chats',
        field: 'file',
        limit: importLimits.chats,
      });
    tally.came('chats');
    onChat({ format, sourceId: found.sourceId ?? null, digest: digestOf(chat), chat });
  }

  function endAlone(): void {
    if (alone !== null) add('messages', readOpenAiMessages(alone.messages, context));
    alone = null;
  }

  return {
    begin: endAlone,
    value(value, list) {
      if (isHearthHeader(value)) {
        checkHearthHeader(value);
        return true;
      }
      if (isJanThread(value)) {
        threads.set(keyIn(value['id']) ?? '', value);
        return true;
      }
      if (isJanMessage(value)) {
        const thread = keyIn(value['thread_id']) ?? '';
        const before = threadMessages.get(thread);
        if (before) before.push(value);
        else threadMessages.set(thread, [value]);
        return true;
      }
      const form = chatForms.find(({ is }) => is(value));
      if (form) {
        endAlone();
        add(form.format, form.read(value, context));
        return true;
      }
      if (!isOpenAiMessage(value)) return false;
      if (alone !== null && alone.list !== list) endAlone();
      alone ??= { list, messages: [] };
      if (alone.messages.length < importLimits.messagesPerChat + 1) alone.messages.push(value);
      return true;
    },
    list(values) {
      const messages = objectsOf(values);
      if (messages.length === 0 || !messages.every(isOpenAiMessage)) return false;
      endAlone();
      add('messages', readOpenAiMessages(messages, context));
      return true;
    },
    bytes: (bytes) => add('gpt4all', readGpt4AllChat(bytes, context)),
    endOfFile: endAlone,
    end() {
      endAlone();
      for (const [id, messages] of threadMessages)
        add('jan', readJanThread(threads.get(id) ?? null, messages, context));
      for (const [id, thread] of threads)
        if (!threadMessages.has(id)) tally.left('empty_chats', textIn(thread['title']));
      if (seen === 0)
        throw new AppError('invalid_input', 'There are no chats in this file that Hearth can read.', {
          reason: 'import_no_chats',
          field: 'file',
        });
    },
  };
}
