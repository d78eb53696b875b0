/** What may stand at the end of a line that is being typed, by the table of commands. */
import { completesOf, type CommandUsage, type Completes, type Option } from '../option.ts';
import { commonOptions, isCommand, usage } from '../usage.ts';

export interface Candidate {
  /** The whole word. */
  readonly text: string;
  /** What it is, for shells that show that; empty for none. */
  readonly help: string;
}

/** Words, and names that the shell finds itself. */
export interface Candidates {
  readonly words: readonly Candidate[];
  readonly also: 'files' | 'folders' | null;
}

/** The names of models: of those with files on this computer, or also of those elsewhere. */
export type ModelNames = (where: 'here' | 'anywhere') => Promise<readonly Candidate[]>;

const nothing: Candidates = { words: [], also: null };

/**
 * The candidates for the last of `words`, which are those of the line after `hearth`. `models` gives the names of models, and is
 * called only where one may stand.
 */
export async function candidatesFor(words: readonly string[], models: ModelNames): Promise<Candidates> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const at = before.findIndex((word) => !word.startsWith('-'));
  const name = before[at];
  if (name === undefined)
    return startingWith(current, [...commands(), ...(current.startsWith('-') ? firstOptions : [])]);
  if (name === 'help') return startingWith(current, commands());
  if (!isCommand(name)) return nothing;
  const command: CommandUsage = usage[name];
  const options: Readonly<Record<string, Option>> = { ...command.options, ...commonOptions };
  const rest = before.slice(at + 1);
  const isOver = rest.includes('--');
  const last = rest.at(-1) ?? '';
  const waiting = isOver ? undefined : optionOf(options, last);
  if (waiting !== undefined && waiting.kind !== 'flag')
    return await valuesOf(completesOf(waiting), current, '', models);
  const [, key = '', given] = /^--([^=]+)=(.*)$/s.exec(current) ?? [];
  if (!isOver && given !== undefined && Object.hasOwn(options, key)) {
    const option = options[key];
    return option === undefined ? nothing : await valuesOf(completesOf(option), given, `--${key}=`, models);
  }
  if (!isOver && current.startsWith('-')) return startingWith(current, optionsLeft(options, rest));
  const place = argumentsIn(rest, options);
  const argument = command.arguments[place] ?? command.arguments.findLast(({ isOpen }) => isOpen);
  return argument === undefined ? nothing : await valuesOf(argument.completes, current, '', models);
}

const commands = (): Candidate[] => [
  ...Object.entries(usage).map(([text, { purpose }]) => ({ text, help: firstSentence(purpose) })),
  { text: 'help', help: 'print the help of a command' },
];

const firstOptions: readonly Candidate[] = [
  { text: '--help', help: 'list the commands' },
  { text: '--version', help: 'print the version' },
];

const firstSentence = (text: string): string => /^.*?(?=[.;:,] |$)/.exec(text)?.[0] ?? text;

/** The option of a word such as `--seed` or `-o`; undefined for any other word, also for one with its value. */
function optionOf(options: Readonly<Record<string, Option>>, word: string): Option | undefined {
  if (/^-[^-]$/.test(word)) return Object.values(options).find(({ short }) => short === word.slice(1));
  const key = word.startsWith('--') ? word.slice(2) : '';
  return Object.hasOwn(options, key) ? options[key] : undefined;
}

/** The options that may still be given: one that is there already only where it may be repeated. */
function optionsLeft(options: Readonly<Record<string, Option>>, given: readonly string[]): Candidate[] {
  const used = (key: string): boolean => given.some((word) => word === `--${key}` || word.startsWith(`--${key}=`));
  return Object.entries(options)
    .filter(([key, { kind }]) => kind === 'list' || !used(key))
    .map(([key, { help }]) => ({ text: `--${key}`, help: firstSentence(help) }));
}

/** How many arguments stand among the words, without options and their values. */
function argumentsIn(words: readonly string[], options: Readonly<Record<string, Option>>): number {
  let count = 0;
  let isValue = false;
  let isOver = false;
  for (const word of words) {
    const option: Option | undefined = isOver || isValue ? undefined : optionOf(options, word);
    if (!isOver && word === '--') isOver = true;
    else if (!isValue && (isOver || !word.startsWith('-') || word === '-')) count += 1;
    isValue = option !== undefined && option.kind !== 'flag';
  }
  return count;
}

async function valuesOf(
  completes: Completes,
  current: string,
  prefix: string,
  models: ModelNames,
): Promise<Candidates> {
  if (typeof completes === 'object')
    return startingWith(
      prefix + current,
      completes.map((text) => ({ text: prefix + text, help: '' })),
    );
  switch (completes) {
    case 'model':
    case 'used_model': {
      const known = (await models(completes === 'model' ? 'here' : 'anywhere')).map(({ text, help }) => ({
        text: prefix + text,
        help,
      }));
      return { ...startingWith(prefix + current, known), also: 'files' };
    }
    case 'file':
      return { words: [], also: 'files' };
    case 'folder':
      return { words: [], also: 'folders' };
    case 'nothing':
      return nothing;
    default:
      return completes satisfies never;
  }
}

/** Case counts, as in a shell. */
const startingWith = (current: string, words: readonly Candidate[]): Candidates => ({
  words: words.filter(({ text }) => text.startsWith(current)),
  also: null,
});
