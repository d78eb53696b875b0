/** The prompt of a command: its argument, standard input, and text files before them. */
import { fstatSync } from 'node:fs';
import path from 'node:path';
import { MAX_TEXT_LENGTH } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readPromptFile, readTextFile } from './input-files.ts';
import { UsageError } from './invocation.ts';
import type { Output } from './output.ts';

/** After this time without the end of standard input a terminal is told what is waited for. */
const WAIT_NOTE_MS = 2000;

/** Whether text may come from standard input: from a pipe or a file, and not from a keyboard or nowhere. */
export function isPiped(): boolean {
  try {
    const facts = fstatSync(0);
    return facts.isFIFO() || facts.isFile() || facts.isSocket();
  } catch {
    // It is closed.
    return false;
  }
}

interface PromptOrder {
  /** The argument; `-` is standard input. */
  readonly prompt: string | undefined;
  readonly files: readonly string[];
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * The prompt: each file under its name, then the argument, then what comes through a pipe, with blank lines between them.
 * @throws UsageError without any, AppError `not_found`, `unsupported` for a file that is no text, `invalid_input` for too much.
 */
export async function promptOf({ prompt, files, output, signal }: PromptOrder): Promise<string> {
  const texts: string[] = [];
  for (const file of files) texts.push(`${path.basename(file)}:\n\n${(await readPromptFile(file)).trimEnd()}`);
  const readsInput = prompt === '-' || isPiped();
  if (prompt === undefined && !readsInput && texts.length === 0) throw missing();
  if (prompt !== undefined && prompt !== '-') texts.push(prompt);
  if (readsInput) {
    const piped = await readInput(prompt !== '-' && texts.length > 0, output, signal);
    // A pipe that gives nothing adds nothing, not even a blank line.
    if (piped !== '' || texts.length === 0) texts.push(piped);
  }
  const whole = texts.join('\n\n');
  // A pipe that gives nothing is no question.
  if ((prompt === undefined || prompt === '-') && whole.trim() === '' && !signal.aborted) throw missing();
  if (whole.length > MAX_TEXT_LENGTH)
    throw new AppError('invalid_input', `The prompt is longer than ${MAX_TEXT_LENGTH} characters.`);
  return whole;
}

const missing = (): UsageError =>
  new UsageError('The prompt is missing. It may also come from a pipe, or from --file.');

/**
 * Standard input to its end, without the line break there, by which a shell ends what it prints. A program that starts this one may leave
 * its pipe open for ever, so the wait for an addition is told. Empty when `signal` fires. @throws AppError as `readTextFile`.
 */
export async function readInput(isAddition: boolean, output: Output, signal: AbortSignal): Promise<string> {
  const note = setTimeout(() => {
    if (isAddition && !output.json)
      output.warning('Waiting for the end of standard input, which is added to the prompt. </dev/null leaves it out.');
  }, WAIT_NOTE_MS);
  // An interrupted read ends with what is there, and the command ends by its signal.
  const stop = (): void => void process.stdin.destroy();
  signal.addEventListener('abort', stop);
  try {
    return (await readTextFile('-')).replace(/\r?\n$/, '');
  } catch (error) {
    if (signal.aborted) return '';
    throw error;
  } finally {
    clearTimeout(note);
    signal.removeEventListener('abort', stop);
  }
}
