/** The texts of a command that takes many: its arguments, files, or the lines of standard input. */
import { MAX_TEXTS } from '../../preload/contract/inference.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readPromptFile, readTextFile } from './input-files.ts';
import { UsageError } from './invocation.ts';

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
  if (all.length > MAX_TEXTS)
    throw new AppError('invalid_input', `These are ${all.length} texts; ${MAX_TEXTS} are the most at a time.`);
  return all;
}
