/** What the readers of the formats get beside the value that they read. */
import type { MessagePart } from '../../../../preload/contract/message-parts.ts';
import type { FoundChat } from './chat-builder.ts';
import type { Tally } from './tally.ts';
import type { Fields } from './values.ts';

export interface ReadContext {
  readonly tally: Tally;
  /** Keeps the bytes of an attached file. Null where they are too many: then it is counted as left out. */
  keepFile(bytes: Uint8Array, name: string, mediaType: string): MessagePart | null;
  /** The bytes of a file that came with the chats in one archive, whose name has this text; null where there is none. */
  fileNamed(part: string): Uint8Array | null;
}

/** Reads the chat of one value. Null where it is none after all. */
export type ReadChatValue = (value: Fields, context: ReadContext) => FoundChat | null;

/** Media types that are kept, by the beginning of the bytes: names and headers may say anything. */
const signatures: readonly (readonly [mediaType: string, bytes: readonly number[], at?: number])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
  ['audio/wav', [0x57, 0x41, 0x56, 0x45], 8],
  ['audio/ogg', [0x4f, 0x67, 0x67, 0x53]],
  ['audio/mpeg', [0x49, 0x44, 0x33]],
  ['application/pdf', [0x25, 0x50, 0x44, 0x46]],
];

/** The media type of these bytes; null for one that is not kept. */
export function mediaTypeOf(bytes: Uint8Array): string | null {
  const found = signatures.find(([, magic, at = 0]) => magic.every((byte, index) => bytes[at + index] === byte));
  return found?.[0] ?? null;
}

/** Bytes of a data URL are at most so long as text. */
const MAX_DATA_URL_CHARS = 90_000_000;

/** The part of a picture or sound in a data URL; null where the address leads elsewhere, which is never opened. */
export function partOfDataUrl(address: string, name: string, context: ReadContext): MessagePart | null {
  const match = /^data:[\w.+-]+\/[\w.+-]+;base64,/.exec(address.slice(0, 200));
  if (match === null || address.length > MAX_DATA_URL_CHARS) return null;
  const bytes = Buffer.from(address.slice(match[0].length), 'base64');
  const mediaType = mediaTypeOf(bytes);
  return mediaType === null ? null : context.keepFile(bytes, name, mediaType);
}

const thinkMarks = /^\s*<(think|thinking)>([\s\S]*?)<\/\1>\s*/;

/** A reply's text with reasoning between marks, as programs store it that do not part them. */
export function replyParts(text: string): MessagePart[] {
  const match = thinkMarks.exec(text);
  if (match === null) return [{ type: 'text', text }];
  return [
    { type: 'reasoning', text: (match[2] ?? '').trim(), durationMs: null },
    { type: 'text', text: text.slice(match[0].length) },
  ];
}

/** Code or output of a tool as a block in the text of a reply. */
export function codeBlock(text: string, language = ''): MessagePart {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return {
    type: 'text',
    text: `\n\n${fence}${language.replaceAll(/[^\w+#.-]/g, '')}\n${text.trimEnd()}\n${fence}\n\n`,
  };
}
