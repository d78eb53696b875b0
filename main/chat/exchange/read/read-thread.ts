/**
 * The thread that reads a file of chats: a hostile one can use up this thread's memory and time and not main's. It leaves the chats in a
 * file, one in each line, and the attached files beside it, by their hashes.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError, type ErrorBody } from '../../../../preload/wire/errors.ts';
import { importLimits, type ReadReport } from '../exchanged-chat.ts';
import { filePart } from './chat-builder.ts';
import { readChats } from './read-chats.ts';

export interface ReadOrder {
  readonly file: string;
  /** Gets `chats.jsonl` and `files/`. */
  readonly folder: string;
  readonly now: number;
}

export type ReadAnswer = { readonly report: ReadReport } | { readonly error: ErrorBody };

function keeper(
  folder: string,
): (bytes: Uint8Array, name: string, mediaType: string) => ReturnType<typeof filePart> | null {
  let total = 0;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return (bytes, name, mediaType) => {
    if (bytes.length > importLimits.attachmentBytes || total + bytes.length > importLimits.attachmentsBytes)
      return null;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const target = path.join(folder, sha256);
    if (!existsSync(target)) {
      total += bytes.length;
      writeFileSync(target, bytes, { mode: 0o600 });
    }
    return filePart({ sha256, name: plainName(name), mediaType, sizeBytes: bytes.length });
  };
}

const plainName = (name: string): string =>
  name
    .toWellFormed()
    .replaceAll(/[/\\\p{Cc}]/gu, '_')
    .slice(0, 200)
    .toWellFormed() || 'file';

async function run({ file, folder, now }: ReadOrder): Promise<ReadAnswer> {
  const output = openSync(path.join(folder, 'chats.jsonl'), 'wx', 0o600);
  try {
    const keepFile = keeper(path.join(folder, 'files'));
    const onChat = (chat: object): void => void writeSync(output, `${JSON.stringify(chat)}\n`);
    return { report: await readChats({ file, now, keepFile, onChat }) };
  } catch (error) {
    return { error: encodeError(error) };
  } finally {
    closeSync(output);
  }
}

parentPort?.postMessage(await run(workerData as ReadOrder));
