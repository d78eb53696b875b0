/**
 * Chats from and for other programs. An import is looked at first: its file is read by a thread into a folder of its own, and stored when the
 * user says so. An export goes to the page in pieces, or to a file of the desktop's dialog.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type {
  exchangeRoutes,
  ExchangeFormat,
  ExportEvent,
  ImportEvent,
  ImportPreview,
} from '../../../preload/contract/exchange.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { InputOf } from '../../../preload/wire/rpc.ts';
import { shownName } from '../../base/foreign-text.ts';
import { listImported } from '../../store/chat-origins.ts';
import { getChat, listChatIds } from '../../store/chats.ts';
import type { Files } from '../../store/files.ts';
import { listMessages } from '../../store/messages.ts';
import { storeError } from '../../store/store-error.ts';
import type { Store } from '../../store/store.ts';
import type { HiddenChats } from '../hidden-chats.ts';
import { importLimits } from './exchanged-chat.ts';
import { createDuplicates, importChats, readLines } from './import-chats.ts';
import { readChatFile } from './read/read-file.ts';
import type { ExportedChat } from './write/exported-chat.ts';
import { exportFile, writeChats, type WriteOrder } from './write/write-chats.ts';

export interface ExchangeOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'putFile' | 'settle' | 'deleteUnnamed' | 'sizeOf' | 'pathOf'>;
  readonly chats: HiddenChats;
  /** A folder for what was read of a file until it is stored. Its contents are deleted with the app. */
  readonly folder: string;
  /** The desktop's dialog for the name of a new file; null without one. Resolves with null when it was closed. */
  readonly pickTarget: ((fileName: string) => Promise<string | null>) | null;
  readonly now?: () => number;
}

type ExportOrder = InputOf<typeof exchangeRoutes, 'exchange.export'>;

export interface Exchange {
  /** Writes chats. The end of the generator by its reader leaves no half file. @throws as the route says. */
  export(order: ExportOrder, signal: AbortSignal): AsyncGenerator<ExportEvent>;
  /** Reads a file of chats and says what is in it. @throws AppError `invalid_input`, `disk.full`, `cancelled`. */
  preview(fileName: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ImportPreview>;
  /** Stores the chats of a file that was looked at. @throws AppError `not_found`, `disk.full`. */
  import(importId: string, skipDuplicates: boolean, signal: AbortSignal): AsyncGenerator<ImportEvent>;
  discard(importId: string): Promise<void>;
  undoImport(importId: string): { removedChats: number; keptChats: number };
  /** Deletes what was read and not stored. */
  close(): void;
}

/** Files that wait to be stored. More are a defect of a page or somebody who fills the disk. */
const MAX_WAITING = 4;
const MAX_SAMPLES = 50;
const PROGRESS_MS = 100;
/** Of one file in an export; the limit of an import is the same. */
const MAX_FILE_BYTES = importLimits.attachmentBytes;

interface Waiting {
  readonly folder: string;
  readonly chatCount: number;
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { store, files, chats, folder } = options;
  const now = options.now ?? Date.now;
  const waiting = new Map<string, Waiting>();
  // What a killed app left.
  rmSync(folder, { recursive: true, force: true });

  async function drop(importId: string): Promise<void> {
    const known = waiting.get(importId);
    waiting.delete(importId);
    if (known) await rm(known.folder, { recursive: true, force: true });
  }

  function readExport(chatId: string): ExportedChat | null {
    try {
      return { chat: getChat(store, chatId), messages: listMessages(store, chatId) };
    } catch (error) {
      if (isAppError(error, 'not_found')) return null;
      throw error;
    }
  }

  return {
    async *export({ chatIds, labels, format, reasoning, archive, target }, signal) {
      const ids = chatIds ?? listChatIds(store);
      const [only] = ids;
      const first = ids.length === 1 && only !== undefined ? getChat(store, only) : null;
      const left = new Set<string>();
      const order: WriteOrder = {
        ...{ chatIds: ids, labels, format, reasoning, archive, now: now(), read: readExport },
        fileBytes({ sha256 }) {
          const size = files.sizeOf(sha256);
          if (size !== null && size <= MAX_FILE_BYTES) return readFileSync(files.pathOf(sha256));
          left.add(sha256);
          return null;
        },
      };
      const file = exportFile(order, first === null ? null : first.title || labels.untitled);
      const start: ExportEvent = { type: 'start', ...file, chatCount: ids.length };
      const leftOutFiles = (): number => left.size;
      if (target === 'page') yield* toPage(order, start, leftOutFiles, signal);
      else {
        if (options.pickTarget === null)
          throw new AppError('unsupported', 'A browser has no dialog of its own.', { reason: 'desktop_only' });
        const picked = await options.pickTarget(file.fileName);
        if (picked !== null) yield* toFile(order, start, picked, leftOutFiles, signal);
      }
    },

    async preview(fileName, bytes, signal) {
      // The oldest goes: a page that was closed does not say so.
      for (const [oldest] of [...waiting].slice(0, Math.max(0, waiting.size - MAX_WAITING + 1))) await drop(oldest);
      const importId = randomUUID();
      const own = path.join(folder, importId);
      try {
        await mkdir(own, { recursive: true, mode: 0o700 });
        const source = path.join(own, 'source');
        await pipeline(bounded(bytes), createWriteStream(source, { flags: 'wx', mode: 0o600 }), { signal });
        const report = await readChatFile({ file: source, folder: own, now: now() }, signal);
        await rm(source, { force: true });
        const found = await lookAt(store, own, signal);
        waiting.set(importId, { folder: own, chatCount: found.chatCount });
        return { importId, fileName: shownName(fileName), ...report, ...found };
      } catch (error) {
        await rm(own, { recursive: true, force: true });
        if (signal.aborted) throw new AppError('cancelled', 'Cancelled.');
        throw storeError(error);
      }
    },

    async *import(importId, skipDuplicates, signal) {
      const known = waiting.get(importId);
      if (!known) throw new AppError('not_found', 'This file has to be chosen again.', { reason: 'import_gone' });
      waiting.delete(importId);
      try {
        const order = { importId, skipDuplicates, folder: known.folder, chatCount: known.chatCount };
        for await (const event of importChats({ store, files, chats, now }, order)) {
          if (signal.aborted && event.type === 'progress') return;
          yield event;
        }
      } finally {
        await rm(known.folder, { recursive: true, force: true });
      }
    },

    discard: drop,

    undoImport(importId) {
      const imported = listImported(store, importId);
      const unchanged = imported.flatMap(({ chatId, isUnchanged }) => (isUnchanged ? [chatId] : []));
      if (unchanged.length > 0) chats.discard(unchanged);
      return { removedChats: unchanged.length, keptChats: imported.length - unchanged.length };
    },

    close() {
      waiting.clear();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The bytes, up to the limit of an import. */
async function* bounded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of bytes) {
    size += piece.byteLength;
    if (size > importLimits.fileBytes)
      throw new AppError('invalid_input', 'The file is too large.', {
        reason: 'import_file_too_large',
        field: 'file',
        maxBytes: importLimits.fileBytes,
      });
    yield piece;
  }
}

/** What a file that was read would add. */
async function lookAt(
  store: Store,
  folder: string,
  signal: AbortSignal,
): Promise<Pick<ImportPreview, 'formats' | 'chatCount' | 'duplicateCount' | 'samples'>> {
  const isDuplicate = createDuplicates(store);
  const formats = new Map<ExchangeFormat, number>();
  const samples: ImportPreview['samples'][number][] = [];
  let chatCount = 0;
  let duplicateCount = 0;
  for await (const read of readLines(folder)) {
    signal.throwIfAborted();
    chatCount++;
    formats.set(read.format, (formats.get(read.format) ?? 0) + 1);
    const isSame = isDuplicate(read);
    if (isSame) duplicateCount++;
    const { title, updatedAt, messages } = read.chat;
    if (samples.length < MAX_SAMPLES)
      samples.push({ title, updatedAt, messageCount: messages.length, isDuplicate: isSame });
  }
  return {
    chatCount,
    duplicateCount,
    samples,
    formats: [...formats].map(([format, chats]) => ({ format, chats })),
  };
}

async function* toPage(
  order: WriteOrder,
  start: ExportEvent,
  leftOutFiles: () => number,
  signal: AbortSignal,
): AsyncGenerator<ExportEvent> {
  yield start;
  let bytes = 0;
  let done = -1;
  for await (const piece of writeChats(order)) {
    if (signal.aborted) return;
    bytes += piece.bytes.length;
    yield { type: 'piece', base64: piece.bytes.toString('base64') };
    if (piece.doneChats !== done) yield { type: 'progress', doneChats: (done = piece.doneChats), bytes };
  }
  yield { type: 'end', bytes, leftOutFiles: leftOutFiles(), savedAs: null };
}

/** Writes beside the target, which gets its name when the file is whole: an earlier file of that name is not lost to a full disk. */
async function* toFile(
  order: WriteOrder,
  start: ExportEvent,
  target: string,
  leftOutFiles: () => number,
  signal: AbortSignal,
): AsyncGenerator<ExportEvent> {
  const incomplete = `${target}.incomplete`;
  let bytes = 0;
  let isWhole = false;
  try {
    yield start;
    const file = await open(incomplete, 'w', 0o600);
    try {
      let told = 0;
      for await (const piece of writeChats(order)) {
        if (signal.aborted) return;
        await file.writeFile(piece.bytes);
        bytes += piece.bytes.length;
        if (Date.now() - told < PROGRESS_MS) continue;
        told = Date.now();
        yield { type: 'progress', doneChats: piece.doneChats, bytes };
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(incomplete, target);
    isWhole = true;
    yield { type: 'end', bytes, leftOutFiles: leftOutFiles(), savedAs: path.basename(target) };
  } catch (error) {
    throw storeError(error);
  } finally {
    if (!isWhole) await rm(incomplete, { force: true });
  }
}
