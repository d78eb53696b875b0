/** Files that a command line names as its input. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../../preload/wire/errors.ts';
import { parseJsonText } from '../base/json-text.ts';

/** The text of a file, without the byte order mark that some programs of Windows write. @throws AppError `not_found`. */
export async function readTextFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
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
