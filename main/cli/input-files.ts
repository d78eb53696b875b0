/** Files that a command line names as its input. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../../preload/wire/errors.ts';
import { parseJsonText } from '../base/json-text.ts';

/**
 * The text of a file, or of standard input for `-`: UTF-8, or UTF-16 with a byte order mark, as some programs of Windows write it.
 * @throws AppError `not_found`.
 */
export async function readTextFile(file: string): Promise<string> {
  try {
    const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
    const mark = bytes.toString('latin1', 0, 2);
    const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : 'utf-8';
    // The decoder drops the mark.
    return new TextDecoder(encoding).decode(bytes);
  } catch (error) {
    throw new AppError('not_found', whyUnreadable(file, error));
  }
}

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
