/**
 * GPT4All's `gpt4all-*.chat`, versions 10 to 12 of its form: values as Qt's QDataStream writes them, big-endian, texts in UTF-16 with their length
 * in bytes before them. The layout is that of `chat.cpp` and `chatmodel.cpp` in nomic-ai/gpt4all; earlier versions hold the state of the
 * model before the messages.
 */
import { AppError } from '../../../../../preload/wire/errors.ts';
import type { MessagePart } from '../../../../../preload/contract/message-parts.ts';
import type { FoundChat, FoundNode } from '../chat-builder.ts';
import { codeBlock, replyParts, type ReadContext } from '../reader.ts';

const MAGIC = 0xf5d553cc;
const NULL_TEXT = 0xffffffff;
const MAX_ITEMS = 100_000;

export const isGpt4AllChat = (bytes: Buffer): boolean => bytes.length > 8 && bytes.readUInt32BE(0) === MAGIC;

interface Item {
  readonly name: string;
  readonly value: string;
  readonly attachments: readonly { readonly name: string; readonly text: string }[];
  readonly sources: number;
}

/**
 * The chat; its last messages may be missing where the file ends early, which is counted.
 * @throws AppError `invalid_input` for another version of the form.
 */
export function readGpt4AllChat(bytes: Buffer, context: ReadContext): FoundChat {
  const stream = dataStream(bytes);
  stream.uint32();
  const version = stream.int32();
  if (version < 10 || version > 12)
    throw new AppError('invalid_input', 'This version of GPT4All wrote its chats in another form.', {
      reason: 'import_gpt4all_version',
      field: 'file',
      version,
    });
  const createdAt = Number(stream.int64()) * 1000;
  stream.text(); // The id.
  const title = stream.text();
  stream.text(); // The user's name, which GPT4All leaves empty.
  const modelName = stream.text();
  for (let left = stream.count(); left > 0; left--) stream.text(); // Names of collections.
  if (version < 11) skipModel(stream);
  const items: Item[] = [];
  try {
    for (let left = stream.int32(); left > 0 && items.length < MAX_ITEMS; left--) items.push(itemOf(stream, version));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.tally.left('cut_off', title);
  }
  const nodes = items.map((item, index): FoundNode => {
    const isReply = item.name.startsWith('Response');
    if (item.sources > 0) context.tally.left('files', title, item.sources);
    const named = item.attachments.map((one): MessagePart => ({ type: 'text', text: one.text, name: one.name }));
    return {
      key: String(index),
      parentKey: index === 0 ? null : String(index - 1),
      message: {
        role: isReply ? 'assistant' : item.name.startsWith('System') ? 'system' : 'user',
        parts: isReply ? replyParts(item.value) : [...named, { type: 'text', text: item.value }],
        createdAt: Number.isSafeInteger(createdAt) && createdAt > 0 ? createdAt : null,
        modelName: isReply ? modelName : null,
      },
    };
  });
  return { title, nodes, leafKey: null };
}

/** What stands before the messages until version 10. A saved state has no length of its own before version 10, so it is refused. */
function skipModel(stream: DataStream): void {
  if (stream.bool()) throw new RangeError('A state of a model.');
  stream.int32();
  stream.int32();
  stream.text();
  stream.text();
  stream.uint32();
}

function itemOf(stream: DataStream, version: number): Item {
  if (version < 12) stream.int32();
  const name = stream.text();
  let value = stream.text();
  stream.text(); // A reply that the user proposed.
  for (let flags = 0; flags < 4; flags++) stream.bool();
  if (version >= 11 && name.startsWith('Response')) stream.bool();
  const sources = Number(stream.int64());
  for (let left = sources; left > 0; left--) {
    for (let texts = 0; texts < 7; texts++) stream.text();
    for (let numbers = 0; numbers < 3; numbers++) stream.int32();
  }
  const attachments: { name: string; text: string }[] = [];
  for (let left = Number(stream.int64()); left > 0; left--) {
    const address = stream.bytes().toString('utf8');
    attachments.push({ name: lastOf(address), text: stream.bytes().toString('utf8') });
  }
  if (version >= 12) for (let left = Number(stream.int64()); left > 0; left--) value = subItem(stream, 0) + value;
  return { name, value, attachments, sources };
}

/** The text of a step of a reply, with those within it. */
function subItem(stream: DataStream, depth: number): string {
  if (depth > 8) throw new RangeError('Nested too deeply.');
  const name = stream.text();
  let text = stream.text();
  if (name.startsWith('ToolCall')) {
    stream.text();
    for (let left = Number(stream.int64()); left > 0; left--) {
      stream.text();
      stream.int32();
      // A QVariant: its type, whether it is null, and the text, which is all that GPT4All's one tool takes.
      stream.uint32();
      stream.bool();
      stream.text();
    }
    stream.text();
    stream.int32();
    stream.text();
  }
  const block = codeBlock(text);
  if (name.startsWith('ToolResponse') && block.type === 'text') text = block.text;
  for (let left = Number(stream.int64()); left > 0; left--) text += subItem(stream, depth + 1);
  return text;
}

function lastOf(address: string): string {
  const plain = address.slice(address.lastIndexOf('/') + 1, address.length).slice(0, 200);
  try {
    return decodeURIComponent(plain).replaceAll(/[/\\\p{Cc}]/gu, '_') || 'file';
  } catch {
    return plain || 'file';
  }
}

interface DataStream {
  uint32(): number;
  int32(): number;
  int64(): bigint;
  bool(): boolean;
  /** The number of elements of a list. */
  count(): number;
  text(): string;
  bytes(): Buffer;
}

/** Every reader throws a RangeError beyond the end. */
function dataStream(buffer: Buffer): DataStream {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > buffer.length) throw new RangeError('The file ends.');
    at += length;
    return buffer.subarray(at - length, at);
  };
  const uint32 = (): number => take(4).readUInt32BE();
  const bytes = (): Buffer => {
    const length = uint32();
    return length === NULL_TEXT ? Buffer.alloc(0) : take(length);
  };
  return {
    uint32,
    bytes,
    int32: () => take(4).readInt32BE(),
    int64: () => take(8).readBigInt64BE(),
    bool: () => take(1)[0] !== 0,
    count() {
      const count = uint32();
      if (count > MAX_ITEMS) throw new RangeError('Too many.');
      return count;
    },
    text() {
      const encoded = bytes();
      if (encoded.length % 2 !== 0) throw new RangeError('Half a character.');
      return Buffer.from(encoded).swap16().toString('utf16le');
    },
  };
}
