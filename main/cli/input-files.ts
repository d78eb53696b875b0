/** Files that a command line names as its input. */
import { readFile, stat } from 'node:fs/promises';
import { MAX_TEXT_LENGTH } from '../../preload/contract/message-parts.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { parseJsonText } from '../base/json-text.ts';

/** A character has four bytes at most in UTF-8 and in UTF-16. */
const MAX_PROMPT_BYTES = 4 * MAX_TEXT_LENGTH;
/** The largest string of V8 has 512 MiB. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024;

/**
 * The text of a file, or of standard input for `-`: UTF-8, or UTF-16 with a byte order mark, as some programs of Windows write it.
 * @throws AppError `not_found`.
 */
export async function readTextFile(file: string): Promise<string> {
  try {
    return decoded(file === '-' ? await readStandardInput() : await readFile(file));
  } catch (error) {
    throw isAppError(error) ? error : new AppError('not_found', whyUnreadable(file, error));
  }
}

/** A text file for a prompt, or standard input for `-`. @throws AppError `not_found`, `unsupported` for a file that is no text, `invalid_input` for one that is too long. */
export async function readPromptFile(file: string): Promise<string> {
  const facts = file === '-' ? null : await stat(file).catch(() => null);
  if (facts !== null && facts.isFile() && facts.size > MAX_PROMPT_BYTES) throw tooLong(file);
  const text = await readTextFile(file);
  if (text.includes('\0'))
    throw new AppError('unsupported', `${file} is no text file. Only text can be put before a prompt.`, {
      file,
    });
  return text;
}

function decoded(bytes: Buffer): string {
  const mark = bytes.toString('latin1', 0, 2);
  const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : 'utf-8';
  // The decoder drops the mark.
  return new TextDecoder(encoding).decode(bytes);
}

async function readStandardInput(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_INPUT_BYTES) throw tooLong('Standard input');
  }
  return Buffer.concat(pieces);
}

const tooLong = (what: string): AppError =>
  new AppError('invalid_input', `${what} is too long.`, { reason: 'too_long' });

/** The JSON value in a file. @throws AppError `not_found`, `invalid_input`. */
export async function readJsonFile(file: string, numberOf?: (source: string) => unknown): Promise<unknown> {
  return parseJsonText(await readTextFile(file), file, numberOf);
}

function whyUnreadable(file: string, error: unknown): string {
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case 'ENOENT':
      return `There is no file ${file}.`;
    case 'EISDIR':
      return `${file} is a folder.`;
    case 'EACCES':
    case 'EPERM':
      return `There is no permission to read ${file}.`;
    default:
      return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
