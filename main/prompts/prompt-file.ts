/**
 * Files of prompts. Hearth's own is `{ "format": "hearth-prompts", "version": 1, "prompts": [{ name, description, text }] }`. Open WebUI's is
 * a list of objects with `command` (with or without a slash), `title` (newer versions: `name`) and `content`.
 */
import { MAX_PROMPT_DESCRIPTION, MAX_PROMPT_NAME } from '../../preload/contract/prompt-limits.ts';
import {
  promptSchema,
  type PromptContent,
  type PromptForm,
  type RefusedPrompt,
} from '../../preload/contract/prompts.ts';
import { AppError } from '../../preload/wire/errors.ts';

const FORMAT = 'hearth-prompts';
const VERSION = 1;
/** More than the library holds, so that a file says how many did not fit. */
const MAX_ENTRIES = 20_000;

/** The prompts of a file; of an entry that is none, the reason. @throws AppError `invalid_input`. */
export function readPromptFile(text: string): readonly (PromptContent | RefusedPrompt)[] {
  const file = parse(text);
  if (isObject(file) && file['format'] === FORMAT && typeof file['version'] === 'number' && file['version'] > VERSION)
    throw new AppError('invalid_input', 'This file was written by a newer version of Hearth.', {
      reason: 'prompts_newer',
    });
  const entries = Array.isArray(file) ? (file as readonly unknown[]) : listIn(file);
  if (!entries?.some(looksLikePrompt))
    throw new AppError('invalid_input', 'This file contains no prompts.', { reason: 'no_prompts' });
  if (entries.length > MAX_ENTRIES)
    throw new AppError('invalid_input', `This file has more than ${MAX_ENTRIES} prompts.`, {
      ...{ reason: 'too_many_prompts', limit: MAX_ENTRIES },
    });
  return entries.map(promptOf);
}

/** The file with these prompts. */
export function writePromptFile(form: PromptForm, prompts: readonly PromptContent[], now: number): string {
  switch (form) {
    case 'hearth': {
      const contents = prompts.map(({ name, description, text }) => ({ name, description, text }));
      return `${JSON.stringify({ format: FORMAT, version: VERSION, prompts: contents }, null, 2)}\n`;
    }
    case 'open-webui': {
      const commands = new Set<string>();
      return `${JSON.stringify(
        prompts.map(({ name, text }) => {
          const command = freeCommand(name, commands);
          // `title` is read by older versions, `name` by newer ones; the time is in seconds there.
          return { command, title: name, name, content: text, timestamp: Math.floor(now / 1000) };
        }),
        null,
        2,
      )}\n`;
    }
    default:
      return form satisfies never;
  }
}

/** `name`, or with a number behind it so that `isTaken` is false. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) {
    const end = ` (${number})`;
    const next = `${[...name].slice(0, MAX_PROMPT_NAME - end.length).join('')}${end}`;
    if (!isTaken(next)) return next;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (cause) {
    throw new AppError('invalid_input', 'This file is no JSON.', { reason: 'file_not_json' }, { cause });
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The list of a file that is an object; a single prompt is a list of one. */
function listIn(file: unknown): readonly unknown[] | null {
  if (!isObject(file)) return null;
  if (Array.isArray(file['prompts'])) return file['prompts'] as readonly unknown[];
  return looksLikePrompt(file) ? [file] : null;
}

const looksLikePrompt = (entry: unknown): boolean =>
  isObject(entry) && (typeof entry['content'] === 'string' || typeof entry['text'] === 'string');

function promptOf(entry: unknown): PromptContent | RefusedPrompt {
  if (!isObject(entry)) return 'not_a_prompt';
  const text = entry['text'] ?? entry['content'];
  if (typeof text !== 'string' || text.trim() === '') return typeof text === 'string' ? 'no_text' : 'not_a_prompt';
  const command = oneLine(entry['command']).replace(/^\//, '');
  const name = oneLine(entry['name']) || oneLine(entry['title']) || command;
  if (name === '') return 'no_name';
  const parsed = promptSchema.safeParse({
    name: cut(name, MAX_PROMPT_NAME),
    description: cut(oneLine(entry['description']), MAX_PROMPT_DESCRIPTION),
    text,
  });
  return parsed.success ? parsed.data : 'too_long';
}

const oneLine = (value: unknown): string =>
  typeof value === 'string'
    ? value
        .slice(0, 10_000)
        .replace(/[\p{Cc}\s]+/gu, ' ')
        .trim()
    : '';

/** Cut between characters, also where one is two UTF-16 units. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end).trim();
}

/** Letters, digits and hyphens: what Open WebUI takes behind the slash. */
function freeCommand(name: string, taken: Set<string>): string {
  const plain =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'prompt';
  let command = `/${plain}`;
  for (let number = 2; taken.has(command); number++) command = `/${plain}-${number}`;
  taken.add(command);
  return command;
}
