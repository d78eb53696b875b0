/** The texts of a command that takes many: its arguments, files, or the lines of standard input. */
import { MAX_TEXT_LENGTH } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readPromptFile, readTextFile } from './input-files.ts';
import { UsageError } from './invocation.ts';

/** UTF-16 units of one request, which has room for 16 MiB as JSON. */
const MAX_GROUP_LENGTH = 2 * MAX_TEXT_LENGTH;

/**
 * The arguments, then the files, each as one text; without any the lines of standard input that are not blank.
 * @throws UsageError where the user would have to type them, AppError `not_found`, `unsupported`, `invalid_input`.
 */
export async function textsOf(given: readonly string[], files: readonly string[], what: string): Promise<string[]> {
  const texts = [...given];
  for (const file of files) texts.push(await readPromptFile(file));
  if (texts.length === 0 && process.stdin.isTTY)
    throw new UsageError(`The ${what} is missing. It may also come from a pipe, or from --file.`);
  const all = texts.length > 0 ? texts : (await readTextFile('-')).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (all.length === 0) throw new AppError('invalid_input', `There is no ${what}: standard input is empty.`);
  const long = all.findIndex((text) => text.length > MAX_TEXT_LENGTH);
  if (long >= 0) throw new AppError('invalid_input', `Text ${long + 1} is longer than ${MAX_TEXT_LENGTH} characters.`);
  return all;
}

/** Texts in groups that one request carries, in order. */
export function* inGroups(texts: readonly string[], most: number): Generator<string[]> {
  let group: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (group.length > 0 && (group.length >= most || length + text.length > MAX_GROUP_LENGTH)) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(text);
    length += text.length;
  }
  if (group.length > 0) yield group;
}
