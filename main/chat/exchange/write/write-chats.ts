/** Writes chats in one of the forms of exports, piece by piece: one chat is in memory at a time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExportFormat } from '../../../../preload/contract/exchange.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import { titleOfExport, type ExportedChat, type WriteOptions } from './exported-chat.ts';
import { jsonHeader, jsonOf } from './json.ts';
import { markdownOf } from './markdown.ts';
import { plainTextOf } from './plain-text.ts';
import { createZipWriter } from './zip-writer.ts';

export interface WriteOrder extends WriteOptions {
  readonly chatIds: readonly string[];
  /** Null where the chat was deleted meanwhile. */
  readonly read: (chatId: string) => ExportedChat | null;
  readonly archive: boolean;
  readonly now: number;
}

export interface ExportPiece {
  readonly bytes: Buffer;
  readonly doneChats: number;
}

const endings: Readonly<Record<ExportFormat, { readonly ending: string; readonly mediaType: string }>> = {
  markdown: { ending: 'md', mediaType: 'text/markdown' },
  json: { ending: 'json', mediaType: 'application/json' },
  html: { ending: 'html', mediaType: 'text/html' },
  text: { ending: 'txt', mediaType: 'text/plain' },
};

/** Text is given out in pieces of about this size. */
const PIECE_BYTES = 128 * 1024;
/** Archives without Zip64 end there, and so do their entries. */
const MAX_ARCHIVE_BYTES = 4_000_000_000;
const MAX_ARCHIVE_ENTRIES = 65_000;

/** Whether the export is an archive: several chats that are no JSON, or where it is wanted. */
const isArchive = ({ format, archive, chatIds }: Pick<WriteOrder, 'format' | 'archive' | 'chatIds'>): boolean =>
  archive || (format !== 'json' && chatIds.length !== 1);

/** The name and the type of the file. `title` is that of the only chat. */
export function exportFile(
  order: Pick<WriteOrder, 'format' | 'archive' | 'chatIds' | 'now'>,
  title: string | null,
): { readonly fileName: string; readonly mediaType: string } {
  const day = new Date(order.now).toISOString().slice(0, 10);
  const stem = title === null ? `hearth-chats-${day}` : plainName(title);
  if (isArchive(order)) return { fileName: `${stem}.zip`, mediaType: 'application/zip' };
  const { ending, mediaType } = endings[order.format];
  return { fileName: `${stem}.${ending}`, mediaType };
}

/** A name that every system takes for a file: without separators, controls, dots at the ends and names of devices. */
function plainName(title: string): string {
  const plain = title
    .toWellFormed()
    .replaceAll(/[/\\:*?"<>|\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 80)
    .toWellFormed()
    .replaceAll('\ufffd', '')
    .replace(/^[. ]+|[. ]+$/g, '');
  return plain === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(plain) ? 'chat' : plain;
}

/** The bytes of the file. @throws AppError `invalid_input` for an archive beyond 4 GB. */
export async function* writeChats(order: WriteOrder): AsyncGenerator<ExportPiece> {
  if (isArchive(order)) yield* archived(order);
  else yield* gathered(plain(order));
}

interface TextPiece {
  readonly text: string;
  readonly doneChats: number;
}

async function* plain(order: WriteOrder): AsyncGenerator<TextPiece> {
  const isJson = order.format === 'json';
  if (isJson) yield { text: `[${jsonHeader(order.now)}`, doneChats: 0 };
  let doneChats = 0;
  for (const chatId of order.chatIds) {
    const exported = order.read(chatId);
    if (exported !== null) {
      if (isJson) yield { text: ',\n', doneChats };
      for await (const text of textOf(exported, order)) yield { text, doneChats };
    }
    doneChats++;
  }
  yield { text: isJson ? ']\n' : '', doneChats };
}

/** Joins short texts, and lets main do other things between pieces. */
async function* gathered(pieces: AsyncIterable<TextPiece>): AsyncGenerator<ExportPiece> {
  let texts: string[] = [];
  let chars = 0;
  let done = 0;
  for await (const { text, doneChats } of pieces) {
    texts.push(text);
    chars += text.length;
    done = doneChats;
    if (chars < PIECE_BYTES) continue;
    yield { bytes: Buffer.from(texts.join('')), doneChats };
    [texts, chars] = [[], 0];
    await nextTurn();
  }
  yield { bytes: Buffer.from(texts.join('')), doneChats: done };
}

async function* archived(order: WriteOrder): AsyncGenerator<ExportPiece> {
  if (order.chatIds.length > MAX_ARCHIVE_ENTRIES) throw tooLarge();
  const zip = createZipWriter();
  const names = new Map<string, number>();
  let doneChats = 0;
  for (const chatId of order.chatIds) {
    const exported = order.read(chatId);
    doneChats++;
    if (exported === null) continue;
    const texts: string[] = [];
    if (order.format === 'json') texts.push(`[${jsonHeader(order.now)},\n`);
    for await (const text of textOf(exported, order)) texts.push(text);
    if (order.format === 'json') texts.push(']\n');
    const bytes = Buffer.from(texts.join(''));
    const name = freeName(plainName(titleOfExport(exported, order.labels)), endings[order.format].ending, names);
    for (const piece of await zip.entry(name, bytes, exported.chat.updatedAt)) yield { bytes: piece, doneChats };
    if (zip.size() > MAX_ARCHIVE_BYTES) throw tooLarge();
  }
  for (const piece of zip.end()) yield { bytes: piece, doneChats };
}

const tooLarge = (): AppError =>
  new AppError('invalid_input', 'An archive cannot hold that much. Export as JSON, or fewer chats at a time.', {
    reason: 'export_too_large',
    field: 'chatIds',
  });

/** The name with a number where another chat has it. Systems that ignore case would unpack one over the other. */
function freeName(stem: string, ending: string, taken: Map<string, number>): string {
  // From the last number on: thousands of chats may have one title.
  for (let number = taken.get(stem.toLowerCase()) ?? 1; ; number++) {
    const name = `${stem}${number === 1 ? '' : ` (${number})`}`;
    if (number > 1 && taken.has(name.toLowerCase())) continue;
    taken.set(stem.toLowerCase(), number + 1);
    if (number > 1) taken.set(name.toLowerCase(), 2);
    return `${name}.${ending}`;
  }
}

async function* textOf(exported: ExportedChat, options: WriteOptions): AsyncGenerator<string> {
  switch (options.format) {
    case 'json':
      yield* jsonOf(exported, options);
      return;
    case 'markdown':
      yield* markdownOf(exported, options);
      return;
    case 'text':
      yield* plainTextOf(exported, options);
      return;
    case 'html': {
      // Loaded only here: a start does not need it.
      const { htmlOf } = await import('./html.ts');
      for (const text of htmlOf(exported, options)) {
        yield text;
        await nextTurn();
      }
      return;
    }
    default:
      return options.format satisfies never;
  }
}
